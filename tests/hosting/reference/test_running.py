"""The code on the pages, run as it is printed, against a site."""

from __future__ import annotations

import html
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import pictures
from tests.conftest import People
from tests.live import PATIENCE, Site

pytestmark = [pytest.mark.live, pytest.mark.slow]

# By API: what is run in every language, with a word of its answer.
MAIN = [
    ("native", "uploadFile", "viewer_url"),
    ("native", "createJob", "pipeline"),
    ("chevereto", "upload", "file uploaded"),
    ("imghippo", "upload", "view_url"),
    ("imgsmaller", "compress", "queued"),
    ("img_processing", "uploadImage", "image_"),
]
# What needs neither an id of the reader's own nor another host.
ALSO = [
    ("native", "listFiles", "links"),
    ("native", "createAlbum", "By the sea"),
    ("native", "getAccount", "alice"),
    ("native", "createKey", "secret"),
    ("native", "beginUpload", "upload-offset"),
    ("chevereto", "imgbbUpload", "display_url"),
    ("imghippo", "compressPng", "png"),
    ("imghippo", "resizeImage", "resize"),
    ("imghippo", "cropImage", "crop"),
    ("imgsmaller", "info", "remaining"),
    ("img_processing", "listImages", "image_"),
]
# Of every run another one: what was uploaded before is refused.
SEEDS = itertools.count(1000)

Printed = Callable[[str, str, str], str]


@pytest.fixture(scope="module")
def printed(site: Site, people: People) -> Printed:
    """The code of an operation in a language, as the page shows it to Alice with her key."""
    pages: dict[str, str] = {}

    def code(api: str, operation: str, language: str) -> str:
        if api not in pages:
            pages[api] = site.get(f"/api/docs/{api}").text
        found = re.search(rf'id="{operation}-{language}-code">(.*?)</code>', pages[api], re.DOTALL)
        assert found, (api, operation, language)
        text = html.unescape(re.sub(r"</?span[^>]*>", "", found[1]))
        assert "YOUR_KEY" in text
        return text.replace("YOUR_KEY", people.alice)

    return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A reader's folder, with the pictures that the code names."""
    picture = pictures.texture(640, 480, next(SEEDS))
    for name, kind in (("jpg", "JPEG"), ("png", "PNG")):
        (tmp_path / f"picture.{name}").write_bytes(pictures.saved(picture, kind))
    return tmp_path


def run(arguments: list[str], folder: Path) -> str:
    """Run a program there; it has to succeed. Returns what it printed."""
    away = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        arguments, cwd=folder, env=away, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("api", "operation", "word"), MAIN + ALSO)
def test_the_curl_lines_run(
    printed: Printed,
    needs: Callable[[str, str], str],
    folder: Path,
    api: str,
    operation: str,
    word: str,
) -> None:
    needs("curl", "curl")
    assert word in run(["sh", "-c", printed(api, operation, "curl")], folder)


@pytest.mark.parametrize(("api", "operation", "word"), MAIN)
def test_the_python_runs(
    printed: Printed, folder: Path, api: str, operation: str, word: str
) -> None:
    script = folder / "sample.py"
    script.write_text(printed(api, operation, "python"))
    assert word in run([sys.executable, str(script)], folder)


@pytest.mark.parametrize(("api", "operation", "word"), MAIN)
def test_the_javascript_runs(
    printed: Printed,
    needs: Callable[[str, str], str],
    folder: Path,
    api: str,
    operation: str,
    word: str,
) -> None:
    script = folder / "sample.mjs"
    script.write_text(printed(api, operation, "javascript"))
    assert word in run([needs("node", "nodejs"), str(script)], folder)
