"""What passes through a site, a stranger's picture or its half, lies in DATA_DIR alone and never in /tmp.

Temporary files have no names, so no folder shows them: each Python process of the site notes what it opens to
write. Children of the sandbox may not write a byte to any file.
"""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image

from tests import pictures
from tests.light import LightSite
from tests.live import Answer, Site, free_port

pytestmark = [pytest.mark.live, pytest.mark.slow]

# Loaded by every Python process as it begins; the log is written without opening it again.
SPY = """
import os, sys
_log = os.open(os.environ["SPY_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def _note(event, facts):
    if event == "open" and isinstance(facts[2], int) and facts[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        path = facts[0]
    elif event in ("os.mkdir", "tempfile.mkstemp", "tempfile.mkdtemp"):
        path = facts[0]
    else:
        return
    if isinstance(path, (str, bytes)):
        os.write(_log, os.path.abspath(os.fsencode(path)) + b"\\n")
sys.addaudithook(_note)
"""


@pytest.fixture(scope="module")
def spied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("spied")
    (folder / "spy").mkdir()
    (folder / "spy" / "sitecustomize.py").write_text(SPY)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    port = free_port()
    env = {
        "PYTHONPATH": str(folder / "spy"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SPY_LOG": str(folder / "log"),
        # What the machine would have it use.
        "TMPDIR": str(elsewhere),
        "FETCH_TRUSTED_HOSTS": f"127.0.0.1:{port}",
    }
    with LightSite(folder / "data", env=env, port=port) as site:
        yield site


def noise(side: int, seed: int) -> bytes:
    """A PNG of three bytes a pixel."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    return pictures.saved(Image.fromarray(pixels), "PNG", compress_level=0)


def written(site: Site) -> set[Path]:
    log = site.folder.parent / "log"
    return {Path(line) for line in log.read_text().splitlines()}


def send(site: Site, path: str, **options: Any) -> Answer:
    answer = site.post(path, **options)
    assert answer.status < 300, (path, answer.text[:500])
    return answer


def test_no_way_in_leaves_anything_elsewhere(spied: Site) -> None:
    key = spied.manage("create_api_key", "alice").split()[-1]
    headers = {"X-API-Key": key}
    large = iter(noise(1750 + number, number) for number in range(20))

    def file(data: bytes, name: str = "a.png") -> tuple[str, bytes]:
        return name, data

    # A form whose part goes to the disk, base64 in a form and in JSON, a URL.
    found = send(spied, "/api/1/upload", headers=headers, fields={"source": file(next(large))})
    form = urlencode({"source": base64.b64encode(next(large))})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    send(spied, "/api/1/upload", headers={**headers, **kind}, body=form)
    body = json.dumps({"source": base64.b64encode(next(large)).decode()})
    kind = {"Content-Type": "application/json"}
    send(spied, "/api/1/upload", headers={**headers, **kind}, body=body)
    url = found.json()["image"]["url"]
    again = {"source": url, "allow_duplicate": "1"}
    send(spied, "/api/1/upload", headers=headers, fields=again)

    # The other APIs, and the site's own form.
    send(spied, "/v1/upload", headers=headers, fields={"file": file(next(large))})
    send(
        spied,
        "/v1/images/upload",
        headers=headers,
        fields={"image": file(next(large)), "name": "a"},
    )
    send(spied, "/api/v2/files", headers=headers, fields={"file": file(next(large))})
    send(spied, "/v1/compress/png", headers=headers, fields={"images": file(next(large))})
    page = spied.get("/")
    token = page.headers["Set-Cookie"].partition("csrftoken=")[2].partition(";")[0]
    told = {"Cookie": f"csrftoken={token}", "X-CSRFToken": token, "Referer": f"{spied.url}/"}
    small_enough = noise(1700, 99)
    assert 8 * 2**20 < len(small_enough) < 10 * 2**20
    send(
        spied,
        "/upload",
        headers={**told, "Accept": "application/json"},
        fields={"files": file(small_enough)},
    )

    # In pieces.
    whole = next(large)
    begun = {**headers, "Tus-Resumable": "1.0.0", "Upload-Length": str(len(whole))}
    at = send(spied, "/api/v2/uploads", headers=begun).headers["Location"]
    for start in range(0, len(whole), 4_000_000):
        piece = {
            **headers,
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(start),
            "Content-Type": "application/offset+octet-stream",
        }
        answer = spied.request("PATCH", at, headers=piece, body=whole[start : start + 4_000_000])
        assert answer.status == 204, answer.text

    # What is worked on in other processes and by other programs.
    others = {
        "a.heic": pictures.heic(),
        "a.mp4": pictures.video(),
        "a.svg": pictures.svg(),
        "a.jpg": pictures.photo(800, 600),
    }
    for name, data in others.items():
        send(spied, "/api/1/upload", headers=headers, fields={"source": file(data, name)})
    job = {"file": file(next(large)), "output_size": "50%"}
    send(spied, "/api/v1/compress", headers=headers, fields=job)

    # A large answer that is made before it is sent.
    spied.get("/api/v2/files?size=100", headers=headers)

    paths = written(spied)
    allowed = (spied.folder, Path("/dev"), Path("/proc"))
    stray = {path for path in paths if not any(path.is_relative_to(one) for one in allowed)}
    assert stray == set()
    # The spy sees files without names too, as the folder that they are made in.
    assert spied.folder / "tmp" in paths
    assert not list((spied.folder.parent / "elsewhere").iterdir())
    assert stat.S_IMODE((spied.folder / "tmp").stat().st_mode) == 0o700


def test_what_programs_are_told_to_use_is_the_same_folder(spied: Site) -> None:
    code = (
        "import os, subprocess, sys, tempfile; from processing.sandbox import cold;"
        "print(tempfile.gettempdir(), os.environ['TMPDIR'],"
        " cold.python('print(os.environ[\"TMPDIR\"])', b'', seconds=9, memory=1 << 30).decode())"
    )
    assert set(spied.shell(code).split()) == {str(spied.folder / "tmp")}
