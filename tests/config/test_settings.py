"""Settings come from the environment, and `.env.example` names each with its default."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.live import ROOT

EXAMPLE = ROOT / ".env.example"
READ = re.compile(r"\b(?:os\.environ\.get|env\.[a-z_]+)\(\s*\"([A-Z][A-Z0-9_]+)\"")


def documented() -> dict[str, str]:
    lines = [line for line in EXAMPLE.read_text().splitlines() if re.match(r"[A-Z]", line)]
    return dict(line.split("=", 1) for line in lines)


def read_by_the_code() -> set[str]:
    code = "".join(
        path.read_text()
        for folder in ("config", "server")
        for path in (ROOT / folder).rglob("*.py")
    )
    return set(READ.findall(code))


def settings_with(**environment: str) -> str:
    """What `repr` some settings have in a process of its own; fails with its error."""
    code = (
        "from django.conf import settings as s;"
        "print(repr([s.PORT, s.SITE_URL, s.MAX_PIXELS, s.KEEP_ORIGINALS, s.FILES_STORAGE, s.FILES_DELIVERY,"
        "s.DATABASES['default']['ENGINE'], s.CELERY_BROKER_URL.split(':')[0], s.CACHES['default']['BACKEND'],"
        "s.FILES_URL, s.EMAIL_BACKEND, s.HOST, s.DATA_GROUP]))"
    )
    clean = {name: value for name, value in os.environ.items() if name not in documented()}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**clean, "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_setting_that_the_code_reads_is_in_the_example_and_no_other() -> None:
    assert read_by_the_code() == set(documented())


def test_the_example_as_it_stands_is_the_default(tmp_path: Path) -> None:
    plain = settings_with(DATA_DIR=str(tmp_path))
    assert settings_with(**{**documented(), "DATA_DIR": str(tmp_path)}) == plain


def test_links_follow_the_port_where_no_address_is_given(tmp_path: Path) -> None:
    assert "http://localhost:9123" in settings_with(DATA_DIR=str(tmp_path), PORT="9123")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "pictures.example.org"),
        ("FILES_STORAGE", "tape"),
        ("FILES_DELIVERY", "pigeon"),
        ("REMBG_URL", "ftp://models.example.org/u2net.onnx"),
        ("REMBG_SHA256", "abc"),
    ],
)
def test_a_setting_that_cannot_be_meant_stops_the_start(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(AssertionError, match=name):
        settings_with(DATA_DIR=str(tmp_path), **{name: value})


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ({}, "127.0.0.1"),
        ({"SITE_URL": "http://127.0.0.1:8000"}, "127.0.0.1"),
        ({"SITE_URL": "http://127.0.0.2:8000"}, "127.0.0.2"),
        ({"SITE_URL": "http://[::1]:8000"}, "::1"),
        ({"SITE_URL": "http://pictures.localhost:8000"}, "127.0.0.1"),
        ({"SITE_URL": "https://pictures.example.org"}, "0.0.0.0"),
        ({"SITE_URL": "https://127.example.org"}, "0.0.0.0"),
        ({"SITE_URL": "http://192.0.2.1"}, "0.0.0.0"),
        ({"SITE_URL": "http://[2001:db8::1]"}, "::"),
        ({"HOST": "0.0.0.0"}, "0.0.0.0"),
        ({"HOST": "192.0.2.7", "SITE_URL": "https://pictures.example.org"}, "192.0.2.7"),
    ],
)
def test_a_site_with_a_local_name_is_for_this_machine_alone(
    tmp_path: Path, environment: dict[str, str], host: str
) -> None:
    assert f"'{host}'" in settings_with(DATA_DIR=str(tmp_path), **environment)


def test_the_secret_key_is_made_once_and_kept_for_this_site_alone(tmp_path: Path) -> None:
    settings_with(DATA_DIR=str(tmp_path))
    key = tmp_path / "secret_key"
    first = key.read_text()
    settings_with(DATA_DIR=str(tmp_path))
    assert key.read_text() == first
    assert len(first) >= 50
    assert key.stat().st_mode & 0o077 == 0


def test_a_strange_host_writes_nothing_to_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert logging.getLogger("django.security.DisallowedHost").handlers
    assert Client().get("/", headers={"host": "evil.example"}).status_code == 400
    assert "evil.example" not in capsys.readouterr().err
