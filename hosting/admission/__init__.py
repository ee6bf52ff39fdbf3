"""What may come in, and what waits: decided before anything is stored."""
