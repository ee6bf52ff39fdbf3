"""Callers and what they may use: users, plans, API keys, quotas."""
