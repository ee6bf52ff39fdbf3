"""Every transformation, looked at in its pixels."""

from __future__ import annotations

import math
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from tests import pictures
from tests.api.img_processing.conftest import Api, invalid, refused

pytestmark = pytest.mark.live

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 60), (40, 60, 200), (230, 200, 40)
Colour = tuple[int, ...]


def plain(colour: Colour, size: tuple[int, int] = (40, 20), format: str = "PNG") -> bytes:
    """A picture of one colour."""
    mode = "RGBA" if len(colour) == 4 else "RGB"
    options = {"quality": 100, "subsampling": 0} if format == "JPEG" else {}
    return pictures.saved(Image.new(mode, size, colour), format, **options)


def halves(size: tuple[int, int] = (40, 20)) -> bytes:
    """Red to the left, blue to the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return pictures.saved(image, "PNG")


def at(image: Image.Image, x: int, y: int, mode: str = "RGB") -> Colour:
    found = image.convert(mode).getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def near(one: Colour, other: Colour, tolerance: int = 6) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("step", "parameters"),
    [("resize", {"width": 10}), ("crop", {"x1": 0, "y1": 0, "x2": 9, "y2": 9}),
     ("rotate", {"angle": 90}), ("mirror", {"mode": "both"}), ("convert", {"format": "webp"}),
     ("blur", {}), ("modulate", {"brightness": 5})],
)  # fmt: skip
def test_a_transformation_makes_a_new_image_and_leaves_the_old_one(
    live: Api, step: str, parameters: dict[str, Any]
) -> None:
    image = live.image(halves(), "The old one")
    before = live.ask("GET", f"/{image['id']}/download").data
    made = live.change(image, step, **parameters)
    assert made["id"] != image["id"]
    assert (made["name"], made["url"]) == ("The old one", None)
    assert live.pixels(made)
    assert live.ask("GET", f"/{image['id']}").json() == image
    assert live.ask("GET", f"/{image['id']}/download").data == before
    assert live.change(image, step, **parameters, name="The new one")["name"] == "The new one"
    assert [each["id"] for each in live.list("?take=3")["data"]][1:] == [made["id"], image["id"]]


def test_what_is_made_of_a_published_image_is_not_published(live: Api) -> None:
    image = live.change(live.image(halves()), "publish")
    assert live.change(image, "blur")["url"] is None


# --- resize


@pytest.mark.parametrize(
    ("asked", "size"),
    [({"width": 20, "height": 30}, (20, 30)), ({"width": 10}, (10, 5)), ({"height": 5}, (10, 5)),
     ({"width": 80}, (80, 40)), ({"width": 80, "fit": "contain"}, (80, 40)),
     ({"width": "20", "height": "30"}, (20, 30))],
)  # fmt: skip
def test_resize_makes_the_size_that_is_asked_for(
    live: Api, asked: dict[str, Any], size: tuple[int, int]
) -> None:
    made = live.change(live.image(halves()), "resize", **asked)
    picture = live.pixels(made)
    assert picture.size == size
    assert near(at(picture, 1, 1), RED)
    assert near(at(picture, size[0] - 2, size[1] - 2), BLUE)


def test_contain_leaves_room_transparent_around_the_whole_picture(live: Api) -> None:
    image = live.image(plain(RED))
    picture = live.pixels(live.change(image, "resize", width=40, height=40, fit="contain"))
    assert picture.size == (40, 40)
    assert at(picture, 20, 5, "RGBA")[3] == at(picture, 20, 35, "RGBA")[3] == 0
    assert at(picture, 20, 20, "RGBA") == (*RED, 255)


@pytest.mark.parametrize(
    ("position", "top", "bottom"),
    [("top", RED, BLUE), ("bottom", BLUE, RED), ("center", BLUE, BLUE), ("top-left", RED, BLUE)],
)
def test_contain_places_the_picture_where_asked(
    live: Api, position: str, top: Colour, bottom: Colour
) -> None:
    asked = {"width": 40, "height": 40, "fit": "contain", "position": position}
    letterbox = "#{:02x}{:02x}{:02x}".format(*BLUE)
    made = live.change(live.image(plain(RED)), "resize", **asked, letterbox_color=letterbox)
    picture = live.pixels(made)
    assert (at(picture, 20, 2), at(picture, 20, 37)) == (top, bottom)
    assert at(picture, 20, 15 if position != "bottom" else 25) == RED


@pytest.mark.parametrize(
    ("letterbox", "colour"), [(None, (0, 0, 0)), ("transparent", (0, 0, 0)), ("lime", (0, 255, 0))]
)
def test_a_letterbox_is_black_where_the_format_has_no_transparency(
    live: Api, letterbox: str | None, colour: Colour
) -> None:
    asked = {"width": 40, "height": 40, "fit": "contain", "letterbox_color": letterbox}
    made = live.change(live.image(plain(RED, format="JPEG")), "resize", **asked)
    assert made["format"] == "jpeg"
    assert near(at(live.pixels(made), 20, 2), colour, 12)


@pytest.mark.parametrize(
    ("position", "colours"),
    [("left", {RED}), ("right", {BLUE}), ("center", {RED, BLUE}), ("top-left", {RED})],
)
def test_cover_keeps_the_part_at_its_position(
    live: Api, position: str, colours: set[Colour]
) -> None:
    asked = {"width": 60, "height": 60, "fit": "cover", "position": position}
    picture = live.pixels(live.change(live.image(halves()), "resize", **asked))
    assert picture.size == (60, 60)
    assert {at(picture, 12, 30), at(picture, 48, 30)} == colours


@pytest.mark.parametrize(
    "asked",
    [{}, {"width": 0}, {"width": 10_001}, {"width": 10.5}, {"width": "wide"}, {"width": True},
     {"width": 10, "fit": "stretch"}, {"width": 10, "height": 10, "position": "middle"},
     {"width": 10, "letterbox_color": "#12"}, {"width": 10, "name": "x" * 31},
     {"width": -5, "height": 10}],
)  # fmt: skip
def test_a_resize_that_cannot_be_is_refused(live: Api, asked: dict[str, Any]) -> None:
    assert invalid(live.post(f"/{live.image(halves())['id']}/resize", **asked))


# --- crop


def test_crop_keeps_what_lies_between_the_corners(live: Api) -> None:
    image = live.image(pictures.png(100, 80))
    made = live.change(image, "crop", x1=10, y1=20, x2=90, y2=60)
    assert (made["width"], made["height"]) == (80, 40)
    whole, part = live.pixels(image).convert("RGB"), live.pixels(made).convert("RGB")
    assert part.tobytes() == whole.crop((10, 20, 90, 60)).tobytes()


@pytest.mark.parametrize(
    "corners",
    [(0.5, 0, 10, 10), (0, 0, 41, 20), (0, 0, 40, 21), (10, 0, 10, 10), (20, 0, 10, 10),
     (-1, 0, 10, 10), ("a", 0, 10, 10), (0, 0, 10, None), (40, 0, 41, 1)],
)  # fmt: skip
def test_a_crop_outside_the_picture_or_in_parts_of_pixels_is_refused(
    live: Api, corners: tuple[Any, ...]
) -> None:
    asked = dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True))
    assert invalid(live.post(f"/{live.image(halves())['id']}/crop", **asked))


# --- rotate, mirror


@pytest.mark.parametrize(
    "asked", [{"angle": 90}, {"angle": -270}, {"angle": math.pi / 2, "unit": "radians"}]
)
def test_a_right_angle_turns_clockwise_and_swaps_the_sides(
    live: Api, asked: dict[str, Any]
) -> None:
    image = live.image(pictures.png(60, 40))
    picture = live.pixels(live.change(image, "rotate", **asked))
    turned = live.pixels(image).convert("RGB").transpose(Image.Transpose.ROTATE_270)
    assert picture.convert("RGB").tobytes() == turned.tobytes()


@pytest.mark.parametrize(
    ("background", "corner"),
    [(None, (0, 0, 0, 255)), ("#00ff00", (0, 255, 0, 255)), ("transparent", (0, 0, 0, 0))],
)
def test_other_angles_grow_the_canvas_over_a_background(
    live: Api, background: str | None, corner: Colour
) -> None:
    asked = {"angle": 45, "background_color": background}
    made = live.change(live.image(plain(RED, (40, 40))), "rotate", **asked)
    picture = live.pixels(made)
    assert picture.size == (57, 57)
    assert at(picture, 1, 1, "RGBA") == corner
    assert near(at(picture, 28, 28), RED)


@pytest.mark.parametrize("asked", [{}, {"angle": "left"}, {"angle": 1, "unit": "turns"},
                                   {"angle": "NaN"}, {"angle": 9, "background_color": "reddish"}])  # fmt: skip
def test_a_turn_that_cannot_be_is_refused(live: Api, asked: dict[str, Any]) -> None:
    assert invalid(live.post(f"/{live.image(halves())['id']}/rotate", **asked))


@pytest.mark.parametrize(
    ("mode", "how"),
    [("horizontal", Image.Transpose.FLIP_LEFT_RIGHT), ("vertical", Image.Transpose.FLIP_TOP_BOTTOM),
     ("both", Image.Transpose.ROTATE_180)],
)  # fmt: skip
def test_mirror(live: Api, mode: str, how: Image.Transpose) -> None:
    image = live.image(pictures.png(60, 40))
    picture = live.pixels(live.change(image, "mirror", mode=mode))
    assert picture.convert("RGB").tobytes() == live.pixels(image).transpose(how).tobytes()


@pytest.mark.parametrize("asked", [{}, {"mode": "diagonal"}])
def test_a_mirror_without_a_mode_is_refused(live: Api, asked: dict[str, Any]) -> None:
    assert invalid(live.post(f"/{live.image(halves())['id']}/mirror", **asked))


# --- convert


@pytest.mark.parametrize("source", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("target", ["jpeg", "jpg", "png", "webp"])
def test_convert_between_all_formats(live: Api, source: str, target: str) -> None:
    image = live.image(plain(BLUE, (64, 48), source.upper()))
    made = live.change(image, "convert", format=target)
    assert made["format"] == {"jpg": "jpeg"}.get(target, target)
    assert near(at(live.pixels(made), 30, 20), BLUE, 12)


def test_a_lower_quality_is_smaller(live: Api) -> None:
    image = live.image(pictures.photo(400, 300))
    small, large = (live.change(image, "convert", format="jpeg", quality=q) for q in (20, 90))
    assert small["size"] < large["size"] / 2


def test_what_was_transparent_is_white_in_a_jpeg(live: Api) -> None:
    made = live.change(live.image(plain((10, 20, 30, 0))), "convert", format="jpeg")
    assert near(at(live.pixels(made), 5, 5), (255, 255, 255))


@pytest.mark.parametrize(
    "asked",
    [{}, {"format": "gif"}, {"format": "png", "quality": 101}, {"format": "png", "quality": 0},
     {"format": "webp", "quality": 50.5}],
)  # fmt: skip
def test_a_conversion_that_cannot_be_is_refused(live: Api, asked: dict[str, Any]) -> None:
    assert invalid(live.post(f"/{live.image(halves())['id']}/convert", **asked))


def test_an_animation_stays_one(live: Api) -> None:
    image = live.image(pictures.webp(3, 64, 48))
    picture = live.pixels(live.change(image, "mirror", mode="vertical"))
    assert getattr(picture, "n_frames", 1) == 3


# --- blur, modulate


@pytest.mark.parametrize("sigma", [None, 5, 2.5])
def test_blur_is_a_gaussian_of_sigma(live: Api, sigma: float | None) -> None:
    image = live.image(halves((200, 40)))
    made = live.pixels(live.change(image, "blur", sigma=sigma)).convert("RGB")
    wanted = live.pixels(image).filter(ImageFilter.GaussianBlur(sigma or 20))
    # A true Gaussian and Pillow's differ by a few levels, and at the ends by how the picture goes on.
    for x in range(60, 140, 5):
        assert near(at(made, x, 20), at(wanted, x, 20), 8)


@pytest.mark.parametrize("sigma", [0.9, 1001, "much", -1])
def test_a_blur_outside_its_bounds_is_refused(live: Api, sigma: Any) -> None:
    assert "sigma" in invalid(live.post(f"/{live.image(halves())['id']}/blur", sigma=sigma))[0]


def change(live: Api, colour: Colour, **asked: Any) -> Colour:
    """What modulate makes of a colour."""
    made = live.change(live.image(plain(colour)), "modulate", **asked)
    return at(live.pixels(made), 10, 10)


def test_with_hue_or_lightness_brightness_and_saturation_are_factors(live: Api) -> None:
    grey = (90, 90, 90)
    assert near(change(live, RED, hue=0, brightness=1, saturation=1, lightness=0), RED, 3)
    assert sum(change(live, grey, hue=0, brightness=2)) > sum(grey) * 1.8
    assert len(set(change(live, RED, hue=0, saturation=0))) == 1
    assert sum(change(live, grey, lightness=20)) > sum(grey) + 90
    green = change(live, RED, hue=120)
    assert green[1] > green[0]
    assert near(change(live, RED, hue=120), change(live, RED, hue=120 - 720), 1)


def test_without_them_all_are_percentages(live: Api) -> None:
    grey = (100, 100, 100)
    assert change(live, RED) == change(live, RED, brightness=0, contrast=0) == RED
    # A factor of two would make it white.
    assert near(change(live, grey, brightness=2), (102, 102, 102), 1)
    assert near(change(live, grey, brightness=50), (150, 150, 150), 1)
    assert len(set(change(live, RED, saturation=-100))) == 1
    assert near(change(live, grey, contrast=-100), (128, 128, 128), 1)
    assert sum(change(live, grey, exposure=50)) > sum(grey) + 60


@pytest.mark.parametrize(
    "asked",
    [{"hue": 120.5}, {"brightness": 101}, {"brightness": -101}, {"saturation": 200},
     {"hue": 1, "brightness": -1}, {"hue": 10, "contrast": 5}, {"exposure": "high"},
     {"lightness": 1000}],
)  # fmt: skip
def test_a_modulation_outside_its_bounds_is_refused(live: Api, asked: dict[str, Any]) -> None:
    assert invalid(live.post(f"/{live.image(halves())['id']}/modulate", **asked))


# --- watermark


def test_a_watermark_is_placed_where_asked_at_the_size_asked_for(live: Api) -> None:
    image, mark = live.image(plain(RED, (60, 40))), live.image(plain(BLUE, (10, 10)))
    marks = [
        {"id": mark["id"]},
        {"id": mark["id"], "left": 40, "top": 20, "width": 20, "height": 5},
    ]
    made = live.change(image, "watermark", watermarks=marks)
    picture = live.pixels(made)
    assert (picture.size, made["name"]) == ((60, 40), image["name"])
    for x, y, colour in (
        (0, 0, BLUE), (9, 9, BLUE), (10, 10, RED), (40, 20, BLUE), (59, 24, BLUE), (59, 25, RED),
    ):  # fmt: skip
        assert near(at(picture, x, y), colour), (x, y)


@pytest.mark.parametrize(
    ("mode", "right", "below"),
    [("no_repeat", RED, RED), ("repeat_x", BLUE, RED), ("repeat_y", RED, BLUE),
     ("repeat", BLUE, BLUE)],
)  # fmt: skip
def test_a_watermark_is_repeated(live: Api, mode: str, right: Colour, below: Colour) -> None:
    image, mark = live.image(plain(RED, (60, 40))), live.image(plain(BLUE, (10, 10)))
    marks = [{"id": mark["id"], "repetition_mode": mode}]
    picture = live.pixels(live.change(image, "watermark", watermarks=marks))
    assert near(at(picture, 5, 5), BLUE)
    assert near(at(picture, 35, 5), right)
    assert near(at(picture, 5, 35), below)


def test_a_watermark_that_is_half_transparent_lets_the_picture_through(live: Api) -> None:
    image, mark = live.image(plain((0, 0, 0))), live.image(plain((255, 255, 255, 128)))
    made = live.change(image, "watermark", watermarks=[{"id": mark["id"]}])
    assert near(at(live.pixels(made), 10, 10), (128, 128, 128), 2)


@pytest.mark.parametrize(
    "changes",
    [{"left": 0.5}, {"width": 0}, {"repetition_mode": "often"}, {"height": 10_001}],
)
def test_a_watermark_that_cannot_be_is_refused(live: Api, changes: dict[str, Any]) -> None:
    image = live.image(halves())
    marks = [{"id": image["id"], **changes}]
    reasons = invalid(live.post(f"/{image['id']}/watermark", watermarks=marks))
    assert reasons[0].startswith(f"watermarks.0.{next(iter(changes))}")


def test_one_to_five_watermarks_can_be_given(live: Api) -> None:
    image = live.image(halves())
    one = {"id": image["id"]}
    assert live.change(image, "watermark", watermarks=[one] * 5)
    for marks in ([], [one] * 6, ["text"], [{}], [{"id": None}], None, one["id"]):
        invalid(live.post(f"/{image['id']}/watermark", watermarks=marks))


def test_only_own_images_of_the_same_stage_are_watermarks(live: Api, test: Api, other: Api) -> None:
    image = live.image(halves())
    for stranger in (test.image(halves()), other.image(halves())):
        marks = [{"id": stranger["id"]}]
        reasons = refused(
            live.post(f"/{image['id']}/watermark", watermarks=marks), 404, "Not Found"
        )
        assert reasons == [f"Image with id {stranger['id']} not found."]


# --- what holds for all of them


def test_a_profile_of_colours_goes_along(live: Api) -> None:
    sent = pictures.saved(pictures.corners(64, 48), "PNG", icc_profile=pictures.swapped_profile())
    made = live.pixels(live.change(live.image(sent), "resize", width=32))
    assert made.info.get("icc_profile") == pictures.swapped_profile()


def test_more_pixels_than_the_site_allows_are_refused(live: Api) -> None:
    image = live.image(plain(RED, (10, 2000)))
    assert invalid(live.post(f"/{image['id']}/resize", width=10_000))


def test_all_mistakes_are_reported_at_once(live: Api) -> None:
    asked = {"width": 0, "height": 99_999, "fit": "stretch"}
    reasons = invalid(live.post(f"/{live.image(halves())['id']}/resize", **asked))
    assert [reason.split(":")[0] for reason in reasons] == ["width", "height", "fit"]


def test_results_are_no_worse_than_their_format_needs(live: Api) -> None:
    image = live.image(pictures.photo(400, 300))
    made = live.pixels(live.change(image, "mirror", mode="horizontal")).convert("RGB")
    wanted = live.pixels(image).convert("RGB").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert max(ImageStat.Stat(ImageChops.difference(made, wanted)).mean) < 4
