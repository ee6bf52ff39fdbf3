"""The pages and the bytes that people see in a browser."""
