"""The secret that deletes a file: its length, and how it is kept."""

from __future__ import annotations

import hashlib

DELETE_TOKEN_BYTES = 24


def digest_of(token: str) -> str:
    """How a delete token is kept: 192 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
