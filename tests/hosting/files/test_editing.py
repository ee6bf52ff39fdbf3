"""Changing a file changes its metadata, and where its bytes may be fetched from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hosting.errors import HostingError
from hosting.files import editing
from hosting.files.editing import Changes
from hosting.models import Category, HostedFile
from hosting.storage import objects
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def file() -> HostedFile:
    return HostedFileFactory(owner=UserFactory(), description="as it was")


@pytest.fixture
def edit(file: HostedFile, django_capture_on_commit_callbacks: Any) -> Any:
    def change(**changes: Any) -> HostedFile:
        with django_capture_on_commit_callbacks(execute=True):
            editing.edit(file, Changes(**changes))
        return HostedFile.objects.get(pk=file.pk)

    return change


def test_what_is_not_named_stays(edit: Any) -> None:
    changed = edit(title="  A\nnew   name ")
    assert changed.title == "A new name"
    assert changed.description == "as it was"


def test_everything_can_change_at_once(edit: Any, file: HostedFile) -> None:
    album = AlbumFactory(owner=file.owner)
    category = Category.objects.create(name="Sea", url_key="sea")
    soon = timezone.now() + timedelta(hours=1)
    changed = edit(
        description="one\ntwo", tags=("sun", "sea"), album=album, category=category, nsfw=True,
        expires_at=soon,
    )  # fmt: skip
    assert changed.description == "one\ntwo"
    assert {tag.name for tag in changed.tags.all()} == {"sun", "sea"}
    assert (changed.album, changed.category, changed.nsfw) == (album, category, True)
    assert changed.expires_at == soon


def test_tags_are_replaced_not_added(edit: Any) -> None:
    edit(tags=("sun", "sea"))
    assert [tag.name for tag in edit(tags=("sea", "moon")).tags.all()] == ["moon", "sea"]
    assert edit(tags=()).tags.count() == 0


def test_the_bytes_go_behind_the_check_and_come_back(edit: Any, file: HostedFile) -> None:
    edit(privacy="private")
    paths = {area for area, _ in objects.walk()}
    assert paths == {objects.GUARDED}
    edit(privacy="public")
    assert {area for area, _ in objects.walk()} == {objects.PUBLIC}


def test_into_a_closed_album_and_out_again(edit: Any, file: HostedFile) -> None:
    edit(album=AlbumFactory(owner=file.owner, privacy="private"))
    assert {area for area, _ in objects.walk()} == {objects.GUARDED}
    edit(album=None)
    assert {area for area, _ in objects.walk()} == {objects.PUBLIC}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"privacy": "secret"}, "invalid_privacy"),
        ({"privacy": "password"}, "invalid_privacy"),
        ({"tags": ("a/b",)}, "invalid_tag"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "invalid_expires_at"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    edit: Any, file: HostedFile, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(HostingError) as refused:
        edit(title="changed", **changes)
    assert refused.value.code == code
    assert HostedFile.objects.get(pk=file.pk).title != "changed"


def test_somebody_elses_album_is_unknown(edit: Any) -> None:
    with pytest.raises(HostingError) as refused:
        edit(album=AlbumFactory())
    assert refused.value.code == "unknown_album"


@pytest.mark.parametrize("wanted", [None, timedelta(days=400), timedelta(days=89)])
def test_a_test_image_of_an_api_with_stages_is_kept_no_longer_than_it_would_have_been(
    edit: Any, file: HostedFile, wanted: timedelta | None, settings: Any
) -> None:
    file.is_test, file.dialect = True, "img_processing"
    file.save()
    moment = timezone.now() + wanted if wanted else None
    latest = file.created_at + timedelta(days=settings.TEST_KEEP_DAYS)
    assert edit(expires_at=moment).expires_at == min(moment or latest, latest)


@pytest.mark.parametrize(
    ("is_test", "dialect"), [(False, "img_processing"), (True, ""), (False, "")]
)
def test_every_other_file_may_be_kept_for_good(
    edit: Any, file: HostedFile, is_test: bool, dialect: str
) -> None:
    file.is_test, file.dialect = is_test, dialect
    file.expires_at = timezone.now() + timedelta(days=1)
    file.save()
    assert edit(expires_at=None).expires_at is None
