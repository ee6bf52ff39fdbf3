"""Jobs in the native API."""
