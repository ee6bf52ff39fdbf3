"""Turning a picture and putting another one in its place, from the edit page."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from hosting.models import HostedFile
from hosting.storage import objects
from tests import credentials, gain_maps, pictures
from tests.factories import HostedFileFactory

pytestmark = pytest.mark.django_db
Part = Callable[[str, bytes], io.BytesIO]


@pytest.fixture
def upright(member_client: Client, member: User, part: Part) -> HostedFile:
    """An uploaded picture of the member's, 60 wide and 40 high, whose corners have colours of their own."""
    body = pictures.saved(pictures.corners(60, 40), "PNG")
    member_client.post("/upload", {"files": part("corners.png", body), "title": "Corners"})
    return HostedFile.objects.get(owner=member)


def shown(file: HostedFile) -> Image.Image:
    file.refresh_from_db()
    with objects.open_file(file.area, file.path) as content:
        return Image.open(io.BytesIO(content.read())).convert("RGB")


@pytest.mark.parametrize(
    ("turn", "lands"), [("right", "top right"), ("left", "bottom left")], ids=["right", "left"]
)
def test_a_picture_is_turned_by_a_quarter_and_stays_the_same_file(
    member_client: Client, upright: HostedFile, turn: str, lands: str
) -> None:
    before = upright.path
    answer = member_client.post(
        f"/dashboard/files/{upright.public_id}/rotate", {"turn": turn}, follow=True
    )
    assert "The picture was rotated" in answer.content.decode()
    image = shown(upright)
    assert image.size == (40, 60)
    assert pictures.corner_colours(image)[lands] == pictures.CORNERS["top left"]
    assert (upright.title, upright.path != before) == ("Corners", True)


def test_another_file_takes_its_place(
    member_client: Client, upright: HostedFile, part: Part
) -> None:
    other = part("other.jpg", pictures.jpeg(80, 50))
    member_client.post(f"/dashboard/files/{upright.public_id}/replace", {"file": other})
    assert shown(upright).size == (80, 50)
    assert (upright.title, upright.format) == ("Corners", "jpeg")
    assert HostedFile.objects.count() == 1


def test_what_cannot_be_taken_changes_nothing_and_says_why(
    member_client: Client, upright: HostedFile, part: Part
) -> None:
    before, address = upright.path, f"/dashboard/files/{upright.public_id}"
    values = member_client.post(
        f"{address}/replace", {"file": part("a.jpg", b"no picture")}, follow=True
    )
    assert "not in a supported format" in values.content.decode()
    values = member_client.post(f"{address}/replace", follow=True)
    assert "Choose a file first" in values.content.decode()
    assert member_client.post(f"{address}/rotate", {"turn": "over"}).status_code == 404
    upright.refresh_from_db()
    assert upright.path == before


def test_a_video_is_not_turned(member_client: Client, member: User) -> None:
    film = HostedFileFactory(owner=member, kind="video", format="mp4")
    html = member_client.get(f"/dashboard/files/{film.public_id}").content.decode()
    assert "/rotate" not in html
    assert "/replace" in html


def test_nobody_touches_anothers_file(
    client: Client, member_client: Client, stranger: User
) -> None:
    theirs = HostedFileFactory(owner=stranger)
    for action in ("rotate", "replace"):
        address = f"/dashboard/files/{theirs.public_id}/{action}"
        assert member_client.post(address, {"turn": "left"}).status_code == 404
        assert client.post(address)["Location"].startswith("/account/login/")


def test_an_apis_test_image_keeps_its_stamp_but_may_be_turned(
    member_client: Client, upright: HostedFile, part: Part
) -> None:
    HostedFile.objects.update(is_test=True, dialect="img_processing")
    address = f"/dashboard/files/{upright.public_id}"
    body = pictures.saved(pictures.corners(30, 30), "PNG")
    answer = member_client.post(
        f"{address}/replace", {"file": part("other.png", body)}, follow=True
    )
    assert "A test image keeps its stamp" in answer.content.decode()
    assert shown(upright).size == (60, 40)
    member_client.post(f"{address}/rotate", {"turn": "right"})
    assert shown(upright).size == (40, 60)


def test_a_turned_photo_keeps_its_gain_map(member_client: Client, member: User, part: Part) -> None:
    member_client.post("/upload", {"files": part("hdr.jpg", gain_maps.photo())})
    file = HostedFile.objects.get(owner=member)
    member_client.post(f"/dashboard/files/{file.public_id}/rotate", {"turn": "right"})
    file.refresh_from_db()
    with objects.open_file(file.area, file.path) as content:
        seen = gain_maps.seen(content.read())
    assert (seen.base.size, seen.chart.size) == ((480, 640), (120, 160))
    assert gain_maps.looks_like_gains(seen.chart.transpose(Image.Transpose.ROTATE_90))


def test_a_turned_picture_has_no_credentials_any_more(
    member_client: Client, member: User, part: Part
) -> None:
    data = credentials.signed(credentials.samples()["png"])
    member_client.post("/upload", {"files": part("painted.png", data)})
    file = HostedFile.objects.get(owner=member)
    assert file.credentials["kept"]
    member_client.post(f"/dashboard/files/{file.public_id}/rotate", {"turn": "right"})
    file.refresh_from_db()
    assert file.credentials == {}
