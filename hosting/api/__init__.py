"""The APIs: one folder a dialect, and what they share."""
