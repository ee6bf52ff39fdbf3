"""What servers answer: whole files, too much, and nothing useful."""

from __future__ import annotations

import gzip
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from hosting.sources.fetch import fetch
from tests.hosting.sources.fetch.servers import PICTURE, Site, answer, refusal


class TestAFileFromATrustedHost:
    def test_arrives_whole_with_its_name_type_and_size(self, site: Site) -> None:
        site.pages["/a/my%20cat.png"] = answer(Content_Type="Image/PNG; charset=x")
        fetched = site.fetch("/a/my%20cat.png")
        with fetched.file as file:
            assert file.read() == PICTURE
        assert fetched.size == len(PICTURE)
        assert fetched.filename == "my cat.png"
        assert fetched.content_type == "image/png"
        assert fetched.url == site.url("/a/my%20cat.png")

    def test_arrives_whole_without_a_content_length(self, site: Site) -> None:
        site.pages["/cat.png"] = answer(length=False)
        assert site.fetch().file.read() == PICTURE

    def test_arrives_whole_in_chunks(self, site: Site) -> None:
        chunks = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"
        site.pages["/cat.png"] = answer(chunks, Transfer_Encoding="chunked")
        assert site.fetch().file.read() == b"hello world"

    def test_is_asked_for_without_cookies_proxies_or_compression(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        site.pages["/start"] = answer(b"", 302, Location="/cat.png?size=1#top", Set_Cookie="a=b")
        fetched = site.fetch("/start", user_agent="Vitrine/1.0 (+https://vitrine.example)")
        assert fetched.url == site.url("/cat.png?size=1")
        request = site.heard[-1]
        assert request.path == "/cat.png?size=1"
        assert dict(request.headers) == {
            "Host": f"127.0.0.1:{site.port}",
            "User-Agent": "Vitrine/1.0 (+https://vitrine.example)",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }

    @pytest.mark.parametrize(
        ("disposition", "shown"),
        [
            ('attachment; filename="holiday.jpg"', "holiday.jpg"),
            ("attachment; filename*=UTF-8''caf%C3%A9.jpg", "café.jpg"),
            ("attachment; filename*=nonsense''x.jpg", "cat.png"),
            ('attachment; filename="../../etc/passwd"', "passwd"),
            ('attachment; filename="C:\\\\temp\\\\dog.gif"', "dog.gif"),
            ("attachment; filename*=UTF-8''gpj.%E2%80%AEexe%00%0A.png", "gpj.exe.png"),
            ('attachment; filename=".."', ""),
            (f'attachment; filename="{"x" * 400}.png"', "x" * 196 + ".png"),
            ("inline", "cat.png"),
        ],
    )
    def test_is_named_by_its_server_in_a_form_fit_to_show(
        self, site: Site, disposition: str, shown: str
    ) -> None:
        site.pages["/cat.png"] = answer(Content_Disposition=disposition)
        assert site.fetch().filename == shown

    def test_is_found_under_an_address_with_spaces_and_accents(self, site: Site) -> None:
        site.pages["/my%20caf%C3%A9.png"] = answer()
        assert site.fetch("/my café.png").filename == "my café.png"


class TestTooMuch:
    def test_is_as_little_as_one_byte_more(self, site: Site) -> None:
        assert site.fetch(max_bytes=len(PICTURE)).size == len(PICTURE)
        assert refusal(site.url(), trusted=site.trusted, max_bytes=len(PICTURE) - 1) == "too_large"

    def test_is_refused_by_its_content_length_before_the_body(self, site: Site) -> None:
        site.pages["/big"] = answer(b"", length=False, Content_Length="10000000000")
        assert refusal(site.url("/big"), trusted=site.trusted) == "too_large"

    @pytest.mark.parametrize("chunked", [False, True])
    def test_is_refused_while_streaming_without_a_content_length(
        self, site: Site, chunked: bool
    ) -> None:
        sent = 0

        def endless(request: BaseHTTPRequestHandler) -> None:
            nonlocal sent
            headers: dict[str, Any] = {"Transfer_Encoding": "chunked"} if chunked else {}
            answer(b"", length=False, **headers)(request)
            piece = b"10000\r\n" + b"x" * 65536 + b"\r\n" if chunked else b"x" * 65536
            with suppress(OSError):
                while sent < 1_000_000_000:
                    sent += request.connection.send(piece)

        site.pages["/endless"] = endless
        assert refusal(site.url("/endless"), trusted=site.trusted) == "too_large"
        assert sent < 50_000_000

    @pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "deflate, gzip", "identity, gzip"])
    def test_is_what_a_compressed_body_may_hide(self, site: Site, coding: str) -> None:
        bomb = gzip.compress(bytes(10_000_000))
        site.pages["/bomb"] = answer(bomb, Content_Encoding=coding)
        assert refusal(site.url("/bomb"), trusted=site.trusted) == "bad_status"

    def test_is_what_a_compressed_transfer_may_hide(self, site: Site) -> None:
        site.pages["/bomb"] = answer(gzip.compress(b"x"), Transfer_Encoding="gzip, chunked")
        assert refusal(site.url("/bomb"), trusted=site.trusted) == "bad_status"

    @pytest.mark.parametrize(
        "headers",
        [{f"X-{number}": "x" * 8000 for number in range(20)}, {"X": "x" * 70_000}],
        ids=["many headers", "one long header"],
    )
    def test_is_refused_in_headers_as_well(self, site: Site, headers: dict[str, Any]) -> None:
        site.pages["/head"] = answer(**headers)
        assert refusal(site.url("/head"), trusted=site.trusted) == "too_large"


class TestABadAnswer:
    @pytest.mark.parametrize("status", [201, 204, 206, 300, 304, 400, 401, 404, 500, 503])
    def test_is_every_status_but_200(self, site: Site, status: int) -> None:
        site.pages["/odd"] = answer(b"", status=status)
        assert refusal(site.url("/odd"), trusted=site.trusted) == "bad_status"

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\x89PNG\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        ],
    )
    def test_that_is_broken_off_or_malformed_leaves_no_file(self, site: Site, raw: bytes) -> None:
        def page(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(raw)

        site.pages["/raw"] = page
        assert refusal(site.url("/raw"), trusted=site.trusted) == "unreachable"

    def test_does_not_blame_the_server_for_a_full_disk(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full() -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tempfile.TemporaryFile", full)
        with pytest.raises(OSError, match="No space left"):
            site.fetch()


@pytest.mark.parametrize("agent", ["Vitrine\r\nX: y", "Vitrine (+https://bücher.example)"])
def test_a_user_agent_that_is_no_header_is_a_wrong_setting(agent: str) -> None:
    with pytest.raises(ValueError, match="User-Agent"):
        fetch("http://a.example/", max_bytes=1, user_agent=agent)
