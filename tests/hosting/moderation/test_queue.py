"""Whose uploads wait, and what an upload that waits is for others."""

from __future__ import annotations

from io import BytesIO

import pytest

from accounts.keys import Caller
from accounts.models import User
from hosting.audit import COMMAND_LINE
from hosting.files import replacing, uploads
from hosting.files.options import UploadOptions
from hosting.models import HostedFile, ModerationRules, Privacy
from hosting.moderation import decisions, rules
from hosting.sources.source import Source
from hosting.storage import objects
from tests.factories import UserFactory, picture

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
Queue = ModerationRules.Queue


def upload(user: User | None, side: int = 40) -> HostedFile:
    data = picture(side, 30)
    file = uploads.accept(
        Caller(user=user), Source(BytesIO(data), len(data), "a.jpg"), UploadOptions()
    ).file
    return HostedFile.objects.get(pk=file.pk)


def people() -> dict[str, User | None]:
    return {
        "guest": None,
        "new": UserFactory(),
        "trusted": UserFactory(is_trusted=True),
        "queued": UserFactory(is_trusted=True, is_always_queued=True),
        "staff": UserFactory(is_staff=True),
    }


@pytest.mark.parametrize(
    ("queue", "waiting"),
    [(Queue.OFF, {"queued"}), (Queue.GUESTS, {"guest", "queued"}),
     (Queue.UNTRUSTED, {"guest", "new", "queued"})],
)  # fmt: skip
def test_uploads_wait_as_the_rules_say(queue: str, waiting: set[str]) -> None:
    rules.change(COMMAND_LINE, queue=queue)

    sent = {name: upload(user) for name, user in people().items()}

    assert {name for name, file in sent.items() if file.review == "waiting"} == waiting
    assert {name for name, file in sent.items() if not file.is_approved} == waiting
    assert {name: file.trust for name, file in sent.items()} == {
        "guest": "guest", "new": "new", "trusted": "trusted", "queued": "trusted", "staff": "staff",
    }  # fmt: skip


def test_a_waiting_file_is_guarded_until_it_is_approved() -> None:
    rules.change(COMMAND_LINE, queue=Queue.GUESTS)
    file = upload(None)
    assert file.area == objects.GUARDED

    decisions.decide(file, "approve", COMMAND_LINE)

    file.refresh_from_db()
    assert (file.area, objects.find(objects.PUBLIC, file.path) is not None) == (
        objects.PUBLIC,
        True,
    )


def test_replaced_bytes_wait_again_where_uploads_do() -> None:
    member = UserFactory()
    file = upload(member)
    rules.change(COMMAND_LINE, queue=Queue.UNTRUSTED)
    data = picture(50, 50)

    replacing.replace(Caller(user=member), file, Source(BytesIO(data), len(data), "b.jpg"))

    file.refresh_from_db()
    assert (file.review, file.is_approved, file.area) == ("waiting", False, objects.GUARDED)


def test_replaced_bytes_do_not_approve_a_rejected_file() -> None:
    member = UserFactory()
    file = upload(member)
    decisions.decide(file, "reject", COMMAND_LINE)
    data = picture(50, 50)

    replacing.replace(
        Caller(user=member),
        HostedFile.objects.get(pk=file.pk),
        Source(BytesIO(data), len(data), "b.jpg"),
    )

    file.refresh_from_db()
    assert (file.review, file.is_approved, file.area) == ("rejected", False, objects.GUARDED)


def test_members_whose_uploads_are_unlisted_or_frozen() -> None:
    from accounts.errors import UploadsFrozen

    unlisted, frozen = UserFactory(is_unlisted_by_default=True), UserFactory(uploads_frozen=True)

    assert upload(unlisted).privacy == Privacy.UNLISTED
    with pytest.raises(UploadsFrozen):
        upload(frozen)
