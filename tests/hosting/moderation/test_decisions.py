"""Decisions: what they change, that they reach the owner, and how they are undone and appealed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from hosting import audit
from hosting.audit import COMMAND_LINE, by_site
from hosting.errors import HostingError
from hosting.files import deletion
from hosting.files.editing import Changes, edit
from hosting.models import AuditEntry, Decision, HostedFile, ModerationRules, Privacy, Reason
from hosting.moderation import decisions, notices, removals
from hosting.storage import areas, objects
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def moderator() -> User:
    return UserFactory(is_staff=True)


def row(file: HostedFile) -> HostedFile:
    return HostedFile.every.get(pk=file.pk)


def lies_in(file: HostedFile) -> list[str]:
    return [
        area
        for area in objects.AREAS
        if all(objects.files().exists(f"{area}/{path}") for path in areas.served_paths(row(file)))
    ]


def state(file: HostedFile) -> dict[str, Any]:
    """Every column that a decision may change, with the place of the bytes and the owner's storage."""
    now = row(file)
    columns = (
        "review",
        "withheld",
        "is_approved",
        "nsfw",
        "privacy",
        "charged",
        "removed_at",
        "area",
    )
    used = User.objects.get(pk=now.owner_id).storage_used if now.owner_id else None
    return {name: getattr(now, name) for name in columns} | {"used": used, "in": lies_in(file)}


def test_a_rejected_file_is_hidden_from_all_but_its_owner_who_reads_why(
    owner: User, moderator: User
) -> None:
    file = HostedFileFactory(owner=owner, title="Cat")
    spam = Reason.objects.get(code="spam")

    decisions.decide(file, "reject", by_site(moderator), reason=spam, text="Twenty of these.")

    assert (row(file).is_approved, row(file).review, lies_in(file)) == (
        False,
        "rejected",
        [objects.GUARDED],
    )
    assert not HostedFile.objects.listed().filter(pk=file.pk)
    assert HostedFile.objects.filter(pk=file.pk, owner=owner)
    [notice] = notices.of(owner)
    assert (notice.reason, notice.text) == (spam, "Twenty of these.")
    [sent] = mail.outbox
    assert sent.to == [owner.email]
    assert "Cat" in sent.subject
    assert all(
        part in sent.body for part in ("rejected", "Spam", "Twenty of these.", "/settings/notices")
    )


@pytest.mark.parametrize("action", decisions.FILE_ACTIONS)
@pytest.mark.parametrize(
    "before",
    [{}, {"privacy": Privacy.PRIVATE}, {"nsfw": True}, {"review": "waiting", "is_approved": False},
     {"review": "rejected", "is_approved": False}, {"review": "approved"}],
)  # fmt: skip
def test_whatever_a_decision_changed_is_as_it_was_after_undoing_it(
    owner: User, moderator: User, action: str, before: dict[str, Any]
) -> None:
    file = HostedFileFactory(owner=owner, charged=500, **before)
    User.objects.filter(pk=owner.pk).update(storage_used=500)
    was = state(file)

    decision = decisions.decide(file, action, by_site(moderator))
    decisions.undo(decision, by_site(moderator))

    assert state(file) == was


def test_a_bulk_mark_remembers_what_was_before_each_of_its_files(moderator: User) -> None:
    marked, unmarked = HostedFileFactory(nsfw=True), HostedFileFactory(nsfw=False)

    made = decisions.decide_each([marked, unmarked], "mark_nsfw", by_site(moderator))
    assert row(unmarked).nsfw
    assert decisions.undo_batch(made[0].batch, by_site(moderator)) == 2

    assert (row(marked).nsfw, row(unmarked).nsfw) == (True, False)


def test_undoing_does_not_overwrite_a_later_decision(owner: User, moderator: User) -> None:
    file = HostedFileFactory(owner=owner)
    rejected = decisions.decide(file, "reject", by_site(moderator))
    decisions.decide(file, "approve", by_site(moderator))

    with pytest.raises(HostingError, match="later decision"):
        decisions.undo(rejected, by_site(moderator))
    assert row(file).review == "approved"


def test_a_decision_is_undone_once(owner: User, moderator: User) -> None:
    decision = decisions.decide(HostedFileFactory(owner=owner), "reject", by_site(moderator))
    decisions.undo(decision, by_site(moderator))

    with pytest.raises(HostingError, match="undone already"):
        decisions.undo(decision, by_site(moderator))


def test_what_staff_remove_exists_for_nobody_counts_for_nobody_and_can_be_restored(
    owner: User, moderator: User
) -> None:
    album = AlbumFactory(owner=owner)
    file = HostedFileFactory(owner=owner, album=album, charged=700)
    User.objects.filter(pk=owner.pk).update(storage_used=700)

    decision = decisions.decide(file, "remove", by_site(moderator))

    assert state(file)["used"] == 0
    assert lies_in(file) == [objects.GUARDED]
    assert not HostedFile.objects.filter(pk=file.pk)
    assert not album.files.exists()
    decisions.undo(decision, by_site(moderator))
    assert (state(file)["used"], lies_in(file)) == (700, [objects.PUBLIC])


