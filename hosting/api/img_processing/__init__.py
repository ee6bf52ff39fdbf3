"""IMG Processing's API (`/v1/images…`): images as resources, and transformations that make new ones.

The contract is the first-steps page of IMG Processing and its documentation. Where two generations of that
differ (`modulate`, sizes in `resize`), both are read; operations.py says how to distinguish them.
"""
