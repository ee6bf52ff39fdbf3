"""Decoders and encoders: bytes to pixels and back, and turning without decoding."""
