"""The curl lines of the pages that the dialects follow, by curl itself: only site, key and files are replaced.

curl_lines/ has them word for word. In Chevereto's the pages have lost their line breaks, and one a parameter to
a filter of mail addresses.
"""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import pictures
from tests.conftest import People
from tests.live import PATIENCE, Site

pytestmark = [pytest.mark.live, pytest.mark.slow]

LINES = {
    file.stem: file.read_text().strip().split("\n\n")
    for file in (Path(__file__).parent / "curl_lines").glob("*.txt")
}
HOSTS = ("api.imghippo.com", "imagehosting.me", "imgximg.com", "imgsmaller.com")
KEYS = ("YOUR_API_KEY", "your-api-key-here", f"demo_{'a' * 64}")
HIPPOS_PICTURE = "https://i.imghippo.com/files/Ro2lJ1729256143.jpg"
RESULT = "https://imgsmaller.com/result/abcd1234deadbeef"
FORMATS = {
    "jpeg": "JPEG",
    "jpg": "JPEG",
    "original": "JPEG",
    "png": "PNG",
    "avif": "AVIF",
    "webp": "WEBP",
}
# (status, body)
Reply = tuple[int, str]
Curl = Callable[..., Reply]


@pytest.fixture
def curl(site: Site, people: People, needs: Callable[[str, str], str], tmp_path: Path) -> Curl:
    """Run a line of the pages in a shell, with `others` replaced before site, key and files are."""
    needs("curl", "curl")
    for name in ("image.jpg", "image.jpeg", "photo.jpg", "portrait.jpg"):
        (tmp_path / name).write_bytes(pictures.photo(1000, 800))
    (tmp_path / "image.png").write_bytes(pictures.png(320, 240))
    # What curl tells beside the answer; the lines stay as they are.
    (tmp_path / ".curlrc").write_text('silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')

    def run(line: str, others: dict[str, str] | None = None, key: str = people.alice) -> Reply:
        replaced = {
            **(others or {}),
            **{f"https://{host}": site.url for host in HOSTS},
            **dict.fromkeys(KEYS, key),
            "/path/to/": f"{tmp_path}/",
        }
        for before, after in replaced.items():
            line = line.replace(before, after)
        environment = {"PATH": "/usr/bin:/bin", "CURL_HOME": str(tmp_path)}
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        body, _, status = done.stdout.rpartition("\n")
        assert status.isdecimal(), (line, done.stdout, done.stderr)
        return int(status), body

    return run


def picture(site: Site, url: str) -> Any:
    answer = site.get(url.removeprefix(site.url))
    assert answer.status == 200, url
    return pictures.opened(answer.data)


@pytest.mark.parametrize("line", LINES["chevereto"])
def test_cheveretos(curl: Curl, site: Site, line: str) -> None:
    status, body = curl(line, {"image.jpeg": "image.png"} if "imgximg" in line else {})
    assert status == 200, body
    told = json.loads(body)
    assert told["status_txt"] == "OK"
    assert told["success"]["message"] == "file uploaded"
    assert picture(site, told["image"]["url"]).size == (
        told["image"]["width"],
        told["image"]["height"],
    )
    # --fail-with-body: the same line with a key that nobody has.
    status, body = curl(line, key="of nobody")
    assert status >= 400
    assert json.loads(body)["status_code"] == status


@pytest.mark.parametrize("line", LINES["imghippo"][:2], ids=["without a title", "with a title"])
def test_imghippos_uploads_and_what_then_deletes_them(
    curl: Curl, site: Site, tmp_path: Path, line: str
) -> None:
    (tmp_path / "image.jpg").write_bytes(pictures.distinct(pictures.photo(900, 700), len(line)))
    status, body = curl(line)
    assert status == 200, body
    told = json.loads(body)["data"]
    assert picture(site, told["url"]).format == "JPEG"
    assert told["title"] == ("My Photo" if "My Photo" in line else told["title"])

    (delete,) = [one for one in LINES["imghippo"] if "DELETE" in one]
    status, body = curl(delete, {HIPPOS_PICTURE: told["url"]})
    assert status == 200, body
    assert json.loads(body)["deleted_url"] == told["url"]
    assert site.get(told["url"].removeprefix(site.url)).status == 404
    # And as it stands on the page.
    assert curl(delete)[0] == 404


