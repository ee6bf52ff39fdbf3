"""Redirects are new addresses: followed, and checked like the first."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from tests.hosting.sources.fetch.servers import (
    PICTURE,
    PUBLIC,
    Dns,
    Site,
    Wires,
    answer,
    redirect,
    refusal,
)


class TestARedirect:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("target", ["/cat.png", "cat.png", "//{authority}/cat.png", "?x=1"])
    def test_is_followed_however_it_is_written(self, site: Site, status: int, target: str) -> None:
        target = target.replace("{authority}", f"127.0.0.1:{site.port}")

        def page(request: BaseHTTPRequestHandler) -> None:
            (answer() if "?" in request.path else redirect(target, status))(request)

        site.pages["/start"] = page
        assert site.fetch("/start").size == len(PICTURE)

    def test_to_a_path_in_raw_utf8_is_followed(self, site: Site) -> None:
        site.pages["/start"] = redirect("/café.png")
        site.pages["/caf%C3%A9.png"] = answer()
        assert site.fetch("/start").filename == "café.png"

    @pytest.mark.parametrize(
        ("target", "code"),
        [
            ("http://169.254.169.254/latest/meta-data", "forbidden_address"),
            ("http://[::ffff:10.0.0.1]/", "forbidden_address"),
            ("http://2130706433:8000/", "forbidden_address"),
            ("file:///etc/passwd", "unsupported_scheme"),
            ("http://me:secret@a.example/", "invalid_url"),
            ("http://[::1", "invalid_url"),
            ("", "bad_status"),
        ],
    )
    def test_is_checked_like_a_first_url(self, site: Site, target: str, code: str) -> None:
        site.pages["/start"] = redirect(target)
        assert refusal(site.url("/start"), trusted=site.trusted) == code

    def test_is_followed_as_often_as_allowed_and_no_more(self, site: Site) -> None:
        for hop in range(3):
            site.pages[f"/{hop}"] = redirect(f"/{hop + 1}")
        site.pages["/3"] = answer()
        assert site.fetch("/0", max_redirects=3).size == len(PICTURE)
        code = refusal(site.url("/0"), trusted=site.trusted, max_redirects=2)
        assert code == "too_many_redirects"

    def test_in_a_circle_ends(self, site: Site) -> None:
        site.pages["/round"] = redirect("/round")
        assert refusal(site.url("/round"), trusted=site.trusted) == "too_many_redirects"
        assert len(site.heard) == 6

    def test_from_https_to_http_is_refused(
        self, secure_site: Site, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["pictures.example"] = [[PUBLIC]]
        secure_site.pages["/down"] = redirect(site.url(host="pictures.example"))
        code = refusal(secure_site.url("/down", host="pictures.example"))
        assert code == "unsupported_scheme"
        assert site.heard == []
