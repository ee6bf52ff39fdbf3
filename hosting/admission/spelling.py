"""The one spelling of what a ban names, so that bans are found by equality."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.utils.translation import gettext as _

from hosting.models import Ban

# Wider networks hold whole countries.
WIDEST_IPV4, WIDEST_IPV6 = 8, 19
SHORTEST_WORD, LONGEST_PHRASE = 3, 4
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")

_WORD = re.compile(r"[^\W_]+")


def of_ban(kind: str, value: str) -> str:
    """The value as it is stored and compared. Raises ValueError, in words for people."""
    if kind == Ban.Kind.NETWORK:
        return _network(value)
    if kind == Ban.Kind.MAIL_DOMAIN:
        domain = domain_of(value)
        if not DOMAIN.fullmatch(domain):
            raise ValueError(_("This is no domain."))
        return domain
    found = words_of(value)
    if len("".join(found)) < SHORTEST_WORD:
        raise ValueError(_("A word has at least three characters."))
    if len(found) > LONGEST_PHRASE:
        raise ValueError(_("A phrase has at most four words."))
    return " ".join(found)


def address_of(text: str) -> IPv4Address | IPv6Address:
    """An address; one of IPv4 in IPv6 as that of IPv4. ValueError where it is none."""
    found = ip_address(text.strip())
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def domain_of(text: str) -> str:
    """The domain of an email address, or a domain alone, in lower case and ASCII."""
    domain = text.strip().rpartition("@")[2].strip(".").lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def words_of(text: str) -> list[str]:
    """The words of a text without case and accents, which are no way round a ban."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(unicodedata.normalize("NFKC", bare))


def _network(text: str) -> str:
    head, _slash, prefix = text.strip().partition("/")
    try:
        found = address_of(head)
        length = int(prefix) if prefix else found.max_prefixlen
        if prefix and found.version == 4 and ":" in head:
            length -= 96
        network = ip_network((str(found), length), strict=False)
    except ValueError as error:
        raise ValueError(_("This is no address or network, such as 192.0.2.0/24.")) from error
    if network.prefixlen < (WIDEST_IPV4 if network.version == 4 else WIDEST_IPV6):
        raise ValueError(_("This network is too wide."))
    return str(network)
