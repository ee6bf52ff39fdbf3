"""The audit log: each entry is bound to the one before it, so that tampering shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from hosting import audit
from hosting.audit import COMMAND_LINE, SYSTEM, Subject
from hosting.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries() -> list[AuditEntry]:
    return [
        audit.record(
            COMMAND_LINE,
            "reject",
            Subject("file", f"file{n}"),
            before={"nsfw": False},
            after={"nsfw": True},
        )
        for n in range(5)
    ]


def test_an_untouched_log_is_right(entries: list[AuditEntry]) -> None:
    assert audit.verify() is None
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("column", "value"),
    [("text", "other"), ("actor_name", "mallory"), ("action", "approve"), ("subject", "other"),
     ("after", {"nsfw": False}), ("before", {}), ("channel", "site"), ("reason", "spam"),
     ("owner_name", "bob"), ("content_hash", "00"), ("kind", "user"), ("digest", "0" * 64)],
)  # fmt: skip
def test_a_changed_entry_is_found(entries: list[AuditEntry], column: str, value: Any) -> None:
    AuditEntry.objects.filter(number=3).update(**{column: value})

    wrong = audit.verify()
    assert wrong is not None
    assert wrong.number == 3


def test_a_changed_moment_is_found(entries: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(number=2).update(created_at=entries[4].created_at)

    assert audit.verify() == entries[1]


def test_a_removed_entry_is_found(entries: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(number=2).delete()

    assert audit.verify() == entries[2]


def test_a_removed_entry_is_found_though_the_others_were_numbered_anew(
    entries: list[AuditEntry],
) -> None:
    AuditEntry.objects.filter(number=2).delete()
    for number in (3, 4, 5):
        AuditEntry.objects.filter(number=number).update(number=number - 1)

    assert audit.verify() is not None


def test_an_entry_that_somebody_without_the_secret_inserted_is_found(
    entries: list[AuditEntry],
) -> None:
    with override_settings(SECRET_KEY="guessed"):
        audit.record(SYSTEM, "approve", Subject("file", "forged"))

    wrong = audit.verify()
    assert wrong is not None
    assert wrong.subject == "forged"


def test_the_log_is_still_right_after_the_secret_was_changed(entries: list[AuditEntry]) -> None:
    from django.conf import settings

    with override_settings(SECRET_KEY="a new one", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert audit.verify() is None


def test_the_check_names_what_is_wrong(entries: list[AuditEntry]) -> None:
    call_command("check_audit_log")
    AuditEntry.objects.filter(number=4).update(text="other")

    with pytest.raises(CommandError, match="Entry 4"):
        call_command("check_audit_log")


def test_rows_cut_off_at_the_end_change_the_fingerprint(entries: list[AuditEntry]) -> None:
    before = audit.fingerprint()
    entries[4].delete()

    assert audit.verify() is None
    assert audit.fingerprint() != before
