"""What others may see of a file is said once: a list and a single file agree on it."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from hosting.models import HostedFile, Privacy
from tests.factories import AlbumFactory, HostedFileFactory

pytestmark = pytest.mark.django_db

ALBUMS = [None, *Privacy.values]
FILES = [name for name in Privacy.values if name != Privacy.PASSWORD]


def test_a_file_says_of_itself_what_the_lists_say_of_it() -> None:
    albums = {name: name and AlbumFactory(privacy=name, password="x") for name in ALBUMS}
    past, future = (timezone.now() + timedelta(hours=hours) for hours in (-1, 1))
    for album, privacy, approved, test, expiry in product(
        ALBUMS, FILES, (True, False), (True, False), (None, past, future)
    ):
        HostedFileFactory(
            stored=False,
            album=albums[album], privacy=privacy, is_approved=approved, is_test=test, expires_at=expiry
        )  # fmt: skip
    shown = set(HostedFile.objects.shown_to_all().values_list("pk", flat=True))
    listed = set(HostedFile.objects.listed().values_list("pk", flat=True))
    rows = HostedFile.objects.select_related("album")
    assert {row.pk for row in rows if row.is_shown_to_all} == shown
    assert {row.pk for row in rows if row.is_listed} == listed
    assert listed < shown < {row.pk for row in rows}
    # Nothing in a list is closed to those who follow its link.
    assert all(row.opens_to_all for row in rows if row.is_listed)