@pytest.mark.parametrize(
    ("word", "format", "size"),
    [
        ("compress-image", "JPEG", (1000, 800)),
        ("png-to-jpg", "JPEG", (320, 240)),
        ("resize-image", "JPEG", (800, 640)),
        ("crop-image", "JPEG", (800, 600)),
        ("remove-background", "PNG", (1000, 800)),
    ],
)
def test_imghippos_processing(
    curl: Curl, site: Site, word: str, format: str, size: tuple[int, int]
) -> None:
    (line,) = [one for one in LINES["imghippo"] if word in one]
    status, body = curl(line)
    assert status == 200, body
    made = json.loads(body)["data"]
    result = picture(site, (made[0] if isinstance(made, list) else made)["output_url"])
    assert (result.format, result.size) == (format, size)


def test_imgsmallers_info_and_every_line_with_the_key_of_the_page(curl: Curl) -> None:
    info = [line for line in LINES["imgsmaller"] if "/info" in line]
    assert len(info) == 3
    for line in info:
        status, body = curl(line)
        assert status == 200, body
        assert json.loads(body)["limit"] >= json.loads(body)["remaining_today"] > 0
    for line in LINES["imgsmaller"]:
        if any(key in line for key in KEYS):
            status, body = curl(line, key=KEYS[-1])
            assert status == 401, (line, body)


@pytest.mark.parametrize("wanted", FORMATS)
def test_imgsmallers_compression_by_form_and_by_json(curl: Curl, site: Site, wanted: str) -> None:
    names = (f"'output={wanted}'", f'"output": "{wanted}"\n')
    lines = [
        line
        for line in LINES["imgsmaller"]
        if any(name in line for name in names) and "file_url" not in line
    ]
    assert len(lines) == 2
    # A shell takes no longer argument than 128 KiB.
    encoded = base64.b64encode(pictures.photo(600, 400)).decode()
    for line in lines:
        status, body = curl(line, {'"..."': f'"{encoded}"'})
        assert status == 202, body
        told = json.loads(body)
        assert told["queued"] is True
        assert told["result_url"] == f"{site.url}/result/{told['progress_key']}"

        result = finished(curl, told["result_url"])
        assert result["status"] == "done", result
        assert result["download"] == told["download_url_template"].format(
            imageId=result["image_id"]
        )
        assert result["bytes"] <= 20 * 1024 or wanted == "png"
        assert picture(site, result["download"]).format == FORMATS[wanted]


def finished(curl: Curl, url: str) -> dict[str, Any]:
    """What the polling line says once it says something else than processing."""
    (poll,) = [line for line in LINES["imgsmaller"] if RESULT in line]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status, body = curl(poll, {RESULT: url})
        assert status == 200, body
        told: dict[str, Any] = json.loads(body)
        if told["status"] != "processing":
            return told
        time.sleep(0.2)
    raise AssertionError(f"{url} never ended")


def test_imgsmallers_url_without_an_allowed_domain(curl: Curl) -> None:
    (line,) = [one for one in LINES["imgsmaller"] if "file_url" in one]
    status, body = curl(line)
    assert status == 403
    assert json.loads(body) == {
        "message": "No allowed domain set. Please set your allowed domain in dashboard."
    }


def test_every_line_is_run() -> None:
    assert {name: len(lines) for name, lines in LINES.items()} == {
        "chevereto": 2,
        "imghippo": 8,
        "imgsmaller": 17,
    }
