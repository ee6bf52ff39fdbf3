"""The address that somebody typed: which are read, and which refused."""

from __future__ import annotations

import pytest

from tests.hosting.sources.fetch.servers import Dns, refusal


class TestTheUrl:
    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "ftp://a.example/b", "gopher://a", "data:,x"]
    )
    def test_of_another_scheme_is_refused(self, url: str) -> None:
        assert refusal(url) == "unsupported_scheme"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "cat.png",
            "//a.example/cat.png",
            "http://",
            "http:///cat.png",
            "http://.",
            "http://a..example/",
            "http://a.example:port/",
            "http://a.example:99999/",
            "http://[::1/",
            "http://[::1%25lo]/",
            "http://[fe80::1%eth0]/",
            "http://a b.example/",
            "http://a.example\\.b.example/",
            "http://a.ex%61mple/",
            "http://a.example/\r\nX-Injected: 1",
            "http://a.example/\x00",
            "http://a.example/\ud800",
            "http://" + "a" * 64 + ".example/",
            "http://a.example/" + "a" * 5000,
        ],
    )
    def test_that_cannot_be_read_one_way_only_is_refused(self, url: str, dns: Dns) -> None:
        assert refusal(url) == "invalid_url"
        assert dns.asked == []

    @pytest.mark.parametrize("user", ["me@", "me:secret@", "@", ":@", "a.example\\@", "a.example@"])
    def test_with_a_user_name_is_refused(self, user: str, dns: Dns) -> None:
        assert refusal(f"http://{user}b.example/cat.png") == "invalid_url"
        assert dns.asked == []

    @pytest.mark.parametrize("port", [0, 21, 22, 25, 81, 389, 445, 1023])
    def test_with_a_port_of_another_service_is_refused(self, port: int, dns: Dns) -> None:
        assert refusal(f"http://a.example:{port}/") == "forbidden_address"
        assert dns.asked == []

    @pytest.mark.parametrize("text", ["unheard.example", "a" * 63 + ".example"])
    def test_of_an_unknown_name_is_unreachable(self, text: str, dns: Dns) -> None:
        assert refusal(f"http://{text}/") == "unreachable"

    def test_of_a_name_without_addresses_is_unreachable(self, dns: Dns) -> None:
        dns["empty.example"] = [[]]
        assert refusal("http://empty.example/") == "unreachable"
