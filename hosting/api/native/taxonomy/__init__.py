"""Categories and tags in the native API."""
