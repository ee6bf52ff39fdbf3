"""Images from URLs: https and allowed hosts alone, by a table that administrators edit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ValidationError

from hosting.api.img_processing import origins
from hosting.errors import HostingError
from hosting.models import AllowedOrigin
from tests import pictures
from tests.api.img_processing.conftest import Api, invalid, made, newcomer, refused
from tests.light import LightSite


class Stranger(BaseHTTPRequestHandler):
    """A server that has a few files, and redirects to wherever the query says."""

    def do_GET(self) -> None:
        path, _, target = self.path.partition("?to=")
        if target:
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        files = {
            "/a.png": pictures.png(64, 48),
            "/a.svg": pictures.svg(),
            "/large.png": pictures.png(8, 8) + bytes(20 * 1024 * 1024),
        }
        data = files.get(path, b"")
        self.send_response(200 if data else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The stranger's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def fetching(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Api]:
    """A site whose operator trusts the stranger by both names of this machine, and allows one of them."""
    trusted = f"127.0.0.1:{port},localhost:{port}"
    folder = tmp_path_factory.mktemp("origins") / "data"
    with LightSite(
        folder, env={"FETCH_TRUSTED_HOSTS": trusted, "SITE_URL": "http://site.test"}
    ) as site:
        site.shell(
            "from hosting.models import AllowedOrigin; AllowedOrigin.objects.create(host='localhost')"
        )
        yield newcomer(site, "fetcher")


@pytest.mark.live
def test_a_picture_of_an_allowed_host_becomes_an_image(fetching: Api, port: int) -> None:
    image = made(fetching.post("", url=f"http://localhost:{port}/a.png", name="From afar"))
    assert (image["name"], image["width"], image["url"]) == ("From afar", 64, None)
    assert pictures.looks_like_corners(fetching.pixels(image).convert("RGB"))


@pytest.mark.live
def test_other_hosts_are_refused_also_behind_a_redirect(fetching: Api, port: int) -> None:
    forbidden = f"http://127.0.0.1:{port}/a.png"
    for url in (
        forbidden, f"http://localhost:{port}/?to={forbidden}",
        f"http://localhost:{port}/?to=http://localhost:{port}/?to={forbidden}",
        "https://pictures.example.org/a.png", "https://s3.amazonaws.com.example.org/a.png",
    ):  # fmt: skip
        assert "allowed origins" in invalid(fetching.post("", url=url, name="x"))[0]
    inside = f"http://localhost:{port}/?to=http://localhost:{port}/a.png"
    assert made(fetching.post("", url=inside, name="x"))


@pytest.mark.live
def test_a_host_that_an_administrator_switches_off_is_refused_at_once(
    fetching: Api, port: int
) -> None:
    def switch(enabled: bool) -> None:
        fetching.site.shell(
            "from hosting.models import AllowedOrigin;"
            f"AllowedOrigin.objects.filter(host='localhost').update(enabled={enabled})"
        )

    switch(False)
    invalid(fetching.post("", url=f"http://localhost:{port}/a.png", name="x"))
    switch(True)
    made(fetching.post("", url=f"http://localhost:{port}/a.png", name="x"))


@pytest.mark.live
def test_what_lies_there_is_held_to_the_same_rules(fetching: Api, port: int) -> None:
    at = f"http://localhost:{port}"
    invalid(fetching.post("", url=f"{at}/a.svg", name="x"))
    invalid(fetching.post("", url=f"{at}/nothing.png", name="x"))
    refused(fetching.post("", url=f"{at}/large.png", name="x"), 413, "Payload Too Large")


@pytest.mark.live
@pytest.mark.parametrize(
    "url",
    [None, "", "a.png", "http://s3.amazonaws.com/a.png", "ftp://s3.amazonaws.com/a.png",
     "https://", "https://[", "https://user:pw@s3.amazonaws.com/a.png", "//localhost/a.png"],
)  # fmt: skip
def test_a_url_that_is_none_is_refused(fetching: Api, url: str | None) -> None:
    invalid(fetching.post("", url=url, name="x"))


@pytest.mark.live
def test_a_name_is_required(fetching: Api, port: int) -> None:
    assert "name" in invalid(fetching.post("", url=f"http://localhost:{port}/a.png"))[0]
    nobody = replace(fetching, key="")
    refused(nobody.post("", url=f"http://localhost:{port}/a.png", name="x"), 401, "Unauthorized")


# --- The table


ALLOWED = [
    "bucket.s3.eu-west-1.amazonaws.com", "my.bucket.s3.us-east-2.amazonaws.com",
    "bucket.s3.amazonaws.com", "s3.amazonaws.com", "account.blob.core.windows.net",
    "pub-1234.r2.dev", "www.dropbox.com", "storage.googleapis.com", "drive.google.com", "1drv.ms",
    "site.test", "cdn.test",
]  # fmt: skip
OTHERS = [
    "amazonaws.com", "ec2.amazonaws.com", "bucket.s3.a.b.amazonaws.com", "s3.eu-west-1.amazonaws.com",
    "xs3.amazonaws.com", "s3.amazonaws.com.example.org", "blob.core.windows.net", "r2.dev",
    "evilr2.dev", "dropbox.com", "wwwxdropbox.com", "www.dropbox.com.", "google.com", "x.1drv.ms",
    "example.org", "127.0.0.1", "localhost", "", "s3.amazonaws.com\n",
]  # fmt: skip


@pytest.fixture
def allow(db: None, settings: object) -> object:
    settings.SITE_URL, settings.FILES_URL = "https://site.test", "https://cdn.test/f"  # type: ignore[attr-defined]
    return origins.only_allowed()


@pytest.mark.parametrize("host", ALLOWED)
def test_the_first_table_allows_what_the_vendor_allows_and_the_site_itself(
    allow: object, host: str
) -> None:
    allow(host)  # type: ignore[operator]


@pytest.mark.parametrize("host", OTHERS)
def test_the_first_table_allows_nothing_else(allow: object, host: str) -> None:
    with pytest.raises(HostingError):
        allow(host)  # type: ignore[operator]


@pytest.mark.parametrize(
    "host", ["*.example.org", "example.org", "a.*.b.org", "x-1.org", "127.0.0.1"]
)
def test_a_host_or_a_pattern_can_be_entered(db: None, host: str) -> None:
    AllowedOrigin(host=host).full_clean()


@pytest.mark.parametrize(
    "host",
    ["https://example.org", "Example.org", "example.org/x", "example.org:80", ".org", "", "a b"],
)
def test_what_is_no_host_cannot_be_entered(db: None, host: str) -> None:
    with pytest.raises(ValidationError):
        AllowedOrigin(host=host).full_clean()
