"""A site fetches its network in the background, serves meanwhile, and uses it without being started again."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from tests import networks, pictures
from tests.depot import Depot, running
from tests.live import PATIENCE, Site

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(400)]

NETWORK = networks.redness()
ENGINE = "X-Vitrine-Background-Engine"


def engine(site: Site, key: str) -> str:
    """What removes a background now."""
    picture = pictures.saved(pictures.texture(60, 60), "PNG")
    answer = site.post(
        "/v1/remove-background", fields={"api_key": key, "image": ("a.png", picture)}
    )
    assert answer.status == 200, answer.text
    return str(answer.headers[ENGINE])


def until(found: object, text: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while text not in (seen := found()):  # type: ignore[operator]
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    return str(seen)


def test_the_network_comes_while_the_site_serves(tmp_path: Path) -> None:
    with running(Depot(NETWORK, hold=100)) as depot:
        env = {
            "FETCH_MODELS": "True",
            "REMBG_MODEL": "u2net_custom",
            "REMBG_URL": depot.url,
            "REMBG_SHA256": hashlib.sha256(NETWORK).hexdigest(),
        }
        site = Site(tmp_path / "data", env=env)
        try:
            site.start()
            key = site.manage("create_api_key", "alice").strip()
            assert depot.holding.wait(PATIENCE)
            assert engine(site, key) == "grabcut"
            depot.go.set()
            until(lambda: site.log, "backgrounds are removed by it from now on")
            assert engine(site, key) == "rembg u2net_custom"
            assert "ended" not in site.log
        finally:
            site.stop()
        # The next start fetches nothing.
        assert depot.asked == [""]
        try:
            site.start()
            assert engine(site, key) == "rembg u2net_custom"
        finally:
            site.stop()
    assert depot.asked == [""]


def test_without_network_there_is_one_line_and_grabcut(tmp_path: Path) -> None:
    with running(Depot(b"")) as closed:
        pass
    env = {
        "FETCH_MODELS": "True",
        "REMBG_MODEL": "u2net_custom",
        "REMBG_URL": closed.url,
        "REMBG_SHA256": "0" * 64,
    }
    site = Site(tmp_path / "data", env=env)
    try:
        site.start()
        key = site.manage("create_api_key", "alice").strip()
        until(lambda: site.log, "could not be fetched")
        assert engine(site, key) == "grabcut"
        fetches = [line for line in site.log.splitlines() if "fetch" in line]
    finally:
        site.stop()
    assert len(fetches) == 2, fetches
    # The worker's own line says what an operator can do.
    assert "run manage.py fetch_models u2net_custom" in fetches[1]
