"""The one spelling of what a ban names."""

from __future__ import annotations

import ipaddress
import re

from django.utils.translation import gettext as _

from hosting.models import Ban

# Wider networks hold whole countries.
WIDEST_IPV4, WIDEST_IPV6 = 8, 19
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


def of_ban(kind: str, value: str) -> str:
    """The value as it is stored and compared. Raises ValueError, in words for people."""
    value = value.strip().lower()
    if kind == Ban.Kind.NETWORK:
        return _network(value)
    if kind == Ban.Kind.MAIL_DOMAIN:
        domain = value.rpartition("@")[2].strip(".")
        if not DOMAIN.fullmatch(domain):
            raise ValueError(_("This is no domain."))
        return domain
    word = " ".join(value.split())
    if len(word) < 3:
        raise ValueError(_("A word has at least three characters."))
    return word


def _network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise ValueError(_("This is no address or network, such as 192.0.2.0/24.")) from error
    widest = WIDEST_IPV4 if network.version == 4 else WIDEST_IPV6
    if network.prefixlen < widest:
        raise ValueError(_("This network is too wide."))
    return str(network)
