"""The commands of moderation: the same use cases, and in the log as "command line"."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from hosting.models import AuditEntry, HostedFile
from tests.factories import HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_the_queue_is_shown_and_set() -> None:
    assert run("moderation") == "queue: off, 0 waiting"
    HostedFileFactory(review="waiting", is_approved=False)
    assert run("moderation", "--queue", "guests") == "queue: guests, 1 waiting"

    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.channel) == ("change rules", "command line")
    assert (entry.before, entry.after) == ({"queue": "off"}, {"queue": "guests"})


def test_a_file_is_rejected_and_approved() -> None:
    file = HostedFileFactory(owner=UserFactory())

    run("reject", file.public_id, "--reason", "Not a cat.")
    rejected = HostedFile.objects.get(pk=file.pk)
    assert (rejected.review, rejected.is_approved) == ("rejected", False)
    assert rejected.decisions.get().text == "Not a cat."

    run("approve", file.public_id)
    assert HostedFile.objects.get(pk=file.pk).is_approved
    assert {entry.channel for entry in AuditEntry.objects.all()} == {"command line"}


def test_a_reasons_code_names_that_reason() -> None:
    file = HostedFileFactory()

    run("reject", file.public_id, "--reason", "spam")

    decision = file.decisions.get()
    assert decision.reason is not None
    assert (decision.reason.code, decision.text) == ("spam", "")


def test_a_member_is_suspended_and_let_in_again() -> None:
    member = UserFactory(username="mallory")
    file = HostedFileFactory(owner=member)

    assert run("suspend", "Mallory") == "mallory: suspended"
    # Twice is no error and no second decision.
    assert run("suspend", "mallory") == "mallory: suspended"
    assert not HostedFile.objects.filter(pk=file.pk).exists()

    assert run("suspend", "mallory", "--undo") == "mallory: let in again"
    assert HostedFile.objects.get(pk=file.pk).is_approved


@pytest.mark.parametrize(
    "words",
    [("approve", "nothing"), ("reject", "nothing", "--reason", "x"), ("suspend", "nobody")],
)
def test_what_is_not_there_is_said(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="There is no"):
        run(*words)
