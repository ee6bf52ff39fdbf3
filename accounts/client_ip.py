"""The address of the client at the other end of a connection, for visits and bans."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """The sender's address: the connection's, or the one that the trusted proxies in front report."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    hops = [hop.strip() for hop in forwarded if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    values = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR")
    try:
        return str(ipaddress.ip_address(values or ""))
    except ValueError:
        return None


def network_of(address: str | None) -> str:
    """What counts as one sender: an IPv4 address, or the /64 that a provider gives one IPv6 customer.

    "" where the address is not known.
    """
    if not address:
        return ""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