def test_the_bin_is_emptied_after_its_days_but_what_is_locked_stays(
    owner: User, moderator: User
) -> None:
    removed, fresh, locked = (HostedFileFactory(owner=owner) for _ in range(3))
    decisions.decide(removed, "remove", by_site(moderator))
    decisions.decide(fresh, "remove", by_site(moderator))
    decisions.decide(locked, "lock", by_site(moderator))
    days = ModerationRules.current().bin_days
    long_ago = timezone.now() - timedelta(days=days, seconds=1)
    HostedFile.every.filter(pk__in=[removed.pk, locked.pk]).update(removed_at=long_ago)

    assert removals.purge() == 1

    assert set(HostedFile.every.values_list("pk", flat=True)) == {fresh.pk, locked.pk}
    assert not objects.files().exists(f"{objects.GUARDED}/{removed.path}")
    assert AuditEntry.objects.filter(action="purge", subject=removed.public_id).exists()


def test_an_owner_cannot_destroy_what_is_locked(owner: User, moderator: User) -> None:
    from hosting.albums.deletion import delete_album
    from hosting.members.closing import delete_user

    album = AlbumFactory(owner=owner, privacy=Privacy.PRIVATE)
    file = HostedFileFactory(owner=owner, album=album)
    decisions.decide(file, "lock", by_site(moderator))

    delete_album(album)
    delete_user(owner)

    kept = row(file)
    assert (kept.owner_id, kept.privacy, lies_in(file)) == (
        None,
        Privacy.PRIVATE,
        [objects.GUARDED],
    )


def test_illegal_files_are_destroyed_at_once(moderator: User) -> None:
    file = HostedFileFactory()
    decisions.decide(file, "lock", by_site(moderator))

    assert removals.destroy(row(file), by_site(moderator), text="Ordered by a court.")

    assert not HostedFile.every.filter(pk=file.pk).exists()
    assert not objects.files().exists(f"{objects.GUARDED}/{file.path}")


def test_one_appeal_can_be_made_and_denied_or_granted(owner: User, moderator: User) -> None:
    first, second = (HostedFileFactory(owner=owner) for _ in range(2))
    one = decisions.decide(first, "reject", by_site(moderator))
    two = decisions.decide(second, "reject", by_site(moderator))

    decisions.appeal(one, "It is mine.")
    with pytest.raises(HostingError, match="appealed already"):
        decisions.appeal(one, "Really.")
    decisions.deny_appeal(one, by_site(moderator), text="No.")
    decisions.appeal(two, "It is a cat.")
    decisions.undo(two, by_site(moderator))

    assert [Decision.objects.get(pk=pk).appeal for pk in (one.pk, two.pk)] == ["denied", "granted"]
    assert (row(first).review, row(second).is_approved) == ("rejected", True)


def test_approvals_are_not_appealed(owner: User, moderator: User) -> None:
    decision = decisions.decide(HostedFileFactory(owner=owner), "approve", by_site(moderator))

    with pytest.raises(HostingError, match="cannot be appealed"):
        decisions.appeal(decision, "Why?")


def test_an_owners_edit_opens_nothing_that_was_rejected(owner: User, moderator: User) -> None:
    file = HostedFileFactory(owner=owner, privacy=Privacy.PRIVATE)
    decisions.decide(file, "reject", by_site(moderator))

    edit(HostedFile.objects.get(pk=file.pk), Changes(privacy=Privacy.PUBLIC))

    assert lies_in(file) == [objects.GUARDED]


def test_a_decision_about_a_file_that_is_gone_is_an_error(moderator: User) -> None:
    file = HostedFileFactory()
    deletion.delete(HostedFile.objects.get(pk=file.pk))

    with pytest.raises(HostingError, match="gone"):
        decisions.decide(file, "reject", by_site(moderator))
    assert not Decision.objects.exists()


def test_staff_are_not_moderated(moderator: User) -> None:
    with pytest.raises(HostingError, match="Staff"):
        decisions.decide_of_member(moderator, "suspend", COMMAND_LINE)


@pytest.mark.parametrize("action", [*decisions.FILE_ACTIONS, *decisions.MEMBER_ACTIONS])
def test_every_action_and_its_undoing_stand_in_the_log_with_before_and_after(
    owner: User, moderator: User, action: str
) -> None:
    if action in decisions.FILE_ACTIONS:
        file = HostedFileFactory(owner=owner, uploader_ip="192.0.2.7", content_hash="ab" * 32)
        decision = decisions.decide(file, action, by_site(moderator), text="because")
    else:
        decision = decisions.decide_of_member(owner, action, by_site(moderator), text="because")
    decisions.undo(decision, COMMAND_LINE)

    undone, made = AuditEntry.objects.all()
    assert (made.action, made.actor_name, made.channel) == (action, moderator.username, "site")
    assert (made.owner_name, made.text) == (owner.username, "because")
    assert (made.before, made.after) == (decision.before, decision.after)
    assert (undone.action, undone.channel) == (f"undo {action}", "command line")
    assert (undone.before, undone.after) == (decision.after, decision.before)
    assert audit.verify() is None


def test_an_owner_does_not_take_a_moderators_nsfw_mark_away(owner: User) -> None:
    file = HostedFileFactory(owner=owner)
    edit(file, Changes(nsfw=True))
    edit(file, Changes(nsfw=False))
    marked = decisions.decide(file, "mark_nsfw", COMMAND_LINE)

    with pytest.raises(HostingError, match="moderator marked"):
        edit(file, Changes(nsfw=False, title="Other"))
    edit(file, Changes(nsfw=True, title="New"))
    assert (row(file).nsfw, row(file).title) == (True, "New")

    decisions.undo(marked, COMMAND_LINE)
    edit(file, Changes(nsfw=True))
    edit(file, Changes(nsfw=False))
    assert not row(file).nsfw
