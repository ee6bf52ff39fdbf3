"""Whose uploads wait, and what an upload that waits is for others."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from accounts.keys import Caller
from accounts.models import User
from hosting.audit import COMMAND_LINE, by_site
from hosting.files import editing, replacing, results, uploads, visibility
from hosting.files.editing import Changes
from hosting.files.options import ResultOptions, UploadOptions
from hosting.models import HostedFile, ModerationRules, Privacy
from hosting.moderation import decisions, queue, rules
from hosting.sources.source import Source
from hosting.storage import objects
from processing import FORMATS, Result
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


@pytest.mark.parametrize(
    "published",
    [
        lambda file: editing.edit(file, Changes(expires_at=None)),
        lambda file: editing.edit(file, Changes(privacy=Privacy.PUBLIC)),
        lambda file: editing.edit(
            file, Changes(expires_at=timezone.now() + timedelta(days=900), title="Mine")
        ),
        visibility.publish,
    ],
    ids=["kept", "listed", "prolonged", "published"],
)
def test_a_passing_result_waits_once_it_is_kept_or_published(published: Any) -> None:
    rules.change(COMMAND_LINE, queue=Queue.UNTRUSTED)
    data = picture(40, 30)
    result = Result(data, FORMATS["jpeg"], 40, 30)
    passing = ResultOptions(folder="images", kind="result", privacy=Privacy.PRIVATE, seconds=600)
    new, trusted = (
        results.keep(Caller(user=user), result, passing)
        for user in (UserFactory(), UserFactory(is_trusted=True))
    )
    assert (new.review, new.is_approved) == ("", True)

    for file in (new, trusted):
        published(file)

    found = HostedFile.objects.get(pk=new.pk)
    assert (found.review, found.is_approved, found.area) == ("waiting", False, objects.GUARDED)
    assert HostedFile.objects.get(pk=trusted.pk).review == ""


def test_an_upload_from_before_the_queue_is_edited_without_waiting() -> None:
    file = upload(UserFactory())
    rules.change(COMMAND_LINE, queue=Queue.UNTRUSTED)

    editing.edit(file, Changes(expires_at=timezone.now() + timedelta(days=1)))
    editing.edit(file, Changes(expires_at=None))

    assert HostedFile.objects.get(pk=file.pk).review == ""


def test_other_bytes_are_not_what_was_approved() -> None:
    # Nothing waits here, but reports may hide what no moderator has seen.
    user = UserFactory()
    file = upload(user)
    decisions.decide(file, "approve", COMMAND_LINE)
    data = picture(50, 30)

    replacing.replace(Caller(user=user), file, Source(BytesIO(data), len(data), "b.jpg"))

    found = HostedFile.objects.get(pk=file.pk)
    assert (found.review, found.is_approved) == ("", True)


def test_a_file_that_still_waits_stays_with_whoever_looks_at_it() -> None:
    rules.change(COMMAND_LINE, queue=Queue.GUESTS)
    file, first, second = upload(None), UserFactory(is_staff=True), UserFactory(is_staff=True)
    assert queue.take(first) == [file]

    marked = decisions.decide(file, "mark_nsfw", by_site(first))
    assert (queue.take(second), queue.take(first)) == ([], [file])
    decisions.undo(marked, by_site(first))
    assert queue.take(second) == []

    decisions.decide(file, "reject", by_site(first))
    assert queue.take(first) == []
