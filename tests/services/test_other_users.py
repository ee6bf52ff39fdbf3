"""What another user of the machine reads of a site: nothing, or its pictures where a group is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.chevereto.conftest import fresh_png
from tests.live import Site

pytestmark = [
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A DATA_DIR of an earlier version, where everybody can come by: pytest's own folders are closed."""
    parent = Path(tempfile.mkdtemp(prefix="vitrine-others-"))
    parent.chmod(0o755)
    data = parent / "data"
    (data / "files" / "public").mkdir(parents=True)
    for path in (data, data / "files", data / "files" / "public"):
        path.chmod(0o755)
    (data / "secret_key").write_text("an-old-key-of-more-than-fifty-characters-for-this-site-0123")
    (data / "secret_key").chmod(0o644)
    yield data
    shutil.rmtree(parent)


def run_as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, user="nobody", group="nogroup", extra_groups=[], cwd="/", capture_output=True, text=True
    )  # fmt: skip


def readable(folder: Path) -> set[str]:
    """The names of what `nobody` can read, below `folder` and at every path that root knows of."""
    known = [str(path) for path in folder.rglob("*") if path.is_file()]
    assert known
    # Asked by name, for a folder that cannot be listed may be one that can be passed through.
    asked = run_as_nobody(
        "sh", "-c", 'for f; do [ -r "$f" ] && echo "$f"; done; true', "sh", *known
    )
    listed = run_as_nobody("find", str(folder), "-type", "f", "-readable")
    lines = (asked.stdout + listed.stdout).split()
    return {str(Path(line).relative_to(folder)) for line in lines}


def test_nobody_else_reads_anything_of_the_site(folder: Path) -> None:
    with Site(folder) as site:
        key = {"X-API-Key": site.manage("create_api_key", "alice").strip()}
        site.post("/api/1/upload", fields={"source": ("a.png", fresh_png())}, headers=key)
        names = {path.name for path in folder.iterdir()}
        assert {"vitrine.db", "secret_key", "files", "queue", "static"} <= names
        assert list((folder / "files").rglob("*.png"))
        assert readable(folder) == set()
    assert readable(folder) == set()


def test_the_group_that_is_named_reads_pictures_and_static_files_alone(folder: Path) -> None:
    with Site(folder, env={"DATA_GROUP": "nogroup"}) as site:
        key = {"X-API-Key": site.manage("create_api_key", "alice").strip()}
        image = site.post(
            "/api/1/upload", fields={"source": ("a.png", fresh_png())}, headers=key
        ).json()["image"]
        body, headers = b'{"privacy": "private"}', {**key, "Content-Type": "application/json"}
        at = f"/api/v2/files/{image['id_encoded']}"
        assert site.request("PATCH", at, body=body, headers=headers).status == 200
        found = readable(folder)
        assert {name.partition("/")[0] for name in found} == {"files", "static"}
        # What was closed has moved into a folder made for it, and nginx still sends it.
        assert [
            name for name in found if name.startswith("files/guarded/") and name.endswith(".png")
        ]
