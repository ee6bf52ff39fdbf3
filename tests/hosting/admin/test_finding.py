"""Finding files in the admin: filters and search."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.models import HostedFile
from tests.hosting.admin.pages import FILES, shown, stored

pytestmark = pytest.mark.django_db


def test_files_are_found_by_owner_sender_format_state_and_expiry(
    client: Client, boss: User, alice: User
) -> None:
    soon, later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(days=9)
    hers = stored(alice)
    guests = stored(None, format="png", nsfw=True, expires_at=soon)
    rejected = stored(alice, is_approved=False, expires_at=later, privacy="private")
    video = stored(alice, kind="video", format="mp4", is_test=True)
    gone = stored(alice, expires_at=timezone.now() - timedelta(days=1))

    assert shown(client) == {hers, guests, rejected, video, gone}
    assert shown(client, "owner=ALICE&expiry=never") == {hers, video}
    assert shown(client, "owner=nobody") == set()
    assert shown(client, "sender=guests") == {guests}
    assert shown(client, "sender=members") == {hers, rejected, video, gone}
    assert shown(client, "format=png") == {guests}
    assert shown(client, "kind__exact=video") == {video}
    assert shown(client, "privacy__exact=private") == {rejected}
    assert shown(client, "is_approved__exact=0") == {rejected}
    assert shown(client, "nsfw__exact=1") == {guests}
    assert shown(client, "is_test__exact=1") == {video}
    assert shown(client, "expiry=day") == {guests}
    assert shown(client, "expiry=some") == {guests, rejected, gone}
    assert shown(client, "expiry=past") == {gone}


def test_typing_an_owners_name_keeps_the_other_filters_and_the_search(
    client: Client, boss: User, alice: User
) -> None:
    stored(alice)

    html = client.get(f"{FILES}?kind__exact=image&q=Picture&owner=alice").content.decode()

    typed = re.search(r'<form method="get" class="typed-filter">.*?</form>', html, re.S)
    assert typed is not None
    assert '<input type="hidden" name="kind__exact" value="image">' in typed[0]
    assert '<input type="hidden" name="q" value="Picture">' in typed[0]
    assert 'name="owner" value="alice"' in typed[0]


@pytest.mark.parametrize(
    ("field", "value", "query"),
    [
        ("title", "Sunrise over the sea", "over+SEA+sunrise"),
        ("description", "taken at dawn", "dawn"),
        ("original_filename", "DSC_4711.JPG", "dsc_4711"),
        ("public_id", "AbCdEfGhIjK", "AbCdEfGhIjK"),
        ("uploader_ip", "192.0.2.7", "192.0.2."),
        ("md5", "9e107d9d372bb6826bd81d3542a419d6", "9e107d9d372bb6826bd81d3542a419d6"),
    ],
)
def test_files_are_found_by_what_is_known_of_them(
    client: Client, boss: User, field: str, value: str, query: str
) -> None:
    stored()
    wanted = stored()
    HostedFile.objects.filter(pk=wanted.pk).update(**{field: value})

    assert shown(client, f"q={query}") == {wanted}


def test_files_are_found_by_their_owners_name(client: Client, boss: User, alice: User) -> None:
    stored()
    hers = stored(alice)

    assert shown(client, "q=alice") == {hers}
