"""The website's own files: packed beside where that makes them smaller, once for each content."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command


@pytest.fixture
def collected(tmp_path: Path, settings: Any) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "server.static_files.StaticFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_texts_lie_there_packed_too_and_pictures_do_not(collected: Path) -> None:
    (named,) = collected.glob("css/site/forms.*.css")
    packed = named.with_name(f"{named.name}.gz")
    assert gzip.decompress(packed.read_bytes()) == named.read_bytes()
    assert packed.stat().st_size < named.stat().st_size / 2
    assert not [path for path in collected.rglob("*.gz") if path.suffixes[-2] in (".png", ".woff2")]


def test_collecting_again_packs_nothing_again(collected: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in collected.rglob("*.gz")}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert before == {path: path.stat().st_mtime_ns for path in collected.rglob("*.gz")}
