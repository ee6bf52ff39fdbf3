"""Reports: one for each visitor and thing, hidden by enough trusted ones, answered by what is decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.audit import COMMAND_LINE, SYSTEM
from hosting.errors import HostingError, TooManyTries
from hosting.files import deletion
from hosting.models import Album, Decision, HostedFile, ModerationRules, Privacy, Reason, Report
from hosting.moderation import decisions, removals, reports
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def reason(code: str = "abuse") -> Reason:
    return Reason.objects.get(code=code)


def by(
    thing: HostedFile | Album,
    reporter: User | None,
    address: str = "192.0.2.1",
    code: str = "abuse",
    email: str = "",
) -> Report:
    return reports.report(thing, reason(code), reporter=reporter, address=address, email=email)


def proven(upheld: int, dismissed: int) -> User:
    """A member whose reports were decided like this."""
    user = UserFactory()
    for state, number in ((Report.State.UPHELD, upheld), (Report.State.DISMISSED, dismissed)):
        for _ in range(number):
            by(HostedFileFactory(), user)
        Report.objects.filter(sender=f"user:{user.pk}", state=Report.State.OPEN).update(state=state)
    return user


def test_a_visitor_has_one_open_report_of_a_thing() -> None:
    file, member = HostedFileFactory(), UserFactory()
    by(file, None)
    by(file, None, address="192.0.2.2")
    by(file, member)
    by(HostedFileFactory(), None)

    with pytest.raises(HostingError, match="reported this already"):
        by(file, None)
    with pytest.raises(HostingError, match="reported this already"):
        by(file, member, address="198.51.100.9")


def test_neighbours_of_one_ipv6_network_are_one_reporter() -> None:
    file = HostedFileFactory()
    by(file, None, address="2001:db8::1")

    with pytest.raises(HostingError, match="reported this already"):
        by(file, None, address="2001:db8::2")


def test_reports_of_one_sender_are_limited() -> None:
    for _ in range(reports.TRIES):
        by(HostedFileFactory(stored=False), None)

    with pytest.raises(TooManyTries):
        by(HostedFileFactory(stored=False), None)


def test_enough_trusted_reports_hide_a_file_until_a_moderator_looked_at_it() -> None:
    file = HostedFileFactory()
    for _ in range(2):
        by(file, UserFactory())
    assert HostedFile.objects.get(pk=file.pk).is_approved

    by(file, UserFactory())

    hidden = HostedFile.objects.get(pk=file.pk)
    assert (hidden.is_approved, hidden.review) == (False, "waiting")
    assert Decision.objects.get(file=file).channel == SYSTEM.channel
    assert reports.dismiss(hidden, COMMAND_LINE) == 3
    assert HostedFile.objects.get(pk=file.pk).is_approved


def test_guests_and_members_whose_reports_were_wrong_hide_nothing() -> None:
    file = HostedFileFactory()
    for number in range(6):
        by(file, None, address=f"203.0.113.{number}")
    for _ in range(3):
        by(file, proven(upheld=1, dismissed=3))

    assert HostedFile.objects.get(pk=file.pk).is_approved


def test_what_a_moderator_approved_is_not_hidden_by_visitors() -> None:
    file = HostedFileFactory(review="approved")
    for _ in range(5):
        by(file, UserFactory())

    assert HostedFile.objects.get(pk=file.pk).is_approved


def test_hiding_can_be_switched_off() -> None:
    ModerationRules.current()
    ModerationRules.objects.update(hide_after_reports=None)
    file = HostedFileFactory()
    for _ in range(5):
        by(file, UserFactory())

    assert HostedFile.objects.get(pk=file.pk).is_approved


@pytest.mark.parametrize(
    ("action", "state"),
    [("reject", "upheld"), ("remove", "upheld"), ("lock", "upheld"), ("mark_nsfw", "upheld"),
     ("approve", "dismissed"), ("mark_safe", "open"), ("hide", "open")],
)  # fmt: skip
def test_a_decision_closes_the_reports_and_their_senders_hear_of_it(
    action: str, state: str
) -> None:
    file, member = HostedFileFactory(), UserFactory()
    by(file, member)
    by(file, None, email="guest@example.org")
    mail.outbox.clear()

    decisions.decide(file, action, COMMAND_LINE)

    assert set(Report.objects.values_list("state", flat=True)) == {state}
    told = {one.to[0] for one in mail.outbox if "report" in one.subject}
    assert told == (set() if state == "open" else {member.email, "guest@example.org"})


def test_the_gravest_comes_first_then_what_accurate_reporters_say() -> None:
    spam, wrong, right = (HostedFileFactory() for _ in range(3))
    by(spam, UserFactory(), code="spam")
    by(wrong, proven(upheld=1, dismissed=3), code="illegal")
    by(right, proven(upheld=3, dismissed=1), code="illegal")

    assert [thing.file for thing in reports.open_ones()] == [right, wrong, spam]


def test_moderators_are_reminded_once_of_what_waits_too_long() -> None:
    boss = UserFactory(is_staff=True, is_superuser=True)
    UserFactory()
    old, _ = by(HostedFileFactory(), None), by(HostedFileFactory(), None)
    Report.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=49))
    mail.outbox.clear()

    assert (reports.remind(), reports.remind()) == (1, 0)
    assert [one.to for one in mail.outbox] == [[boss.email]]


def test_reports_are_counted_by_month_reason_and_outcome() -> None:
    by(HostedFileFactory(), None)
    by(HostedFileFactory(), None)
    month = f"{timezone.now():%Y-%m}"

    assert reports.by_month() == [(month, "abuse", "open", 2)]


def test_anybody_reports_what_they_see_and_nothing_else(client: Client) -> None:
    file, private = (
        HostedFileFactory(),
        HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE),
    )
    album = AlbumFactory()

    assert b"/report" in client.get(file.viewer_path).content
    answer = client.post(
        f"/image/{file.public_id}/report", {"reason": "spam", "text": "Look <b>here</b>"}
    )
    assert b"A moderator will look at it." in answer.content
    assert client.post(f"/album/{album.public_id}/report", {"reason": "spam"}).status_code == 200
    assert client.get(f"/image/{private.public_id}/report").status_code == 404
    again = client.post(f"/image/{file.public_id}/report", {"reason": "spam"})
    assert (again.status_code, b"reported this already" in again.content) == (400, True)


def test_a_formal_notice_is_complete(client: Client) -> None:
    file = HostedFileFactory()
    path = f"/image/{file.public_id}/report"
    notice = {
        "reason": "copyright", "formal": "on", "email": "me@example.org", "name": "Ada Lovelace",
        "contact": "1 Main Street", "work": "My photo", "good_faith": "on", "accurate": "on",
    }  # fmt: skip

    for name in notice.keys() - {"reason", "formal"}:
        lacking = {key: value for key, value in notice.items() if key != name}
        assert b"A formal notice needs this." in client.post(path, lacking).content, name
    assert client.post(path, notice).status_code == 200
    assert Report.objects.get().notice["name"] == "Ada Lovelace"


def test_a_decided_report_outlives_its_file_and_an_open_one_does_not() -> None:
    right, file, other = proven(upheld=0, dismissed=1), HostedFileFactory(), HostedFileFactory()
    by(file, right)
    by(other, right, code="spam")
    decisions.decide(file, "remove", COMMAND_LINE)
    HostedFile.every.filter(pk=file.pk).update(removed_at=timezone.now() - timedelta(days=90))

    assert removals.purge() == 1
    deletion.delete(other)

    sender = f"user:{right.pk}"
    assert reports.accuracies([sender]) == {sender: 0.5}
    assert sum(number for _, _, _, number in reports.by_month()) == 2
    assert reports.open_ones() == []


def test_who_reported_a_file_hears_that_it_was_destroyed() -> None:
    file = HostedFileFactory()
    by(file, None, email="witness@example.org")

    assert removals.destroy(file, COMMAND_LINE)

    assert Report.objects.get().state == Report.State.UPHELD
    assert [one.to for one in mail.outbox] == [["witness@example.org"]]
