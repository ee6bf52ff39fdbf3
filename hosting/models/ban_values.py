"""The one way in which each kind of Ban writes its value, so that it is found by equality."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Words of a banned phrase.
LONGEST_PHRASE = 4

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_WORD = re.compile(r"[^\W_]+")


def network(text: str) -> str:
    """An address or a network as "192.0.2.0/24"; bits beyond the prefix are dropped. ValueError for others.

    An IPv4 address in an IPv6 one is that IPv4 address.
    """
    head, _slash, prefix = text.strip().partition("/")
    found = address(head)
    length = int(prefix) if prefix else found.max_prefixlen
    if prefix and found.version == 4 and ":" in head:
        length -= 96
    return str(ip_network((str(found), length), strict=False))


def address(text: str) -> IPv4Address | IPv6Address:
    """An address; ValueError where it is none."""
    found = ip_address(text.strip())
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def mail_domain(text: str) -> str:
    """A domain in lower case and ASCII, of an address or alone. ValueError where it is none."""
    domain = text.strip().rpartition("@")[2].strip(".").lower()
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        raise ValueError(text) from None
    if not all(_LABEL.fullmatch(label) for label in domain.split(".")):
        raise ValueError(text)
    return domain


def phrase(text: str) -> str:
    """A word, or up to LONGEST_PHRASE of them, as `words` gives them. ValueError for none and for more."""
    found = words(text)
    if not 0 < len(found) <= LONGEST_PHRASE:
        raise ValueError(text)
    return " ".join(found)


def words(text: str) -> list[str]:
    """The words of a text without case and accents, which are no way round a ban."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(unicodedata.normalize("NFKC", bare))
