"""Albums in the native API."""
