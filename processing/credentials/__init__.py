"""Content credentials (C2PA): what a file says of its origin, signed by whoever made it.

They are read, and kept where they stay true and tell nothing private. Signatures are not checked
(docs/decisions/0037).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from processing.containers import cleaned
from processing.credentials import store
from processing.credentials.carriers import CARRIERS, Held
from processing.credentials.store import Embedded, Manifest
from processing.errors import ProcessingError
from processing.formats import detect

MAX_NAME = 100

# Assertions that are kept: what was done, with what, and what the signature holds for. An allow-list: others
# hold places, persons, earlier pictures, or anything.
_KEPT = frozenset(
    {"c2pa.actions", "c2pa.actions.v2", "c2pa.hash.data", "c2pa.training-mining"}
    | {"c2pa.ingredient", "c2pa.ingredient.v2", "c2pa.ingredient.v3", "cawg.training-mining"}
)
# The picture itself, small.
_THUMBNAIL = "c2pa.thumbnail.claim"
# In any of their names or texts, these mean that more is told than that.
_PRIVATE = (
    "gps", "latitude", "longitude", "altitude", "location", "geo", "address", "serial", "owner", "exif",
    "email", "phone", "person",
)  # fmt: skip
_HASHES = frozenset({"sha256", "sha384", "sha512"})
# A hash, an identifier; more bytes than that could be a picture, unless they are but room.
_MOST_BYTES = 64


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a file's credentials say, unchecked.

    made_by: the program or device that made the claim. kept: whether the file that is served has them.
    """

    made_by: str
    kept: bool = False


def read(data: bytes, format: str) -> tuple[Credentials | None, bytes | None]:
    """What the credentials in a file say, None where it has none that can be read.

    Also the file without them, where it may be served with them as far as they are concerned: they are
    for these very bytes, and nothing private is in them.
    """
    held = CARRIERS[format](data) if format in CARRIERS else None
    manifests = store.manifests(held.store) if held else []
    if not held or not manifests:
        return None, None
    made_by = _generator(manifests[-1].claim)
    if not made_by:
        return None, None
    public = all(_is_public(manifest) for manifest in manifests)
    bare = held.without(data) if public and _is_bound(data, held, manifests[-1]) else None
    return Credentials(made_by), bare


def _generator(claim: dict[object, object]) -> str:
    listed = claim.get("claim_generator_info")
    first = listed[0] if isinstance(listed, list) and listed else listed
    if isinstance(first, dict) and isinstance(first.get("name"), str):
        version = first.get("version")
        return _line(f"{first['name']} {version if isinstance(version, str) else ''}")
    written = claim.get("claim_generator")
    # As in a browser's: names with their versions, one after the other.
    product = written.split(" ")[0] if isinstance(written, str) else ""
    return _line(product.replace("_", " ").replace("/", " "))


def _line(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text[: 4 * MAX_NAME])
    return " ".join(plain.split())[:MAX_NAME]


def _is_bound(data: bytes, held: Held, active: Manifest) -> bool:
    """Whether the active manifest is for these bytes, all of them but those that hold the store."""
    hashes = [one.value for one in active.assertions if one.label == "c2pa.hash.data"]
    if len(hashes) != 1 or not isinstance(value := hashes[0], dict):
        return False
    name = value.get("alg") or active.claim.get("alg")
    places = _exclusions(value.get("exclusions"))
    if name not in _HASHES or places is None:
        return False
    allowed = _merged(held.places)
    if not all(any(a <= start and end <= b for a, b in allowed) for start, end in places):
        return False
    done, at = hashlib.new(str(name)), 0
    for start, end in places:
        if start < at:
            return False
        done.update(memoryview(data)[at:start])
        at = end
    done.update(memoryview(data)[at:])
    return done.digest() == value.get("hash")


def _exclusions(value: object) -> list[tuple[int, int]] | None:
    found = []
    for one in value if isinstance(value, list) else [None]:
        start, length = (one.get("start"), one.get("length")) if isinstance(one, dict) else (0, 0)
        if type(start) is not int or type(length) is not int or length <= 0:
            return None
        found.append((start, start + length))
    return found


def _merged(places: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in places:
        if made and made[-1][1] == start:
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return made


def _is_public(manifest: Manifest) -> bool:
    """Whether a manifest tells nothing but what was done to the picture, and with what."""
    if not manifest.is_plain or not _tells_nothing(manifest.claim):
        return False
    return all(
        _is_bare(one.value)
        if one.label.startswith(_THUMBNAIL)
        else one.label in _KEPT and one.value is not None and _tells_nothing(one.value)
        for one in manifest.assertions
    )


def _is_bare(value: object) -> bool:
    """Whether it is a picture in which there is nothing but the picture."""
    if not isinstance(value, Embedded):
        return False
    try:
        return cleaned(value.data, detect(value.data).name) == value.data
    except (ProcessingError, LookupError):
        return False


def _tells_nothing(value: object) -> bool:
    return not any(_is_private(leaf) for leaf in _leaves(value))


def _leaves(value: object) -> Iterator[object]:
    """Every name and value in a value, which is of bounded depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _is_private(leaf: object) -> bool:
    if isinstance(leaf, str):
        text = leaf.lower()
        return any(word in text for word in _PRIVATE)
    return isinstance(leaf, bytes) and len(leaf) > _MOST_BYTES and bool(leaf.strip(b"\0"))
