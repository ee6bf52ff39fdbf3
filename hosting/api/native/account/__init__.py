"""The account and its keys in the native API."""
