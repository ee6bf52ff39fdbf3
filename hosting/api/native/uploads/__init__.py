"""Resumable uploads (tus) in the native API."""
