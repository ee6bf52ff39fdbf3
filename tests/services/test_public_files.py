"""Files that anybody may have go from the disk to the client, by HTTP's rules and by nobody else's path."""

from __future__ import annotations

import gzip
import socket

import pytest

from tests.services.conftest import DRAWING, PICTURE, Tiny

pytestmark = pytest.mark.live

FALLEN_THROUGH = b"fallen through to the application"


def test_a_picture_comes_with_what_a_cache_needs(tiny: Tiny) -> None:
    answer = tiny.ask("GET", "/images/2026/11/21/cat.jpg")
    assert (answer.status, answer.data) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-length"] == str(len(PICTURE))
    assert answer.headers["cache-control"] == "public, max-age=31536000, s-maxage=300, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "content-security-policy" not in answer.headers


def test_a_head_request_gets_the_same_headers_and_no_body(tiny: Tiny) -> None:
    got, asked = tiny.ask("GET", "/images/cat.jpg"), tiny.ask("HEAD", "/images/cat.jpg")
    assert (asked.status, asked.data) == (200, b"")
    assert {**asked.headers, "date": ""} == {**got.headers, "date": ""}


def test_a_drawing_may_run_nothing(tiny: Tiny) -> None:
    answer = tiny.ask("GET", "/images/drawing.svg")
    assert answer.data == DRAWING
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_an_unknown_extension_is_never_guessed(tiny: Tiny) -> None:
    answer = tiny.ask("GET", "/images/notes.unheard")
    assert answer.headers["content-type"] == "application/octet-stream"


def test_only_hashed_names_of_the_website_are_for_ever(tiny: Tiny) -> None:
    assert "immutable" in tiny.ask("GET", "/static/site.0123456789ab.css").headers["cache-control"]
    assert "immutable" not in tiny.ask("GET", "/static/site.css").headers["cache-control"]


@pytest.mark.parametrize(
    "accepted", ["gzip", "br, gzip", "deflate,GZIP;q=0.5", "gzip;q=1.0, *;q=0"]
)
def test_the_websites_files_come_packed_to_who_takes_them_so(tiny: Tiny, accepted: str) -> None:
    address = "/static/site.0123456789ab.css"
    packed = tiny.ask("GET", address, Accept_Encoding=accepted)
    assert gzip.decompress(packed.data) == b"a {}"
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"] == "text/css; charset=utf-8"
    assert packed.headers["vary"] == "accept-encoding"
    assert packed.headers["content-length"] == str(len(packed.data))
    assert packed.headers["etag"] != tiny.ask("GET", address).headers["etag"]
    known = {"If_None_Match": packed.headers["etag"], "Accept_Encoding": accepted}
    assert tiny.ask("GET", address, **known).status == 304


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/static/site.0123456789ab.css", {}),
        ("/static/site.0123456789ab.css", {"Accept_Encoding": "gzip;q=0"}),
        ("/static/site.0123456789ab.css", {"Accept_Encoding": "br, gzip;q=0.0, x"}),
        ("/static/site.0123456789ab.css", {"Accept_Encoding": "xgzip, gzipped"}),
        ("/static/site.0123456789ab.css", {"Accept_Encoding": "gzip", "Range": "bytes=0-3"}),
        ("/static/site.css", {"Accept_Encoding": "gzip"}),
    ],
)
def test_others_get_them_as_they_are(tiny: Tiny, address: str, headers: dict[str, str]) -> None:
    plain = tiny.ask("GET", address, **headers)
    assert plain.data == b"a {}"
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "accept-encoding"


def test_pictures_are_never_packed(tiny: Tiny) -> None:
    (tiny.folder / "images" / "cat.jpg.gz").write_bytes(b"not this")
    answer = tiny.ask("GET", "/images/cat.jpg", Accept_Encoding="gzip")
    assert answer.data == PICTURE
    assert "vary" not in answer.headers


