"""Content credentials are kept where they stay true and tell nothing private, else removed; and are told."""

from __future__ import annotations

import random

import pytest

from processing import Limits, ProcessingError, compress, ingest
from processing.containers import CLEANERS
from tests import gain_maps, pictures
from tests.credentials import ACTIONS, CLAIM, Raw, assertion, cbor, samples, signed, superbox

LIMITS = Limits()
KINDS = ["jpeg", "png"]
WHERE = {"exif:GPSLatitude": "48,51.5N", "exif:GPSLongitude": "2,17.7E"}


@pytest.mark.parametrize("kind", KINDS)
def test_they_stay_where_nothing_else_has_to_go(kind: str) -> None:
    data = signed(samples()[kind])
    done = ingest(data, recipes={}, limits=LIMITS)
    assert done.main.data == data
    assert done.credentials
    assert (done.credentials.made_by, done.credentials.kept) == ("Painting Machine 1.2", True)
    assert not done.loses


def test_they_stay_in_many_segments() -> None:
    data = signed(samples()["jpeg"], most=50)
    assert data.count(b"\xff\xeb") > 5
    assert ingest(data, recipes={}, limits=LIMITS).main.data == data


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_the_picture_stays_with_them(kind: str) -> None:
    small = pictures.saved(pictures.corners(16, 12), "JPEG")
    data = signed(samples()[kind], {"c2pa.actions": ACTIONS, "c2pa.thumbnail.claim.jpeg": small})
    assert ingest(data, recipes={}, limits=LIMITS).main.data == data


