"""Storing: what fails half-way leaves nothing, and what lies there already stays."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest

from accounts.keys import Caller
from hosting.files import options, uploads
from hosting.models import HostedFile
from hosting.sources.source import from_upload
from hosting.storage import objects
from tests import pictures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PATH = "images/2026/11/21/cat.jpg"


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """A disk on which no file can grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Lost(BytesIO):
    """A file whose disk goes away after its first block."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("Input/output error")
        return super().read(size)


@pytest.mark.parametrize("area", objects.AREAS)
@pytest.mark.parametrize("in_memory", [True, False], ids=["bytes", "file"])
def test_a_disk_that_fills_up_half_way_keeps_no_half_file(area: str, in_memory: bool) -> None:
    content = bytes(300_000)
    with room_for(100_000), pytest.raises(OSError, match="too large"):
        objects.put(area, PATH, content if in_memory else BytesIO(content))
    assert list(objects.walk()) == []
    objects.put(area, PATH, content)
    assert list(objects.walk()) == [(area, PATH)]


def test_a_source_that_breaks_off_leaves_nothing() -> None:
    with pytest.raises(OSError, match="Input/output"):
        objects.put(objects.PUBLIC, PATH, Lost(bytes(300_000)))
    assert list(objects.walk()) == []


def test_what_lies_there_already_stays_as_it_is() -> None:
    objects.put(objects.PUBLIC, PATH, b"the first")
    with pytest.raises(FileExistsError):
        objects.put(objects.PUBLIC, PATH, b"the second")
    assert objects.open_file(objects.PUBLIC, PATH).read() == b"the first"
    assert list(objects.walk()) == [(objects.PUBLIC, PATH)]


def test_an_upload_onto_a_full_disk_leaves_no_file_and_no_row() -> None:
    photo = pictures.photo(1600, 1200)
    caller = Caller(UserFactory())
    with room_for(len(photo) // 2), pytest.raises(OSError, match="too large"):
        uploads.accept(caller, from_upload(BytesIO(photo), "a.jpg"), options.UploadOptions())
    assert list(objects.walk()) == []
    assert not HostedFile.objects.exists()


def test_an_upload_whose_name_is_taken_takes_nobody_elses_file_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploads, "upload_path", lambda *_: PATH)
    objects.put(objects.PUBLIC, PATH, b"somebody else's")
    source = from_upload(BytesIO(pictures.photo(64, 48)), "cat.jpg")
    with pytest.raises(FileExistsError):
        uploads.accept(Caller(UserFactory()), source, options.UploadOptions())
    assert objects.open_file(objects.PUBLIC, PATH).read() == b"somebody else's"
