"""Secrets that are read again are encrypted in the database, under SECRET_KEY."""

from __future__ import annotations

import json
import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.db import connection

from accounts.encryption import Unreadable, decrypted, encrypted
from hosting.models import Webhook
from hosting.models.webhook import make_secret
from tests.accounts.conftest import one_time_code
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


@pytest.mark.django_db
def test_a_second_factors_secret_is_not_in_the_database(settings: Any) -> None:
    user, secret = UserFactory(), generate_totp_secret()
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).get_unused_codes()
    kept = str([*Authenticator.objects.values_list("data", flat=True)])
    assert secret not in kept
    assert not any(code in kept for code in codes)
    app, spare = (
        Authenticator.objects.get(type=kind).wrap() for kind in ("totp", "recovery_codes")
    )
    assert app.validate_code(one_time_code(secret))
    assert spare.get_unused_codes() == codes
    # Under another SECRET_KEY no code fits, and nothing fails.
    cache.clear()
    settings.SECRET_KEY = OTHER_KEY
    assert not app.validate_code(one_time_code(secret))
    assert not spare.validate_code(codes[0])


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
def test_an_earlier_versions_second_factors_are_encrypted_and_go_on(tmp_path: Path) -> None:
    name = "encrypted_second_factors"
    (migration,) = (one.stem for one in (ROOT / "accounts/migrations").glob(f"*_{name}.py"))
    (before,) = (
        other
        for app, other in import_module(f"accounts.migrations.{migration}").Migration.dependencies
        if app == "accounts"
    )
    secret = generate_totp_secret()
    site = Site(tmp_path / "data")
    site.manage("migrate", "accounts", before, "--verbosity=0")
    site.manage("migrate", "mfa", "--verbosity=0")
    with sqlite3.connect(site.folder / "vitrine.db") as database:
        insert(database, "accounts_user", id=1, username="old")
        data = json.dumps({"secret": secret})
        insert(database, "mfa_authenticator", user_id=1, type="totp", data=data)
        # Codes from before allauth, and a row that is none.
        insert(database, "accounts_user", id=2, username="older")
        data = json.dumps({"migrated_codes": ["12345678"]})
        insert(database, "mfa_authenticator", user_id=2, type="recovery_codes", data=data)
        insert(database, "mfa_authenticator", user_id=2, type="totp", data='{"secret": null}')
    site.manage("migrate", "--verbosity=0")
    with sqlite3.connect(site.folder / "vitrine.db") as database:
        kept = str(database.execute("SELECT data FROM mfa_authenticator").fetchall())
    assert secret not in kept
    assert "12345678" not in kept
    told = site.shell(
        "from allauth.mfa.models import Authenticator; from allauth.mfa.utils import decrypt;"
        "print(decrypt(Authenticator.objects.get(user_id=1).data['secret']));"
        "print(Authenticator.objects.get(type='recovery_codes').wrap().get_unused_codes())"
    )
    assert told.split("\n")[:2] == [secret, "['12345678']"]


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
