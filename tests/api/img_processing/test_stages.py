"""Live and test keys: what is apart, what is stamped, how many requests a minute, what is counted."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from PIL import Image

from tests import pictures
from tests.api.img_processing.conftest import Api, made, newcomer, refused
from tests.live import Site

pytestmark = pytest.mark.live
GREY = (128, 128, 128)


def grey(size: tuple[int, int] = (200, 120)) -> bytes:
    return pictures.saved(Image.new("RGB", size, GREY), "PNG")


def is_stamped(picture: Image.Image) -> bool:
    """Whether something lighter and something darker is written over the grey, in the whole picture."""
    width, height = picture.size
    boxes = [(0, 0, width // 2, height), (width // 2, 0, width, height)]
    for box in boxes:
        low, high = picture.convert("L").crop(box).getextrema()
        assert isinstance(low, int)
        if not low < 100 < 160 < high:
            return False
    return True


def test_everything_that_a_test_key_makes_is_stamped(test: Api) -> None:
    image = test.image(grey())
    assert is_stamped(test.pixels(image))
    for step, asked in (
        ("blur", {"sigma": 100}), ("resize", {"width": 100}), ("convert", {"format": "jpeg"}),
        ("crop", {"x1": 0, "y1": 0, "x2": 100, "y2": 100}), ("mirror", {"mode": "both"}),
        ("rotate", {"angle": 180}), ("modulate", {"contrast": -100}),
        ("watermark", {"watermarks": [{"id": image["id"]}]}),
    ):  # fmt: skip
        assert is_stamped(test.pixels(test.change(image, step, **asked))), step


def test_nothing_that_a_live_key_makes_is_stamped(live: Api) -> None:
    image = live.image(grey())
    for picture in (image, live.change(image, "blur"), live.change(image, "mirror", mode="both")):
        assert live.pixels(picture).convert("RGB").getextrema() == tuple((v, v) for v in GREY)


def test_the_smallest_picture_can_be_stamped(test: Api) -> None:
    assert test.image(grey((1, 1)))["width"] == 1


def test_each_stage_sees_its_own_images_alone(live: Api, test: Api) -> None:
    of_live, of_test = live.image(grey()), test.image(grey())
    for one, image in ((live, of_test), (test, of_live)):
        assert image["id"] not in [each["id"] for each in one.list("?take=100")["data"]]
        for method, path in (
            ("GET", ""), ("GET", "/download"), ("POST", "/publish"), ("POST", "/blur"), ("DELETE", "")
        ):  # fmt: skip
            reasons = refused(one.ask(method, f"/{image['id']}{path}"), 404, "Not Found")
            assert reasons == [f"Image with id {image['id']} not found."]
        refused(one.ask("GET", f"?from={image['id']}"), 404, "Not Found")
    assert live.pixels(of_live)
    assert test.pixels(of_test)


def test_test_images_go_after_ninety_days_and_live_ones_stay(
    live: Api, test: Api, site: Site
) -> None:
    ids = [api.image(grey())["id"].removeprefix("image_") for api in (live, test)]
    ids.append(test.change(test.image(grey()), "blur")["id"].removeprefix("image_"))
    values = site.shell(
        "from hosting.models import HostedFile\n"
        f"for id in {ids!r}: print(HostedFile.objects.get(public_id=id).expires_at)"
    ).split("\n")
    assert values[0] == "None"
    for moment in map(datetime.fromisoformat, values[1:3]):
        assert timedelta(days=89) < moment - datetime.now(UTC) <= timedelta(days=90)


def test_a_test_image_past_its_time_is_gone_with_its_link(test: Api, site: Site) -> None:
    image = test.image(grey())
    url = test.change(image, "publish")["url"]
    assert site.get(url).status == 200
    id = image["id"].removeprefix("image_")
    site.shell(
        "from hosting.models import HostedFile; from django.utils import timezone;"
        f"HostedFile.objects.filter(public_id='{id}').update(expires_at=timezone.now())"
    )
    refused(test.ask("GET", f"/{image['id']}"), 404, "Not Found")
    refused(test.ask("GET", f"/{image['id']}/download"), 404, "Not Found")
    assert site.get(url).status in {404, 410}


def test_a_published_test_image_dies_with_unpublish(test: Api, site: Site) -> None:
    image = test.image(grey())
    url = test.change(image, "publish")["url"]
    assert site.get(url).status == 200
    assert test.change(image, "unpublish")["url"] is None
    assert site.get(url).status == 404


# --- Requests a minute


@pytest.mark.parametrize(("kind", "limit"), [("test", 10), ("live", 100)])
def test_a_key_makes_so_many_requests_a_minute(site: Site, kind: str, limit: int) -> None:
    api = newcomer(site, f"hasty-{kind}", kind=kind)
    before = int(time.time())
    # Some of them refused for other reasons: they count as well.
    paths = ["", "/image_x", "?take=0"]
    first = [api.ask("GET", paths[number % 3]) for number in range(limit)]
    assert {answer.status for answer in first} == {200, 404, 422}
    # A slow machine may have begun another minute; the headers are right all the same.
    entries = [int(answer.headers["X-RateLimit-Remaining"]) for answer in first]
    assert entries[0] == limit - 1
    assert all(later in (earlier - 1, limit - 1) for earlier, later in pairwise(entries))
    for answer in first:
        assert answer.headers["X-RateLimit-Limit"] == str(limit)
        assert before < int(answer.headers["X-RateLimit-Reset"]) <= time.time() + 62

    spent = (
        f"from accounts.models import ApiKey; ApiKey.objects.filter(user__username='hasty-{kind}')"
    )
    site.shell(
        "from django.utils import timezone;"
        f"{spent}.update(window_start=timezone.now(), window_count={limit})"
    )
    last = api.send(grey(), name="x")
    (reason,) = refused(last, 429, "Rate Limit")
    assert str(limit) in reason
    assert 1 <= int(last.headers["Retry-After"]) <= 60
    assert last.headers["X-RateLimit-Remaining"] == "0"
    assert last.headers["X-RateLimit-Limit"] == str(limit)

    site.shell(
        "from datetime import timedelta; from django.utils import timezone;"
        f"{spent}.update(window_start=timezone.now() - timedelta(seconds=61))"
    )
    assert api.ask("GET").status == 200


def test_requests_at_once_are_counted_to_the_one(site: Site) -> None:
    api = newcomer(site, "crowd", kind="test")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: api.ask("GET"), range(30)))
    counted = (
        "from accounts.models import ApiKey;"
        "print(ApiKey.objects.get(user__username='crowd').window_count)"
    )
    admitted = [answer for answer in answers if answer.status == 200]
    assert {answer.status for answer in answers} == {200, 429}
    # Ten a minute; on a machine so slow that another one has begun, ten of that, too.
    assert len(admitted) % 10 == int(site.shell(counted)) % 10
    assert len(admitted) >= 10


# --- What is counted


def used(answer_headers: object) -> int:
    return int(answer_headers["X-Image-Processing-Usage"])  # type: ignore[index]


def test_every_image_made_with_a_live_key_counts_and_reading_does_not(site: Site) -> None:
    api = newcomer(site, "counted")
    answer = api.send(grey(), name="x")
    assert used(answer.headers) == 1
    id = made(answer)["id"]
    for number, path in enumerate(("publish", "blur", "unpublish"), start=2):
        answer = api.post(f"/{id}/{path}")
        assert (answer.status, used(answer.headers)) == (201, number)
    for method, path in (("GET", ""), ("GET", f"/{id}"), ("GET", f"/{id}/download")):
        answer = api.ask(method, path)
        assert (answer.status, used(answer.headers)) == (200, 4)
    answer = api.post(f"/{id}/blur", sigma=0)
    assert (answer.status, used(answer.headers)) == (422, 4)
    assert used(api.ask("DELETE", f"/{id}").headers) == 4


def test_images_made_at_once_are_counted_to_the_one(site: Site) -> None:
    api = newcomer(site, "counted-at-once")
    id = made(api.send(grey((8, 8)), name="x"))["id"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post(f"/{id}/mirror", mode="both"), range(24)))
    assert {answer.status for answer in answers} == {201}
    assert used(api.ask("GET").headers) == 25
    assert max(used(answer.headers) for answer in answers) == 25


def test_test_images_are_not_counted(site: Site) -> None:
    api = newcomer(site, "uncounted", kind="test")
    answer = api.send(grey(), name="x")
    assert answer.status == 201
    assert "X-Image-Processing-Usage" not in answer.headers
    counted = (
        "from accounts.models import Usage;"
        "print(Usage.objects.filter(user__username='uncounted').count())"
    )
    assert int(site.shell(counted)) == 0
