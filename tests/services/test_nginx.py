"""The site behind nginx with the configuration that the docs give: the same links, sent by nginx."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hosting.http_caching import SVG_POLICY
from tests.api.chevereto.conftest import fresh_jpeg, fresh_png
from tests.live import ROOT, Site, free_port
from tests.services.servers import wait_until

pytestmark = [pytest.mark.live, pytest.mark.slow]

HIDE = """
from hosting.files import visibility
from hosting.models import HostedFile, Privacy
visibility.change(HostedFile.objects.get(public_id="{}"), privacy=Privacy.PRIVATE)
"""


def configuration(site: Site, folder: Path, port: int) -> str:
    """The docs' example with this test's places where it says CHANGE."""
    text = (ROOT / "docs" / "deploy" / "nginx.conf").read_text()
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    text = text.replace("/var/lib/vitrine", str(site.folder))
    text = text.replace("http://127.0.0.1:8000", site.url)
    text = text.replace("/var/log/nginx/vitrine.log", str(folder / "access.log"))
    assert len(re.findall("CHANGE", text)) == 7
    temporary = "\n".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"user root; daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{text}\n}}"
    )


@pytest.fixture(scope="module")
def nginx(
    needs: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Site]]:
    """A site that leaves its files to nginx, and the same seen through nginx."""
    program = needs("nginx", "nginx")
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    site = Site(
        folder / "data",
        env={
            "SITE_URL": f"http://127.0.0.1:{port}",
            "FILES_DELIVERY": "accel",
            "TRUSTED_PROXIES": "1",
        },
    ).start()
    (folder / "nginx.conf").write_text(configuration(site, folder, port))
    process = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    front = replace(site, port=port, process=None)
    try:
        front.await_health(process)
        yield site, front
    finally:
        process.terminate()
        process.wait(10)
        site.stop()


def test_public_files_are_sent_by_nginx_and_guarded_ones_by_its_order_alone(
    nginx: tuple[Site, Site],
) -> None:
    site, front = nginx
    key = {"X-API-Key": site.manage("create_api_key", "alice").strip()}
    sent = fresh_jpeg()
    image = front.post("/api/1/upload", fields={"source": ("a.jpg", sent)}, headers=key).json()[
        "image"
    ]
    assert image["url"].startswith(front.url)
    answer = front.get(image["url"])
    assert (answer.status, answer.headers["Server"][:5]) == (200, "nginx")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert front.get(image["url"], headers={"Range": "bytes=0-9"}).status == 206
    # nginx reads the disk by itself: it answers while the site is not asked at all.
    assert "immutable" in answer.headers["Cache-Control"]

    site.shell(HIDE.format(image["id_encoded"]))
    assert front.get(image["url"]).status == 404
    assert front.get(image["url"].replace("/images/", "/_files/guarded/images/")).status == 404


def test_an_expiring_file_comes_by_nginx_after_the_site_has_said_so(
    nginx: tuple[Site, Site],
) -> None:
    site, front = nginx
    key = {"X-API-Key": site.manage("create_api_key", "bob").strip()}
    sent = fresh_png()
    image = front.post(
        "/api/1/upload",
        fields={"source": ("a.png", sent), "expiration": "PT5M"},
        headers=key,
    ).json()["image"]
    answer = front.get(image["url"])
    assert (answer.status, len(answer.data)) == (200, image["size"])
    assert answer.headers["Content-Type"] == "image/png"
    assert "immutable" not in answer.headers["Cache-Control"]
    assert front.get(image["url"], headers={"Range": "bytes=0-9"}).status == 206


def test_a_guarded_drawing_may_run_nothing_however_it_is_sent(nginx: tuple[Site, Site]) -> None:
    site, front = nginx
    key = {"X-API-Key": site.manage("create_api_key", "dave").strip()}
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
    )
    sent = {"file": ("a.svg", drawing), "privacy": "private"}
    file = front.post("/api/v2/files", fields=sent, headers=key).json()
    assert front.get(file["url"]).status == 404
    # Open for a while, so that a reader without a session gets it, and guarded still.
    body = b'{"privacy": "public", "expires_at": "2100-01-01T00:00:00Z"}'
    headers = {**key, "Content-Type": "application/json"}
    at = f"/api/v2/files/{file['id']}"
    assert front.request("PATCH", at, body=body, headers=headers).status == 200
    answer = front.get(file["url"])
    assert (answer.status, answer.headers["Server"][:5]) == (200, "nginx")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers.getlist("Content-Security-Policy") == [SVG_POLICY]
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]


def test_static_files_come_packed_named_and_for_as_long_as_their_names_say(
    nginx: tuple[Site, Site],
) -> None:
    site, front = nginx
    packed = {"Accept-Encoding": "gzip"}
    for kind, media_type in (("css", "text/css"), ("js", "text/javascript")):
        named = next(
            path
            for path in sorted((site.folder / "static").rglob(f"*.{kind}"))
            if path.with_name(f"{path.name}.gz").exists()
        )
        address = f"/static/{named.relative_to(site.folder / 'static')}"
        plain, answer = front.get(address), front.get(address, headers=packed)
        for one in (plain, answer):
            assert one.headers["Content-Type"] == f"{media_type}; charset=utf-8"
            assert one.headers["X-Content-Type-Options"] == "nosniff"
            assert one.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert plain.data == named.read_bytes()
    drawing = front.get("/static/img/favicon.svg")
    assert drawing.headers["Content-Type"] == "image/svg+xml"
    assert drawing.headers["Cache-Control"] == "public, max-age=300"


def test_the_log_holds_neither_queries_nor_tokens(nginx: tuple[Site, Site]) -> None:
    site, front = nginx
    front.get("/search?q=a-secret-word")
    front.get("/image/AbCdEfGhIjKlMnOpQrStUvWx/delete/a-secret-token")
    log = site.folder.parent / "access.log"
    # nginx writes the line once the answer has been sent.
    wait_until(lambda: "/delete/" in log.read_text())
    assert "GET /search HTTP" in log.read_text()
    assert "secret" not in log.read_text()


def test_pages_know_the_visitors_own_address(nginx: tuple[Site, Site]) -> None:
    site, front = nginx
    key = {"X-API-Key": site.manage("create_api_key", "carol").strip()}
    front.post(
        "/api/1/upload",
        fields={"source": ("a.png", fresh_png())},
        headers={**key, "X-Forwarded-For": "203.0.113.9"},
    )
    values = site.shell(
        "from hosting.models import HostedFile; print(HostedFile.objects.first().uploader_ip)"
    )
    assert values.strip() == "127.0.0.1"
