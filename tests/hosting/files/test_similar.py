"""An owner sees which other files of theirs look like one; nobody else's are compared."""

from __future__ import annotations

import pytest
from django.test import Client

from hosting.files.similar import similar
from tests.factories import HostedFileFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db

HASH = bytes(range(32))


def changed(bits: int) -> bytes:
    """HASH with so many of its bits turned."""
    return (int.from_bytes(HASH) ^ ((1 << bits) - 1)).to_bytes(32)


def test_the_likest_come_first_and_others_not_at_all() -> None:
    owner = UserFactory()
    file = HostedFileFactory(owner=owner, perceptual_hash=HASH)
    near, same = (HostedFileFactory(owner=owner, perceptual_hash=changed(n)) for n in (20, 0))
    HostedFileFactory(owner=owner, perceptual_hash=changed(32))
    HostedFileFactory(owner=owner)
    HostedFileFactory(owner=UserFactory(), perceptual_hash=HASH)
    assert similar(file) == [same, near]


def test_a_file_without_a_hash_is_like_no_other() -> None:
    owner = UserFactory()
    HostedFileFactory(owner=owner, perceptual_hash=HASH)
    assert similar(HostedFileFactory(owner=owner)) == []


def test_they_are_on_the_page_where_the_file_is_edited(client: Client) -> None:
    owner = UserFactory()
    sign_in(client, owner)
    file, copy = (HostedFileFactory(owner=owner, perceptual_hash=HASH) for _ in range(2))
    page = client.get(f"/dashboard/files/{file.public_id}").content.decode()
    assert "Similar files of yours" in page
    assert copy.viewer_path in page
