"""The version stands in one place, and whoever runs the site finds it."""

from __future__ import annotations

import re
import tomllib

import pytest
from django.conf import settings
from django.test import Client

from config import __version__
from hosting.storage import objects
from tests.factories import UserFactory

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_the_project_has_no_second_version() -> None:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "config.__version__"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_the_changelog_has_a_dated_section_for_it() -> None:
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text()
    assert re.search(
        rf"^## {re.escape(__version__)} \(\d{{4}}-\d\d-\d\d\)$", changelog, re.MULTILINE
    )


def test_the_health_check_shows_it_after_its_answer(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content.decode().splitlines() == ["ok", f"version {__version__}"]


def test_a_site_that_cannot_serve_shows_it_after_the_reason(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "free_bytes", lambda: 0)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.content.decode().splitlines() == ["disk full", f"version {__version__}"]


def test_the_admin_shows_it_and_the_site_does_not(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True), backend=BACKEND)
    assert f"Vitrine {__version__}" in client.get("/admin/").content.decode()
    assert f"Vitrine {__version__}" not in client.get("/").content.decode()
