"""Banned mail domains: nobody signs up with an address there, nor at a domain below it."""

from __future__ import annotations

from hosting.admission import bans, spelling
from hosting.models import Ban


def is_banned(email: str) -> bool:
    """Whether the address's domain, or one above it, is banned: one query."""
    labels = spelling.domain_of(email).split(".")
    above = [".".join(labels[at:]) for at in range(len(labels))]
    return bool(bans.among(Ban.Kind.MAIL_DOMAIN, above))
