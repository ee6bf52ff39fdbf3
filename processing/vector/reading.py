"""From bytes to a tree of elements, in bounds: of depth, of number, and of what entities add."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.parsers import expat

from processing.errors import InvalidImage

MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
# Characters that entities and default attributes may add to what the file holds.
MAX_ADDED = 1 << 20
MAX_ENTITIES = 500

# References in an entity's text, each to one character.
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")


def root_of(data: bytes) -> dict[str, str]:
    """The attributes of the root of a sound document; InvalidImage for any other.

    Entities of plain text are known, as drawing programs write them; what is nested, external or made of
    elements is refused, as are depth and sheer number, while they are parsed.
    """
    root: dict[str, str] = {}
    depth = count = entities = 0
    # Every character that is parsed was one byte or more of the file, unless an entity has added it.
    left = len(data) + MAX_ADDED

    def spend(characters: int) -> None:
        nonlocal left
        left -= characters
        if left < 0:
            raise InvalidImage("The drawing's entities make it too large.")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        if not count:
            if name.rpartition(" ")[2] != "svg":
                raise InvalidImage("The file is not a drawing.")
            root.update(attributes)
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise InvalidImage("The drawing has too many elements.")
        spend(sum(map(len, attributes.values())))

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def text(characters: str) -> None:
        spend(len(characters))

    def entity(_: str, parameter: int, value: str | None, *external: str | None) -> None:
        nonlocal entities
        entities += 1
        if parameter or value is None or any(external[1:]) or entities > MAX_ENTITIES:
            raise InvalidImage("The drawing declares entities that are not plain text.")
        if "<" in value or _ENTITY.search(value):
            raise InvalidImage("The drawing declares entities that are not plain text.")

    def refuse(*_: object) -> int:
        raise InvalidImage("The drawing uses entities that it does not declare.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = entity
    parser.SkippedEntityHandler = parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise InvalidImage from error
    return root


def tree_of(data: bytes) -> ElementTree.Element:
    """The root of a document that root_of() has accepted; comments and instructions are left out."""
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - bounded by root_of()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InvalidImage from error
