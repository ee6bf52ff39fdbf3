"""The site behind nginx with the configuration that the docs give: the same links, sent by nginx."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.api.chevereto.conftest import fresh_jpeg, fresh_png
from tests.live import ROOT, Site, free_port

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
