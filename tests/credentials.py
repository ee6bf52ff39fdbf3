"""Files with content credentials (C2PA), made byte by byte: nothing here imports the product.

Their signatures are no signatures: nobody checks them here.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Any

from tests import pictures

ACTIONS = {
    "actions": [
        {
            "action": "c2pa.created",
            "softwareAgent": {"name": "Painter", "version": "2"},
            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        }
    ]
}
CLAIM = {"claim_generator_info": {"name": "Painting Machine", "version": "1.2"}, "alg": "sha256"}


SIGNATURE = [b"", {"x5chain": b"certificate", "pad": bytes(99)}, b"", b"signed"]


class Raw(bytes):
    """What is put in as it is, without being written as CBOR."""


def cbor(value: Any) -> bytes:
    """A value as CBOR."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    return _head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    # As wide as it can be: the length of what is signed does not depend on the numbers in it.
    return bytes([kind << 5 | 26]) + struct.pack(">I", number)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def superbox(label: str, *inner: bytes, more: bytes = b"") -> bytes:
    toggles = 3 | (16 if more else 0)
    description = bytes(16) + bytes([toggles]) + label.encode() + b"\0" + more
    return box(b"jumb", box(b"jumd", description) + b"".join(inner))


def assertion(label: str, value: Any) -> bytes:
    """An assertion of CBOR, or of a picture where that is what is given."""
    if isinstance(value, bytes) and not isinstance(value, Raw):
        described = box(b"bfdb", b"\0image/jpeg\0")
        return superbox(label, described, box(b"bidb", value))
    salt = box(b"c2sh", bytes(range(16)))
    return superbox(label, box(b"cbor", cbor(value)), more=salt)


def store(
    assertions: dict[str, Any],
    claim: dict[str, Any],
    *others: bytes,
    version: str = ".v2",
    signature: list[Any] | None = None,
) -> bytes:
    """A store with one manifest."""
    held = [assertion(label, value) for label, value in assertions.items()]
    manifest = superbox(
        "urn:c2pa:0001",
        superbox("c2pa.assertions", *held),
        superbox(f"c2pa.claim{version}", box(b"cbor", cbor(claim))),
        superbox("c2pa.signature", box(b"cbor", cbor(signature or SIGNATURE))),
        *others,
    )
    return superbox("c2pa", manifest)


def segments(whole: bytes, most: int = 60_000) -> bytes:
    """A store in the segments of a JPEG."""
    header, body = whole[:8], whole[8:]
    made = b""
    for number, at in enumerate(range(0, len(body), most), 1):
        part = b"JP" + struct.pack(">HI", 1, number) + header + body[at : at + most]
        made += b"\xff\xeb" + struct.pack(">H", len(part) + 2) + part
    return made


def signed(
    data: bytes,
    assertions: dict[str, Any] | None = None,
    claim: dict[str, Any] | None = None,
    *others: bytes,
    most: int = 60_000,
    version: str = ".v2",
    wrong: bool = False,
    signature: list[Any] | None = None,
) -> bytes:
    """A JPEG or PNG with credentials for its very bytes; `wrong`, for others."""
    is_png = data.startswith(pictures.PNG_SIGNATURE)
    at = 33 if is_png else 4 + struct.unpack(">H", data[4:6])[0]
    told = {"c2pa.actions.v2": ACTIONS} if assertions is None else assertions

    def carried(length: int, digest: bytes) -> bytes:
        bound = {
            "exclusions": [{"start": Raw(_wide(at)), "length": Raw(_wide(length))}],
            "alg": "sha256", "hash": digest, "pad": bytes(9),
        }  # fmt: skip
        everything = {**told, "c2pa.hash.data": bound}
        whole = store(everything, claim or CLAIM, *others, version=version, signature=signature)
        return pictures.png_chunk(b"caBX", whole) if is_png else segments(whole, most)

    length = len(carried(0, bytes(32)))
    digest = hashlib.sha256(data[:at] + data[at:] + (b"!" if wrong else b"")).digest()
    return data[:at] + carried(length, digest) + data[at:]


def _wide(number: int) -> bytes:
    return b"\x1a" + struct.pack(">I", number)


def samples() -> dict[str, bytes]:
    """Pictures in which there is nothing to clean."""
    picture = pictures.corners(160, 120)
    return {"jpeg": pictures.saved(picture, "JPEG"), "png": pictures.saved(picture, "PNG")}
