"""The views of this API, one noun a module: parse, one domain call, present."""
