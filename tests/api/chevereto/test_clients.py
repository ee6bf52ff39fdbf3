"""Other people's clients, unmodified, against the running site."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.chevereto.conftest import fresh_jpeg
from tests.conftest import People
from tests.live import ROOT, Site

pytestmark = [pytest.mark.live, pytest.mark.slow]
CLIENTS = ROOT / "tests" / "clients"

IMGBB_UPLOADER = """
const upload = require("imgbb-uploader");
upload(JSON.parse(process.argv[1]))
  .then((answer) => console.log(JSON.stringify(answer)))
  .catch((error) => { console.error(String(error)); process.exit(1); });
"""


@pytest.fixture(scope="module")
def node(needs: Callable[[str, str], str]) -> str:
    """Node, with the clients installed beside it."""
    found = needs("node", "nodejs")
    if not (CLIENTS / "node_modules").is_dir():
        subprocess.run([needs("npm", "npm"), "ci"], cwd=CLIENTS, check=True, timeout=300)
    return found


def run(*command: str, cwd: Path = CLIENTS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpeg"
    file.write_bytes(fresh_jpeg(1600, 1200))
    return file


def test_picgo_with_its_web_uploader(
    node: str, site: Site, people: People, photo: Path, tmp_path: Path
) -> None:
    # PicGo looks for its plugins beside its configuration.
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    (tmp_path / "package.json").write_text((CLIENTS / "package.json").read_text())
    config = tmp_path / "config.json"
    uploader = {
        "url": f"{site.url}/api/1/upload",
        "paramName": "source",
        "jsonPath": "image.url",
        "customHeader": json.dumps({"X-API-Key": people.alice}),
        "customBody": json.dumps({"key": people.alice, "format": "json"}),
    }
    config.write_text(
        json.dumps(
            {
                "picBed": {
                    "uploader": "web-uploader",
                    "current": "web-uploader",
                    "web-uploader": uploader,
                },
                "picgoPlugins": {"picgo-plugin-web-uploader": True},
            }
        )
    )
    picgo = str(CLIENTS / "node_modules" / "picgo" / "bin" / "picgo")
    done = run(node, picgo, "-c", str(config), "upload", str(photo), cwd=tmp_path)
    links = [line for line in done.stdout.splitlines() if site.url in line]
    assert links, done.stdout + done.stderr
    assert site.get(links[-1].strip()).status == 200


@pytest.mark.parametrize("how", ["imagePath", "base64string"])
def test_imgbb_uploader(node: str, site: Site, people: People, photo: Path, how: str) -> None:
    given = str(photo) if how == "imagePath" else base64.b64encode(photo.read_bytes()).decode()
    options = {
        "apiKey": people.alice,
        "cheveretoHost": site.url,
        how: given,
        "customPayload": {"title": "By imgbb-uploader", "album_id": people.alices_album},
    }
    if how == "base64string":
        # A command line holds no photo, so this one reads its options from a file.
        source = photo.with_suffix(".json")
        source.write_text(json.dumps(options))
        script = IMGBB_UPLOADER.replace(
            "process.argv[1]", 'require("fs").readFileSync(process.argv[1])'
        )
        done = run(node, "-e", script, str(source))
    else:
        done = run(node, "-e", IMGBB_UPLOADER, json.dumps(options))
    assert done.returncode == 0, done.stderr
    image = json.loads(done.stdout)["image"]
    assert image["title"] == "By imgbb-uploader"
    assert site.get(image["url"]).status == 200


def test_imgbb_uploader_gets_errors(node: str, site: Site, photo: Path) -> None:
    options = {"apiKey": "wrong", "cheveretoHost": site.url, "imagePath": str(photo)}
    done = run(node, "-e", IMGBB_UPLOADER, json.dumps(options))
    assert done.returncode == 1
    assert "Invalid API key" in done.stderr


def test_the_curl_line_of_the_api_page(
    needs: Callable[[str, str], str], site: Site, people: People, photo: Path
) -> None:
    done = run(
        needs("curl", "curl"), "--fail-with-body", "-X", "POST",
        "-H", f"X-API-Key: {people.alice}", "-H", "Content-Type: multipart/form-data",
        "-F", f"source=@{photo.name}", f"{site.url}/api/1/upload",
        cwd=photo.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["image"]["original_filename"] == "photo.jpeg"


def test_curl_fails_where_the_key_is_wrong(
    needs: Callable[[str, str], str], site: Site, photo: Path
) -> None:
    done = run(
        needs("curl", "curl"), "--fail-with-body", "-F", f"source=@{photo}",
        "-H", "X-API-Key: no", f"{site.url}/api/1/upload",
    )  # fmt: skip
    assert done.returncode == 22
    assert json.loads(done.stdout)["error"]["message"] == "Invalid API key."
