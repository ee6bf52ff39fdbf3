"""A manifest store (C2PA): boxes of JUMBF (ISO 19566-5), and the manifests in them.

Source: the C2PA specification 2.1, chapter 11, "Manifests".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from processing.containers.isobmff import Box, boxes
from processing.credentials import cbor
from processing.errors import InvalidImage

LABEL = "c2pa"
_CLAIMS = ("c2pa.claim", "c2pa.claim.v2")
_ASSERTIONS, _SIGNATURE = "c2pa.assertions", "c2pa.signature"
_MOST_MANIFESTS, _MOST_ASSERTIONS, _MOST_LABEL = 50, 200, 200

# COSE_Sign1 (RFC 9052), and what C2PA puts beside a signature; 33 are the certificates.
_COSE_PARTS = 4
_ROOMS = ("pad", "pad2")
_BESIDE = frozenset({33, "x5chain", "sigTst", "sigTst2", "rVals", *_ROOMS})

# Of a description: the type, what else follows, and these.
_TYPE, _LABELLED, _NUMBERED, _HASHED, _PRIVATE = 16, 2, 4, 8, 16
# A salt may stand in a description: random bytes, 16 or 32 of them.
_SALT, _SALTS = b"c2sh", (24, 40)


@dataclass(frozen=True, slots=True)
class Assertion:
    """One assertion: its label without the number of its instance, and its value.

    The value is that of its CBOR, Embedded for a picture without a name, None for whatever else.
    """

    label: str
    value: object


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture in a manifest: its bytes, of any format."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest: its claim, its assertions, and whether it holds nothing that was not looked at."""

    claim: dict[object, object]
    assertions: tuple[Assertion, ...]
    is_plain: bool


def manifests(store: bytes) -> list[Manifest]:
    """The manifests in a store, the active one last; none where it is not well formed."""
    try:
        top = list(boxes(store, 0, len(store)))
        if len(top) != 1 or top[0].end != len(store):
            return []
        found = [
            _manifest(store, inner)
            for label, inner in _superboxes(store, top[0], _MOST_MANIFESTS)
            if label
        ]
    except (InvalidImage, cbor.Damaged):
        return []
    return found if label_of(store) == LABEL else []


def label_of(store: bytes) -> str:
    """What the outermost box is called; "" where it is none."""
    try:
        top = next(boxes(store, 0, len(store)), None)
        return _described(store, top)[0] if top else ""
    except InvalidImage:
        return ""


def _described(data: bytes, box: Box) -> tuple[str, bool, list[Box]]:
    """A superbox's label, whether its description holds nothing else, and the boxes after that."""
    if box.name != b"jumb":
        raise InvalidImage
    inner = []
    for one in boxes(data, box.body, box.end):
        inner.append(one)
        if len(inner) > _MOST_ASSERTIONS:
            raise InvalidImage
    if not inner or inner[0].name != b"jumd" or inner[-1].end != box.end:
        raise InvalidImage
    head = data[inner[0].body : inner[0].end]
    toggles = head[_TYPE] if len(head) > _TYPE else 0
    if not toggles & _LABELLED:
        raise InvalidImage
    label, ended, rest = head[_TYPE + 1 :].partition(b"\0")
    if not ended or len(label) > _MOST_LABEL:
        raise InvalidImage
    plain = not toggles & (_NUMBERED | _HASHED)
    if toggles & _PRIVATE:
        plain = plain and len(rest) in _SALTS and rest[4:8] == _SALT
    elif rest:
        plain = False
    return label.decode("utf-8", "replace"), plain, inner[1:]


def _superboxes(data: bytes, box: Box, most: int) -> Iterator[tuple[str, Box]]:
    _, _, inner = _described(data, box)
    if len(inner) > most:
        raise InvalidImage
    for one in inner:
        yield (_described(data, one)[0] if one.name == b"jumb" else ""), one


def _manifest(data: bytes, box: Box) -> Manifest:
    _, plain, inner = _described(data, box)
    claim: dict[object, object] = {}
    assertions: list[Assertion] = []
    for one in inner:
        label, named, parts = _described(data, one)
        plain = plain and named
        if label in _CLAIMS:
            value = _content(data, parts)
            claim = value if isinstance(value, dict) else {}
        elif label == _ASSERTIONS:
            for part in parts:
                name, alone, held = _described(data, part)
                plain = plain and alone
                assertions.append(Assertion(name.partition("__")[0], _content(data, held)))
        elif label == _SIGNATURE:
            plain = plain and _is_signature(_content(data, parts))
        else:
            plain = False
    return Manifest(claim, tuple(assertions), plain)


def _is_signature(value: object) -> bool:
    """Whether it is COSE's, with certificates, stamps of time and room beside it, and nothing else."""
    if not isinstance(value, list) or len(value) != _COSE_PARTS or not isinstance(value[1], dict):
        return False
    beside: dict[object, object] = value[1]
    rooms = (beside.get(name, b"") for name in _ROOMS)
    return beside.keys() <= _BESIDE and all(
        isinstance(room, bytes) and not room.strip(b"\0") for room in rooms
    )


def _content(data: bytes, parts: list[Box]) -> object:
    if [part.name for part in parts] == [b"bfdb", b"bidb"]:
        # Its toggles: neither the name of a file nor an address of one.
        named = data[parts[0].body : parts[0].body + 1] != b"\0"
        return None if named else Embedded(data[parts[1].body : parts[1].end])
    if len(parts) != 1 or parts[0].name != b"cbor":
        return None
    try:
        return cbor.decoded(data[parts[0].body : parts[0].end])
    except cbor.Damaged:
        return None
