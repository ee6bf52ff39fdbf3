"""Who sends a request, as its address tells: the one place that decides what counts as one sender."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """The sender's address: the connection's, or the one that the trusted proxies in front report.

    An IPv4 client of an IPv6 socket has its IPv4 address; the zone of a link-local one is left out.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    hops = [hop.strip() for hop in forwarded if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    values = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR")
    try:
        found = ipaddress.ip_address((values or "").partition("%")[0])
    except ValueError:
        return None
    return str(_unmapped(found))


def network_of(address: str | None) -> str:
    """What counts as one sender: an IPv4 address, or the /64 that a provider gives one IPv6 customer.

    "" where the address is not known.
    """
    if not address:
        return ""
    found = _unmapped(ipaddress.ip_address(address.partition("%")[0]))
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _unmapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return getattr(address, "ipv4_mapped", None) or address
