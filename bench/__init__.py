"""Measurements: `make bench` runs them and prints tables; nothing here is a test."""
