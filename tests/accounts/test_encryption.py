"""Secrets that are read again are encrypted in the database, under SECRET_KEY."""

from __future__ import annotations

import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.encryption import Unreadable, decrypted, encrypted
from hosting.models import Webhook
from hosting.models.webhook import make_secret
from tests.factories import UserFactory
from tests.live import ROOT, Site

OTHER_KEY = "another-key-of-more-than-fifty-characters-0123456789"


def test_what_was_encrypted_is_read_again_and_never_looks_the_same() -> None:
    assert decrypted(encrypted("whsec_Zażółć")) == "whsec_Zażółć"
    assert encrypted("a") != encrypted("a")


def test_another_key_reads_nothing_until_the_old_one_is_named(settings: Any) -> None:
    token, old = encrypted("secret"), settings.SECRET_KEY
    settings.SECRET_KEY = OTHER_KEY
    with pytest.raises(Unreadable):
        decrypted(token)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert decrypted(token) == "secret"


def columns() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM hosting_webhook")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_a_webhooks_secret_is_not_in_the_database(settings: Any) -> None:
    hook = Webhook.objects.create(owner=UserFactory(), url="https://example.org/", events=[])
    (kept,) = columns()
    assert hook.secret.startswith("whsec_")
    assert hook.secret not in kept
    assert hook.secret.removeprefix("whsec_") not in kept
    assert Webhook.objects.get().secret == hook.secret
    settings.SECRET_KEY = OTHER_KEY
    assert Webhook.objects.get().secret == ""


EMPTY = {"datetime": "2026-11-21 00:00:00", "bool": 0, "bigint": 0, "integer": 0}


def insert(database: sqlite3.Connection, table: str, **values: Any) -> None:
    """Write a row of an earlier version: columns that must have something and are not named get nothing."""
    for _, name, kind, needed, default, is_key in database.execute(
        f"PRAGMA table_info({table})"
    ).fetchall():
        if needed and default is None and not is_key:
            values.setdefault(name, EMPTY.get(kind.partition("(")[0], ""))
    names, places = ", ".join(values), ", ".join("?" * len(values))
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", [*values.values()])


@pytest.mark.slow
def test_an_earlier_versions_secrets_are_encrypted_and_go_on(tmp_path: Path) -> None:
    (name,) = (one.stem for one in (ROOT / "hosting/migrations").glob("*_encrypted_webhook_*.py"))
    (before,) = (
        other
        for app, other in import_module(f"hosting.migrations.{name}").Migration.dependencies
        if app == "hosting"
    )
    secret = make_secret()
    site = Site(tmp_path / "data")
    site.manage("migrate", "hosting", before, "--verbosity=0")
    with sqlite3.connect(site.folder / "vitrine.db") as database:
        insert(database, "accounts_user", id=1, username="old")
        insert(database, "hosting_webhook", owner_id=1, events="[]", secret=secret)
    site.manage("migrate", "hosting", "--verbosity=0")
    with sqlite3.connect(site.folder / "vitrine.db") as database:
        (kept,) = database.execute("SELECT secret FROM hosting_webhook").fetchone()
    assert secret not in kept
    printed = site.shell("from hosting.models import Webhook; print(Webhook.objects.get().secret)")
    assert printed.strip() == secret