def test_what_the_client_has_is_not_sent_again(tiny: Tiny) -> None:
    known = tiny.ask("GET", "/images/cat.jpg").headers
    for headers in (
        {"If_None_Match": known["etag"]},
        {"If_None_Match": f'"other", W/{known["etag"]}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": known["last-modified"]},
    ):
        answer = tiny.ask("GET", "/images/cat.jpg", **headers)
        assert (answer.status, answer.data) == (304, b""), headers
        assert answer.headers["etag"] == known["etag"]
    for headers in (
        {"If_None_Match": '"other"'},
        {"If_None_Match": '"other"', "If_Modified_Since": known["last-modified"]},
        {"If_Modified_Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert tiny.ask("GET", "/images/cat.jpg", **headers).status == 200, headers


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=100-", 100, len(PICTURE)),
        ("bytes=-100", len(PICTURE) - 100, len(PICTURE)),
        ("bytes=-999999999", 0, len(PICTURE)),
        ("bytes=100-999999999", 100, len(PICTURE)),
    ],
)
def test_a_range_brings_that_part(tiny: Tiny, asked: str, start: int, end: int) -> None:
    answer = tiny.ask("GET", "/images/cat.jpg", Range=asked)
    assert (answer.status, answer.data) == (206, PICTURE[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(PICTURE)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", [f"bytes={len(PICTURE)}-", "bytes=999999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_answered_with_the_size(tiny: Tiny, asked: str) -> None:
    answer = tiny.ask("GET", "/images/cat.jpg", Range=asked)
    assert (answer.status, answer.data) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(PICTURE)}"


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,3-4"]
)
def test_a_range_that_is_not_understood_brings_the_whole(tiny: Tiny, asked: str) -> None:
    assert tiny.ask("GET", "/images/cat.jpg", Range=asked).status == 200


def test_a_range_of_another_version_brings_the_whole(tiny: Tiny) -> None:
    known = tiny.ask("GET", "/images/cat.jpg").headers
    for condition, status in (
        (known["etag"], 206),
        (known["last-modified"], 206),
        ('"other"', 200),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 200),
    ):
        answer = tiny.ask("GET", "/images/cat.jpg", Range="bytes=0-9", If_Range=condition)
        assert answer.status == status, condition


def test_an_empty_file_is_sent_as_such(tiny: Tiny) -> None:
    answer = tiny.ask("GET", "/images/empty.jpg")
    assert (answer.status, answer.data, answer.headers["content-length"]) == (200, b"", "0")
    assert tiny.ask("GET", "/images/empty.jpg", Range="bytes=0-0").status == 416


@pytest.mark.parametrize(
    "path",
    [
        "/images/missing.jpg",
        "/images/",
        "/images/2026",
        "/images/2026/11/21/",
        "/images/.hidden.jpg",
        "/images/../secret/key.jpg",
        "/images/%2e%2e/secret/key.jpg",
        "/images/..%2fsecret/key.jpg",
        "/images/2026/../../secret/key.jpg",
        "/images//cat.jpg",
        "/images/./cat.jpg",
        "/images/cat.jpg%00.png",
        "/images/cat.jpg/",
        "/images/link.jpg",
        "/images/linked/key.jpg",
        "/images/..\\secret\\key.jpg",
        "/images/%ff.jpg",
        "/images" + "/a" * 3000,
        "/Images/cat.jpg",
    ],
)
def test_every_other_path_is_the_applications(tiny: Tiny, path: str) -> None:
    # Written by hand: a client would tidy the path up first.
    with tiny.connect() as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = _all(client)
    assert b"secret" not in answer.partition(b"\r\n\r\n")[2]
    assert answer.endswith(FALLEN_THROUGH)


def test_other_methods_are_the_applications(tiny: Tiny) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert tiny.ask(method, "/images/cat.jpg").data == FALLEN_THROUGH


def test_a_percent_encoded_name_is_the_same_name(tiny: Tiny) -> None:
    assert tiny.ask("GET", "/images/c%61t.jpg").data == PICTURE


def _all(client: socket.socket) -> bytes:
    pieces = []
    while piece := client.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
