"""What members do with their account: export, closing, client settings."""
