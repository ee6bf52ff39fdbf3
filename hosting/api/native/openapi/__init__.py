"""What the native API's OpenAPI document is made of."""
