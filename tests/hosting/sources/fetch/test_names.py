"""Names: looked up once, and led nowhere else; and the operator's own machines."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from hosting.sources.fetch import fetch
from tests.hosting.sources.fetch.servers import (
    ALSO_PUBLIC,
    PICTURE,
    PUBLIC,
    Dns,
    Site,
    Wires,
    hang_up,
    redirect,
    refusal,
)


class TestAName:
    def test_is_looked_up_once_and_the_checked_address_is_dialled(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
        fetched = fetch(site.url(host="rebind.example"), max_bytes=100_000)
        assert fetched.file.read() == PICTURE
        assert dns.asked == ["rebind.example"]
        assert wires.dialled == [PUBLIC]
        assert site.heard[0].headers["Host"] == f"rebind.example:{site.port}"

    def test_is_never_given_to_the_system_to_connect_to(
        self, site: Site, dns: Dns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Any] = []
        lookup = socket.getaddrinfo

        def listen_in(host: Any, *rest: Any, **options: Any) -> Any:
            asked.append(host)
            return lookup(host, *rest, **options)

        monkeypatch.setattr("socket.getaddrinfo", listen_in)
        dns["nas.example"] = [["127.0.0.1"], ["10.0.0.7"]]
        trusted = [f"nas.example:{site.port}"]
        fetch(site.url(host="nas.example"), max_bytes=100_000, trusted=trusted)
        assert set(asked) <= {"127.0.0.1"}

    def test_whose_second_answer_is_private_fails_on_the_second_hop(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
        site.pages["/again"] = redirect("/cat.png")
        assert refusal(site.url("/again", host="rebind.example")) == "forbidden_address"
        assert [request.path for request in site.heard] == ["/again"]

    def test_is_tried_at_its_next_address_with_a_share_of_the_time_each(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["two.example"] = [[ALSO_PUBLIC, PUBLIC]]
        wires.dead.add(ALSO_PUBLIC)
        fetch(site.url(host="two.example"), max_bytes=100_000, timeout=4000)
        assert wires.dialled == [ALSO_PUBLIC, PUBLIC]
        assert wires.timeouts == [pytest.approx(2000, abs=300), pytest.approx(4000, abs=300)]

    def test_is_asked_for_permission_on_every_hop_before_it_is_looked_up(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["a.example"] = dns["xn--bcher-kva.example"] = [[PUBLIC]]
        site.pages["/on"] = redirect(site.url(host="BÜCHER.example."))
        seen: list[tuple[str, int]] = []
        options: Any = {
            "max_bytes": 100_000,
            "allow": lambda host: seen.append((host, len(dns.asked))),
        }
        fetch(site.url("/on", host="A.example"), **options)
        assert seen == [("a.example", 0), ("xn--bcher-kva.example", 1)]

    def test_that_is_not_allowed_is_not_looked_up(self, dns: Dns) -> None:
        def only_ours(host: str) -> None:
            raise PermissionError(host)

        with pytest.raises(PermissionError, match=r"a\.example"):
            fetch("http://a.example/", max_bytes=1, allow=only_ours)
        assert dns.asked == []

    def test_that_nothing_listens_on_is_unreachable(self) -> None:
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
            assert (
                refusal(f"http://127.0.0.1:{port}/", trusted=[f"127.0.0.1:{port}"]) == "unreachable"
            )


class TestATrustedHost:
    def test_is_trusted_on_its_port_only(self, site: Site, other_site: Site) -> None:
        assert refusal(other_site.url(), trusted=site.trusted) == "forbidden_address"

    def test_is_trusted_under_its_name_only(self, site: Site) -> None:
        assert refusal(site.url(host="2130706433"), trusted=site.trusted) == "forbidden_address"
        assert refusal(site.url(host="localhost"), trusted=site.trusted) == "forbidden_address"

    def test_without_a_port_is_trusted_on_80_and_443(self, dns: Dns, monkeypatch: Any) -> None:
        wires = Wires()
        monkeypatch.setattr("socket.create_connection", hang_up(wires))
        dns["nas"] = [["192.168.1.4"]]
        for url in ("http://nas/", "https://nas/", "http://NAS.:443/"):
            assert refusal(url, trusted=["Nas"]) == "unreachable"
        assert wires.dialled == ["192.168.1.4"] * 3
        assert refusal("http://nas:8080/", trusted=["nas"]) == "forbidden_address"

    def test_may_use_any_port_and_ipv6(self, dns: Dns, monkeypatch: Any) -> None:
        wires = Wires()
        monkeypatch.setattr("socket.create_connection", hang_up(wires))
        dns["::1"] = [["::1"]]
        assert refusal("http://[0:0::1]:81/", trusted=["[::1]:81"]) == "unreachable"
        assert wires.dialled == ["::1"]

    @pytest.mark.parametrize(
        "entry", ["", "http://nas", "nas/path", "me@nas", "nas:port", "a b", "::1"]
    )
    def test_written_wrongly_is_a_wrong_setting(self, entry: str) -> None:
        with pytest.raises(ValueError, match="Trusted hosts"):
            fetch("http://a.example/", max_bytes=1, trusted=[entry])

    def test_does_not_make_its_redirects_trusted(self, site: Site, other_site: Site) -> None:
        site.pages["/in"] = redirect(other_site.url())
        assert refusal(site.url("/in"), trusted=site.trusted) == "forbidden_address"
        assert other_site.heard == []

    def test_may_redirect_to_a_public_one(
        self, site: Site, other_site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["127.0.0.1"], dns["public.example"] = [["127.0.0.1"]], [[PUBLIC]]
        site.pages["/out"] = redirect(other_site.url(host="public.example"), status=308)
        fetched = site.fetch("/out")
        assert fetched.file.read() == PICTURE
        assert fetched.url == other_site.url(host="public.example")
        assert wires.dialled == ["127.0.0.1", PUBLIC]
