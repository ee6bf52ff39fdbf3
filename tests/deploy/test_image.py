"""The image and the compose file: what the Dockerfile copies is sent to the builder, and nothing runs with more
rights than it needs."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml
from django.conf import settings

from tests.live import ROOT


def instructions() -> list[list[str]]:
    """The Dockerfile's instructions as words, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


def copied() -> list[str]:
    """The sources of every COPY."""
    copies = [words for words in instructions() if words[0] == "COPY"]
    return [source for words in copies for source in words[1:-1]]


def is_admitted(path: str) -> bool:
    """Whether .dockerignore sends `path` to the builder: the last pattern that fits it or a parent decides."""
    admitted = True
    parts = PurePosixPath(path)
    names = [str(parts), *(str(parent) for parent in parts.parents if str(parent) != ".")]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not (pattern := line.strip()) or pattern.startswith("#"):
            continue
        readmits = pattern.startswith("!")
        pattern = pattern.lstrip("!").removeprefix("**/")
        if any(fnmatch.fnmatchcase(name, pattern) for name in names):
            admitted = readmits
    return admitted


@pytest.mark.parametrize("source", copied())
def test_what_the_image_copies_is_there_and_sent_to_the_builder(source: str) -> None:
    assert (ROOT / source).exists()
    assert is_admitted(source)


@pytest.mark.parametrize("path", [".env", "var/vitrine.db", ".git/config", "tests/live.py"])
def test_what_is_private_to_a_checkout_is_not_sent(path: str) -> None:
    assert not is_admitted(path)


def test_the_image_holds_all_that_the_site_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        *project["tool"]["importlinter"]["root_packages"],
        *(path.relative_to(ROOT).parts[0] for path in settings.LOCALE_PATHS),
        *(path.relative_to(ROOT).parts[0] for path in settings.STATICFILES_DIRS),
        *(path.relative_to(ROOT).parts[0] for path in settings.TEMPLATES[0]["DIRS"]),
        "manage.py",
    }
    assert wanted <= set(copied())


def test_the_image_runs_as_a_user_of_its_own_and_listens_to_all() -> None:
    users = [words[1] for words in instructions() if words[0] == "USER"]
    assert users[-1:] == ["vitrine"]
    assert "HOST=0.0.0.0" in [
        word for words in instructions() if words[0] == "ENV" for word in words
    ]


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return found


@pytest.mark.parametrize("name", sorted(services()))
def test_every_container_has_only_the_rights_that_it_needs(name: str) -> None:
    service = services()[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert "/tmp" in {place.partition(":")[0] for place in service["tmpfs"]}


def test_no_password_stands_in_the_compose_file() -> None:
    for service in services().values():
        for setting, value in service.get("environment", {}).items():
            if "PASSWORD" in setting or "SECRET" in setting:
                # Unset it is empty, and PostgreSQL's image does not start with an empty one.
                assert value == f"${{{setting}:-}}"
