"""Files in the native API."""
