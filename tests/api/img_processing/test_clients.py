"""Other people's clients, unmodified, against the running site."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import pictures
from tests.api.chevereto.test_clients import CLIENTS, node, run
from tests.api.img_processing.conftest import Api

__all__ = ["node"]

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_picgo_with_its_web_uploader(node: str, live: Api, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpeg"
    photo.write_bytes(pictures.photo(1600, 1200))
    # PicGo looks for its plugins beside its configuration.
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    (tmp_path / "package.json").write_text((CLIENTS / "package.json").read_text())
    uploader = {
        "url": f"{live.site.url}/v1/images/upload",
        "paramName": "image",
        "jsonPath": "id",
        "customHeader": json.dumps({"x-api-key": live.key}),
        "customBody": json.dumps({"name": "By PicGo"}),
    }
    bed = {"uploader": "web-uploader", "current": "web-uploader", "web-uploader": uploader}
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps({"picBed": bed, "picgoPlugins": {"picgo-plugin-web-uploader": True}})
    )
    picgo = str(CLIENTS / "node_modules" / "picgo" / "bin" / "picgo")
    done = run(node, picgo, "-c", str(config), "upload", str(photo), cwd=tmp_path)
    found = re.findall(r"image_[A-Za-z0-9]{24}", done.stdout)
    assert found, done.stdout + done.stderr
    image = live.ask("GET", f"/{found[-1]}").json()
    assert (image["name"], image["width"], image["height"]) == ("By PicGo", 1600, 1200)
