"""Webhooks: registering them, recording events, and sending them."""
