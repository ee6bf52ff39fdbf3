"""The list against the database: few queries, however long it is, and no image lost or twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.keys import Caller
from accounts.models import User
from hosting.api.img_processing import images, responses
from hosting.api.img_processing.stage import DIALECT, ID_LENGTH, Stage
from hosting.models import HostedFile, Privacy
from hosting.models.public_id import make_public_id
from tests.factories import AlbumFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def stage() -> Stage:
    user = User.objects.create_user("alice")
    return Stage(Caller(user, keys.create(user, name="key")[0]))


def rows(owner: User | None, seconds: list[int], **more: Any) -> list[HostedFile]:
    """An image of so many seconds ago each."""
    values = {"owner": owner, "dialect": DIALECT, "format": "png", "size": 1, **more}
    return [
        HostedFile.objects.create(
            public_id=make_public_id(ID_LENGTH),
            path=f"images/{HostedFile.objects.count()}.png",
            created_at=NOW - timedelta(seconds=ago),
            **values,
        )
        for ago in seconds
    ]


def walk(stage: Stage, take: int, *, first: str | None = None, back: bool = False) -> list[int]:
    """The keys of all images from `first` on, part by part."""
    found: list[int] = []
    for _ in range(100):
        page = images.page(stage, take, first)
        part = [file.pk for file in page.files]
        found = part + found if back else found + part
        beside = page.previous if back else page.next
        if beside is None:
            return found
        first = images.id_of(beside)
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("take", [1, 2, 3, 7, 100])
def test_all_images_come_once_also_where_several_are_of_one_moment(stage: Stage, take: int) -> None:
    made = rows(stage.caller.user, [5, 5, 5, 3, 3, 9, 1, 5, 5])
    wanted = sorted(made, key=lambda file: (file.created_at, file.pk), reverse=True)

    assert walk(stage, take) == [file.pk for file in wanted]


def test_the_way_back_leads_to_the_newest(stage: Stage) -> None:
    made = rows(stage.caller.user, [5, 5, 5, 3, 3, 9])
    wanted = sorted(made, key=lambda file: (file.created_at, file.pk), reverse=True)

    assert walk(stage, 2, first=images.id_of(wanted[4]), back=True) == [f.pk for f in wanted]


def test_what_is_new_does_not_move_a_part_that_is_asked_for_by_its_first_image(
    stage: Stage,
) -> None:
    made = rows(stage.caller.user, [4, 3, 2])
    first = images.id_of(made[1])
    before = [file.pk for file in images.page(stage, 2, first).files]
    rows(stage.caller.user, [1, 0])

    assert [file.pk for file in images.page(stage, 2, first).files] == before


def test_what_is_anothers_of_another_stage_of_another_api_or_expired_is_not_listed(
    stage: Stage,
) -> None:
    (own,) = rows(stage.caller.user, [1])
    rows(User.objects.create_user("bob"), [1])
    rows(None, [1])
    rows(stage.caller.user, [1], is_test=True)
    rows(stage.caller.user, [1], dialect="")
    rows(stage.caller.user, [1], expires_at=NOW)

    assert walk(stage, 10) == [own.pk]


def test_the_list_costs_three_queries_at_most(stage: Stage, django_assert_num_queries: Any) -> None:
    made = rows(stage.caller.user, list(range(40)))
    with django_assert_num_queries(1):
        images.page(stage, 10, None)
    with django_assert_num_queries(3):
        images.page(stage, 10, images.id_of(made[20]))


def test_the_link_of_an_image_that_expires_leads_to_the_site_and_not_to_a_bucket(
    stage: Stage, settings: Any
) -> None:
    settings.SITE_URL, settings.FILES_URL = "https://site.test", "https://cdn.test"
    values = {"privacy": Privacy.UNLISTED, "area": "public"}
    (stays,) = rows(stage.caller.user, [1], **values)
    values |= {"area": "guarded", "expires_at": NOW + timedelta(days=1)}
    (goes,) = rows(stage.caller.user, [1], **values)

    assert responses.image(stays)["url"] == f"https://cdn.test/{stays.path}"
    assert responses.image(goes)["url"] == f"https://site.test/{goes.path}"


@pytest.mark.parametrize("shut", ["unapproved", "in a private album"])
def test_no_link_is_returned_that_opens_to_nobody(stage: Stage, shut: str) -> None:
    owner = stage.caller.user
    (file,) = rows(owner, [1], privacy=Privacy.UNLISTED)
    assert responses.image(file)["url"]
    if shut == "unapproved":
        file.is_approved = False
    else:
        file.album = AlbumFactory(owner=owner, privacy=Privacy.PRIVATE)
    assert responses.image(file)["url"] is None


def test_an_image_that_is_deleted_while_it_is_asked_for_is_not_found(
    stage: Stage, client: Client
) -> None:
    _, secret = keys.create(stage.caller.user, name="key")  # type: ignore[arg-type]
    # A row whose bytes went first.
    (file,) = rows(stage.caller.user, [1])
    answer = client.get(f"/v1/images/{images.id_of(file)}/download", headers={"x-api-key": secret})
    assert (answer.status_code, answer.json()["error"]) == (404, "Not Found")
