"""Banned addresses and networks: nothing is uploaded from there, and nobody signs up."""

from __future__ import annotations

from accounts.models import User
from hosting.admission import bans, spelling
from hosting.errors import HostingError
from hosting.models import Ban


def refuse(user: User | None, ip: str | None) -> None:
    """Raise HostingError where `ip` lies in a banned network; staff are let through, to undo a mistake."""
    if (user is None or not user.is_staff) and is_banned(ip):
        raise HostingError("banned_network")


def is_banned(ip: str | None) -> bool:
    """Whether the address lies in a banned network: one query."""
    return ip is not None and bool(bans.among(Ban.Kind.NETWORK, _around(ip)))


def _around(ip: str) -> list[str]:
    """Every network that the address lies in, as it would be stored."""
    try:
        found = spelling.address_of(ip)
    except ValueError:
        return []
    bits, number = found.max_prefixlen, int(found)
    starts = (number >> bits - length << bits - length for length in range(bits + 1))
    return [f"{type(found)(start)}/{length}" for length, start in enumerate(starts)]
