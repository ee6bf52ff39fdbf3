"""The moderators' pages without scripts: what a form on them does."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from accounts.keys import Caller
from accounts.models import User
from hosting.errors import HostingError
from hosting.files import uploads
from hosting.files.options import UploadOptions
from hosting.models import Ban, Claim, HostedFile
from hosting.moderation import queue
from hosting.sources.source import Source
from tests import pictures
from tests.factories import HostedFileFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def moderator() -> User:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


@pytest.fixture
def page(client: Client, moderator: User) -> Client:
    cache.clear()
    sign_in(client, moderator)
    return client


def upload(quality: int, user: User | None = None) -> HostedFile:
    data = pictures.saved(pictures.texture(640, 480, 9), "JPEG", quality=quality)
    source = Source(BytesIO(data), len(data), "a.jpg")
    return uploads.accept(Caller(user=user), source, UploadOptions()).file


def test_a_banned_picture_is_removed_and_does_not_come_back_saved_anew(page: Client) -> None:
    file = upload(90)

    page.post("/moderation/decide", {"file": file.public_id, "action": "ban_content"})

    assert HostedFile.every.get(pk=file.pk).withheld == "removed"
    with pytest.raises(HostingError, match="may not be uploaded to this site"):
        upload(90)
    with pytest.raises(HostingError, match="may not be uploaded to this site"):
        upload(50)


def test_banning_uploaders_suspends_members_and_keeps_guests_addresses_out(page: Client) -> None:
    member = UserFactory()
    theirs = HostedFileFactory(owner=member, review="waiting", is_approved=False)
    guests = HostedFileFactory(uploader_ip="2001:db8::7", review="waiting", is_approved=False)

    page.post("/moderation/decide", {"file": [theirs.public_id, guests.public_id], "action": "ban"})

    member.refresh_from_db()
    assert member.suspended_at is not None
    assert Ban.objects.get().value == "2001:db8::/64"
    assert HostedFile.every.get(pk=guests.pk).review == "rejected"
    page.post("/moderation/undo")
    member.refresh_from_db()
    assert member.suspended_at is None


def test_two_moderators_never_get_the_same_file_until_a_claim_ends(moderator: User) -> None:
    other = UserFactory(is_staff=True)
    for _ in range(30):
        HostedFileFactory(review="waiting", is_approved=False, stored=False)

    first, second = queue.take(moderator), queue.take(other)

    assert (len(first), len(second)) == (queue.AT_ONCE, 30 - queue.AT_ONCE)
    assert not {file.pk for file in first} & {file.pk for file in second}
    Claim.objects.filter(moderator=moderator).update(until="2020-01-01T00:00Z")
    assert len(queue.take(other)) == queue.AT_ONCE


def test_the_oldest_come_first(moderator: User) -> None:
    files = [
        HostedFileFactory(
            review="waiting",
            is_approved=False,
            stored=False,
            created_at=datetime(2026, 1, day, tzinfo=UTC),
        )
        for day in (3, 1, 2)
    ]

    assert queue.take(moderator) == [files[1], files[2], files[0]]


def test_a_cards_own_button_decides_of_its_file_alone(page: Client) -> None:
    one, two = (HostedFileFactory(review="waiting", is_approved=False) for _ in range(2))

    page.post("/moderation/decide", {"file": one.public_id, "one": f"approve {two.public_id}"})

    assert [HostedFile.objects.get(pk=file.pk).review for file in (one, two)] == [
        "waiting",
        "approved",
    ]


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_a_decision_leads_to_no_other_site(page: Client, back: str) -> None:
    file = HostedFileFactory(review="waiting", is_approved=False)

    answer = page.post(
        "/moderation/decide", {"file": file.public_id, "action": "approve", "back": back}
    )

    assert answer.headers["Location"] == "/moderation"
