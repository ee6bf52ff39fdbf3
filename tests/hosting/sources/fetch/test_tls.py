"""TLS is verified for the name, whatever address is dialled."""

from __future__ import annotations

from typing import Any

import trustme

from hosting.sources.fetch import fetch
from tests.hosting.sources.fetch.servers import PICTURE, PUBLIC, Dns, Site, Wires, refusal


class TestTls:
    def test_is_verified_for_the_name_while_the_address_is_dialled(
        self, secure_site: Site, dns: Dns, wires: Wires
    ) -> None:
        names: list[str | None] = []
        context = secure_site.server.socket.context  # type: ignore[attr-defined]
        context.sni_callback = lambda connection, name, context: names.append(name)
        dns["pictures.example"] = [[PUBLIC]]
        fetched = fetch(secure_site.url(host="pictures.example"), max_bytes=100_000)
        assert fetched.file.read() == PICTURE
        assert names == ["pictures.example"]
        assert wires.dialled == [PUBLIC]

    def test_refuses_the_certificate_of_another_host(
        self, secure_site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["bank.example"] = [[PUBLIC]]
        assert refusal(secure_site.url(host="bank.example")) == "unreachable"
        assert secure_site.heard == []

    def test_refuses_that_certificate_from_a_trusted_host_too(self, secure_site: Site) -> None:
        assert refusal(secure_site.url(), trusted=secure_site.trusted) == "unreachable"

    def test_refuses_an_unknown_authority(
        self, secure_site: Site, dns: Dns, wires: Wires, monkeypatch: Any, tmp_path: Any
    ) -> None:
        trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
        monkeypatch.setattr("certifi.where", lambda: str(tmp_path / "another.pem"))
        dns["pictures.example"] = [[PUBLIC]]
        assert refusal(secure_site.url(host="pictures.example")) == "unreachable"

    def test_spoken_to_a_plain_server_is_unreachable(self, site: Site) -> None:
        url = site.url().replace("http:", "https:")
        assert refusal(url, trusted=site.trusted) == "unreachable"