def _changed(kind: str) -> dict[str, bytes]:
    """Files whose credentials would not be true of what is served."""
    picture = pictures.corners(160, 120)
    plain = samples()[kind]
    told = pictures.saved(picture, kind, exif=pictures.exif(gps=True))
    return {
        "EXIF": signed(told),
        "turned": signed(pictures.saved(picture, kind, exif=pictures.exif(6, secrets=False))),
        "for other bytes": signed(plain, wrong=True),
        "a tail": signed(plain) + b"SECRET-TAIL" * 9,
        "two of them": signed(signed(plain)),
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", _changed("jpeg"))
def test_they_go_where_they_would_be_false(kind: str, how: str) -> None:
    data = _changed(kind)[how]
    done = ingest(data, recipes={}, limits=LIMITS)
    assert b"c2pa" not in done.main.data
    assert not [secret for secret in pictures.SECRETS if secret in done.main.data]
    if how != "two of them":
        assert done.credentials
        assert (done.credentials.made_by, done.credentials.kept) == ("Painting Machine 1.2", False)
        assert done.loses


def test_they_go_where_a_smaller_copy_is_served() -> None:
    done = ingest(signed(samples()["jpeg"]), recipes={}, width=80, limits=LIMITS)
    assert b"c2pa" not in done.main.data


def test_they_go_from_a_photo_with_a_gain_map() -> None:
    done = ingest(signed(gain_maps.photo(secrets=False)), recipes={}, limits=LIMITS)
    assert b"c2pa" not in done.main.data
    assert gain_maps.seen(done.main.data)


PRIVATE = {
    "a place": {"c2pa.metadata": WHERE},
    "a place by its old name": {"stds.exif": WHERE},
    "a place in what was done": {
        "c2pa.actions": {**ACTIONS, "parameters": {"where": [{"GPS": 1}]}}
    },
    "a place in an ingredient": {
        "c2pa.ingredient.v3": {"dc:title": "a.jpg", "meta": {"Location": "Home"}}
    },
    "an author": {"stds.schema-org.CreativeWork": {"author": [{"name": "Jane Owner"}]}},
    "an earlier picture": {"c2pa.thumbnail.ingredient": pictures.jpeg(16, 12)},
    "a thumbnail with EXIF": {"c2pa.thumbnail.claim.jpeg": pictures.jpeg(16, 12, gps=True)},
    "a thumbnail that is none": {"c2pa.thumbnail.claim": b"SECRET-TAIL"},
    "anything": {"org.example.notes": {"text": "hello"}},
    "bytes in the room": {"c2pa.actions": {**ACTIONS, "pad": b"SECRET-TAIL" * 9}},
    "no CBOR": {"c2pa.actions": Raw(b"\xff\xff")},
    "a key twice": {
        "c2pa.actions": Raw(b"\xa2" + b"".join(map(cbor, ["a", "at location SECRET", "a", "b"])))
    },
    "words among bytes": {
        "c2pa.actions": Raw(b"\xa1" + cbor("a") + b"\x5f" + cbor("at location SECRET") + b"\xff")
    },
    "more after it": {"c2pa.actions": Raw(cbor(ACTIONS) + b"SECRET-TAIL")},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", PRIVATE)
def test_they_go_where_they_tell_more_than_how_it_was_made(kind: str, what: str) -> None:
    data = signed(samples()[kind], PRIVATE[what])
    done = ingest(data, recipes={}, limits=LIMITS)
    assert done.main.data == samples()[kind]
    assert done.credentials
    assert not done.credentials.kept
    assert done.loses


@pytest.mark.parametrize("kind", KINDS)
def test_they_go_with_parts_that_are_unknown(kind: str) -> None:
    others = [
        superbox("c2pa.credentials", assertion("w3c", {"name": "Jane Owner"})),
        superbox("c2pa.signature", more=b"SECRET-TAIL"),
    ]
    for other in others:
        data = signed(samples()[kind], None, None, other)
        assert ingest(data, recipes={}, limits=LIMITS).main.data == samples()[kind]


@pytest.mark.parametrize(
    "signature",
    [
        [b"", {"note": "SECRET-TAIL"}, b"", b""],
        [b"", {"pad": b"SECRET-TAIL"}, b"", b""],
        [b"SECRET-TAIL"],
    ],
    ids=["a word", "what is no room", "none"],
)
def test_they_go_with_a_signature_that_brings_more(signature: list[object]) -> None:
    data = signed(samples()["png"], signature=signature)
    assert ingest(data, recipes={}, limits=LIMITS).main.data == samples()["png"]


def test_an_earlier_manifest_is_looked_at_too() -> None:
    # Its ingredient's, which is in the same store.
    plain = samples()["png"]
    whole = signed(plain, {"c2pa.metadata": WHERE})
    assert ingest(whole, recipes={}, limits=LIMITS).main.data == plain


@pytest.mark.parametrize(
    ("claim", "version", "name"),
    [
        ({"claim_generator_info": [{"name": "Old Camera"}], "alg": "sha256"}, "", "Old Camera"),
        (
            {"claim_generator": "Adobe_Firefly/1.0 c2pa-rs/0.33", "alg": "sha256"},
            "",
            "Adobe Firefly 1.0",
        ),
        ({**CLAIM, "claim_generator_info": {"name": "x" * 500}}, ".v2", "x" * 100),
        ({**CLAIM, "claim_generator_info": {"name": "a\u202e\n\x00b"}}, ".v2", "a b"),
        ({**CLAIM, "claim_generator_info": {"name": 7}}, ".v2", ""),
        ({"alg": "sha256"}, ".v2", ""),
    ],
)
def test_who_made_it_is_told(claim: dict[str, object], version: str, name: str) -> None:
    done = ingest(signed(samples()["png"], None, claim, version=version), recipes={}, limits=LIMITS)
    assert (done.credentials.made_by if done.credentials else "") == name
    assert (b"c2pa" in done.main.data) == bool(name)


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_work_leaves_them_in(kind: str) -> None:
    data = signed(samples()[kind])
    assert b"c2pa" not in compress(data, LIMITS).data
    assert CLEANERS[kind](data) == samples()[kind]


def _mutated(number: int, kinds: list[bytes]) -> bytes:
    chance = random.Random(number)
    data = bytearray(chance.choice(kinds))
    start = data.index(b"jumb") - 20
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(start, min(len(data), start + 900))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at : at + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", bytes(4), b"\x9b\x7f\xff\xff")
                )
            case 2:
                del data[at : at + chance.randint(1, 20)]
            case _:
                data[at:at] = data[at : at + chance.randint(1, 90)]
    return bytes(data)


def survive(numbers: range) -> int:
    """Take in the mutated files of these numbers; how many kept their credentials."""
    kinds = [signed(samples()[kind], most=200) for kind in KINDS]
    kept = 0
    for number in numbers:
        data = _mutated(number, kinds)
        try:
            done = ingest(data, recipes={}, limits=LIMITS)
        except ProcessingError:
            continue
        if done.credentials and done.credentials.kept:
            again = ingest(done.main.data, recipes={}, limits=LIMITS)
            assert again.main.data == done.main.data, number
            kept += 1
        else:
            assert CLEANERS[done.main.format.name](done.main.data) == done.main.data, number
    return kept


@pytest.mark.slow
def test_changed_credentials_are_survived() -> None:
    survive(range(0, 10_000, 10))


def test_lists_that_promise_more_than_there_is_are_refused_at_once() -> None:
    for broken in (b"\x9a\xff\xff\xff\xff", b"\x5b" + b"\xff" * 8, b"\x81" * 5000, b"\x9f" * 5000):
        data = signed(samples()["png"], {"c2pa.actions": Raw(broken)})
        assert ingest(data, recipes={}, limits=LIMITS).main.data == samples()["png"]
