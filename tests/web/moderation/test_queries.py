"""The moderators' pages ask the database a fixed number of questions, however much is on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from hosting.audit import by_site
from hosting.models import Reason
from hosting.moderation import decisions, reports
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db
NUMBER = 15
MOST = 12
# What every page of a signed-in member asks: the session, the member and their rights.
SIGNED_IN = 4


def fill() -> None:
    """Files that wait, are reported, appealed and decided: each of its own owner, album and reporters."""
    cache.clear()
    moderator, offender = UserFactory(is_staff=True), UserFactory(username="mallory")
    reason = Reason.objects.first()
    assert reason is not None
    for number in range(NUMBER):
        album = AlbumFactory()
        HostedFileFactory(owner=album.owner, album=album, review="waiting", is_approved=False)
        file = HostedFileFactory(owner=offender, album=AlbumFactory(owner=offender))
        for thing in (file, album):
            for one in range(2):
                address = f"192.0.2.{2 * number + one}"
                reports.report(thing, reason, reporter=None, address=address)
            reports.report(thing, reason, reporter=UserFactory(), address=None)
        made = decisions.decide(file, "mark_nsfw", by_site(moderator), reason=reason)
        decisions.appeal(made, "It is a statue.")
        reports.report(file, reason, reporter=UserFactory(), address=None)


@pytest.mark.parametrize(
    "address",
    ["/moderation", "/moderation/reports", "/moderation/appeals", "/moderation/members/mallory"],
)
def test_a_page_asks_a_fixed_number_of_questions(
    client: Client, address: str, django_assert_max_num_queries: Any
) -> None:
    fill()
    sign_in(client, UserFactory(is_staff=True, is_superuser=True))
    assert client.get(address).status_code == 200
    with django_assert_max_num_queries(MOST + SIGNED_IN):
        client.get(address)
