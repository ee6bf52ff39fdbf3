"""Banned mail domains: nobody signs up with an address there, nor at a domain below it."""

from __future__ import annotations

from hosting.admission import bans
from hosting.models import Ban
from hosting.models.ban_values import mail_domain


def is_banned(email: str) -> bool:
    """Whether the address's domain, or one above it, is banned: one query."""
    try:
        labels = mail_domain(email).split(".")
    except ValueError:
        return False
    above = [".".join(labels[at:]) for at in range(len(labels))]
    return bool(bans.among(Ban.Kind.MAIL_DOMAIN, above))
