"""The id in addresses: random, so that files cannot be found by counting."""

from __future__ import annotations

import secrets
import string

from django.db import models

ALPHABET = string.ascii_letters + string.digits
# 62^11 is 2^65: a guesser with a thousand tries a second needs a million years for one hit in a billion files.
LENGTH = 11


def make_public_id(length: int = LENGTH) -> str:
    """A fresh public id."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def public_id_field() -> models.CharField[str, str]:
    """The column of a public id, generated and never edited."""
    return models.CharField(max_length=24, unique=True, default=make_public_id, editable=False)
