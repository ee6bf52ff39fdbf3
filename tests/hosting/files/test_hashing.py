"""Pictures are stored with their hash; what was stored without one gets it later, as far as it can."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from accounts.keys import Caller
from hosting.files import hashing, replacing, uploads
from hosting.files.options import UploadOptions
from hosting.models import HostedFile
from hosting.sources.source import Source
from hosting.storage import objects
from processing.perceptual_hash import distance, hash_of
from tests import pictures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def source(seed: int) -> Source:
    data = pictures.saved(pictures.texture(300, 200, seed), "PNG")
    return Source(io.BytesIO(data), len(data), "sea.png")


def uploaded(seed: int = 1) -> HostedFile:
    caller = Caller(user=UserFactory(own_storage_limit=10**9))
    return uploads.accept(caller, source(seed), UploadOptions()).file


def is_of(file: HostedFile, seed: int) -> bool:
    looks = hash_of(pictures.texture(300, 200, seed))
    assert looks is not None
    file.refresh_from_db()
    return distance(bytes(file.perceptual_hash or b""), looks.bits) <= 4


def test_an_upload_is_stored_with_its_hash_and_a_replacement_with_its_own() -> None:
    file = uploaded(1)
    assert is_of(file, 1)
    replacing.replace(Caller(user=file.owner), file, source(2))
    assert is_of(file, 2)


def test_what_has_no_hash_gets_it_and_what_has_one_is_left_alone() -> None:
    file, gone, done = uploaded(1), uploaded(2), uploaded(3)
    HostedFile.every.filter(pk__in=(file.pk, gone.pk)).update(perceptual_hash=None)
    objects.remove(gone.path)
    HostedFile.every.filter(pk=done.pk).update(perceptual_hash=b"x" * 32)
    call_command("hash_pictures")
    assert is_of(file, 1)
    done.refresh_from_db()
    assert bytes(done.perceptual_hash or b"") == b"x" * 32
    assert hashing.unhashed() == 1


def test_a_plain_picture_is_looked_at_once() -> None:
    data = pictures.png(40, 30)
    caller = Caller(user=UserFactory(own_storage_limit=10**9))
    plain = Source(io.BytesIO(data), len(data), "plain.png")
    assert uploads.accept(caller, plain, UploadOptions()).file.perceptual_hash == hashing.NOTHING
    assert hashing.unhashed() == 0
