"""Ultra HDR photos: whatever is done to them, they stay HDR, and nothing private stays.

What comes out is judged by others: sharp (libultrahdr) computes the light of the HDR rendition from the
file, and Pillow reads its MPF.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from processing import OPERATIONS, Limits, Output, Pipeline, ProcessingError, compress, ingest, run
from processing.containers import CLEANERS, jpeg
from tests import apple, gain_maps, pictures
from tests.api.chevereto.test_clients import CLIENTS, node
from tests.gain_maps import looks_like_gains, seen

__all__ = ["node"]

LIMITS = Limits()
QUARTERS = list(pictures.CORNERS)

LIGHT = """
const sharp = require("sharp");
const { readFileSync, writeFileSync } = require("node:fs");
(async () => {
  for (const path of process.argv.slice(1)) {
    const { gainMap } = await sharp(readFileSync(path)).metadata();
    if (!gainMap) { console.log(JSON.stringify(null)); continue; }
    const made = await sharp(readFileSync(path)).withGainMap().raw({ depth: "float" })
      .toBuffer({ resolveWithObject: true });
    writeFileSync(`${path}.light`, made.data);
    console.log(JSON.stringify([made.info.height, made.info.width, made.info.channels]));
  }
})();
"""

Light = dict[str, np.ndarray]
Judge = Callable[..., list[Light | None]]


@pytest.fixture(scope="module")
def light(node: str, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """The linear light of HDR renditions in the middle of each quarter; None where sharp finds no map."""
    folder = tmp_path_factory.mktemp("light")

    def judged(*files: bytes) -> list[Light | None]:
        paths = [folder / f"{number}.jpg" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        done = subprocess.run(
            [node, "-e", LIGHT, *map(str, paths)],
            cwd=CLIENTS,
            capture_output=True,
            timeout=60,
            check=True,
        )
        shapes = [json.loads(line) for line in done.stdout.splitlines()]
        return [shape and _quarters(path, shape) for path, shape in zip(paths, shapes, strict=True)]

    return judged


def _quarters(path: Path, shape: list[int]) -> Light:
    pixels = np.fromfile(f"{path}.light", np.float32).reshape(shape)
    rows, columns = shape[0] // 4, shape[1] // 4
    return {
        name: pixels[
            rows if "top" in name else 3 * rows, columns if "left" in name else 3 * columns
        ]
        for name in QUARTERS
    }


def same_light(one: Light | None, other: Light | None, **names: str) -> bool:
    """Whether the quarters are as bright; names: of the first by those of the second, where they moved."""
    if one is None or other is None:
        return False
    return all(
        np.allclose(one[names.get(name.replace(" ", "_"), name)], other[name], rtol=0.12, atol=0.06)
        for name in QUARTERS
    )


def served(data: bytes, width: int | None = None) -> bytes:
    return ingest(data, recipes={}, width=width, limits=LIMITS).main.data


WAYS = {
    "one channel": {},
    "three channels": {"mode": "RGB"},
    "three numbers": {"mode": "RGB", "forms": ("xmp",), "map_xmp": gain_maps.xmp_of_three()},
    "XMP alone": {"forms": ("xmp",)},
    "ISO alone": {"forms": ("iso",)},
    "one denominator": {"forms": ("iso",), "common": True},
    "big-endian": {"order": ">"},
    "another prefix": {"map_xmp": gain_maps.xmp(prefix="hdr-gm"), "forms": ("xmp",)},
    "as large as the picture": {"share": 1},
    "found behind the end": {"pointed": False},
    "something behind it": {"tail": b"MotionPhoto SECRET-TAIL" * 400},
}

UNREAD = ("another prefix", "found behind the end")


@pytest.mark.parametrize("way", WAYS)
def test_the_served_file_is_as_bright_as_the_source_and_tells_nothing(
    way: str, light: Judge
) -> None:
    data = gain_maps.photo(**WAYS[way])  # type: ignore[arg-type]
    done = ingest(data, recipes={}, limits=LIMITS)
    assert not done.reencoded
    assert not done.loses
    out = done.main.data
    assert not [secret for secret in (*pictures.SECRETS, b"Exif") if secret in out]
    # libultrahdr reads no lists of numbers at all, and of the sources not all.
    if way != "three numbers":
        like = gain_maps.photo() if way in UNREAD else data
        assert same_light(*light(like, out))
    assert looks_like_gains(seen(out).chart)
    assert (
        seen(out).chart.tobytes() == pictures.opened(data[data.rindex(b"\xff\xd8\xff") :]).tobytes()
    )


def test_a_photo_that_another_program_wrote_stays_as_bright(
    node: str, light: Judge, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(gain_maps.photo())
    write = """
    const sharp = require("sharp");
    sharp(process.argv[1]).withGainMap().jpeg({ quality: 95 }).toFile(process.argv[2]);
    """
    paths = str(tmp_path / "a.jpg"), str(tmp_path / "b.jpg")
    subprocess.run([node, "-e", write, *paths], cwd=CLIENTS, timeout=60, check=True)
    data = (tmp_path / "b.jpg").read_bytes()
    done = ingest(data, recipes={}, limits=LIMITS)
    assert not done.loses
    assert same_light(*light(data, done.main.data))


def test_numbers_are_said_in_the_forms_in_which_they_came() -> None:
    both, xmp, iso = (
        seen(served(gain_maps.photo(forms=forms))) for forms in (("xmp", "iso"), ("xmp",), ("iso",))
    )
    for name, value in gain_maps.NUMBERS.items():
        assert f'hdrgm:{name}="{value}"' in both.xmp
    assert (xmp.iso, iso.xmp) == (b"", "")
    numbers = pytest.approx(gain_maps.numbers_of(gain_maps.iso()), abs=1e-6)
    common = seen(served(gain_maps.photo(common=True)))
    for one in (both, iso, common):
        assert one.iso[:5] == gain_maps.iso()[:5]
        assert gain_maps.numbers_of(one.iso) == numbers


def test_lists_of_three_numbers_stay() -> None:
    packet = seen(served(gain_maps.photo(mode="RGB", map_xmp=gain_maps.xmp_of_three()))).xmp
    assert "<rdf:li>2</rdf:li><rdf:li>2.5</rdf:li><rdf:li>3</rdf:li>" in packet


@pytest.mark.parametrize("size", [(640, 480), (650, 470), (333, 250)])
def test_a_turned_photo_takes_its_map_along(size: tuple[int, int], light: Judge) -> None:
    upright = gain_maps.photo(*size)
    turned = [served(gain_maps.photo(*size, orientation=number)) for number in range(2, 9)]
    expected, *found = light(upright, *turned)
    for number, (data, one) in enumerate(zip(turned, found, strict=True), 2):
        assert same_light(expected, one), number
        assert looks_like_gains(seen(data).chart), number
        assert not [secret for secret in (*pictures.SECRETS, b"Exif") if secret in data], number


def test_a_smaller_copy_is_hdr(light: Judge) -> None:
    data = gain_maps.photo(orientation=6)
    small = served(data, width=200)
    assert pictures.opened(small).size == (200, 150)
    assert same_light(*light(gain_maps.photo(), small))
    # As fine as before, where there is room for it.
    assert seen(small).chart.size == (160, 120)


MOVES = {
    "resize": ({"width": 300}, {}),
    "resize to other proportions": ({"width": 200, "height": 300, "fit": "fill"}, {}),
    "enlarge": ({"width": 900, "upscale": True}, {}),
    "cover": ({"width": 200, "height": 200}, {}),
    "contain": ({"width": 320, "height": 240}, {}),
    "crop": ({"x": 100, "y": 100, "width": 440, "height": 280}, {}),
    "mirror": (
        {"mode": "horizontal"},
        {
            "top_left": "top right", "top_right": "top left",
            "bottom_left": "bottom right", "bottom_right": "bottom left",
        },
    ),
    "rotate": (
        {"angle": 90.0},
        {
            "top_left": "bottom left", "top_right": "top left",
            "bottom_left": "bottom right", "bottom_right": "top right",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_what_moves_pixels_moves_the_map(move: str, light: Judge) -> None:
    values, names = MOVES[move]
    name = {"enlarge": "resize"}.get(move, move.split()[0])
    data = gain_maps.photo(mode="RGB")
    out = run(data, Pipeline((OPERATIONS[name](**values),)), Output(), LIMITS).data
    before, after = light(data, out)
    assert same_light(before, after, **names)


def test_a_cut_takes_the_gain_of_its_own_place(light: Judge) -> None:
    data = gain_maps.photo()
    for name in QUARTERS:
        left, top = 0 if "left" in name else 321, 0 if "top" in name else 241
        step = OPERATIONS["crop"](x=left + 50, y=top + 50, width=207, height=101)
        before, after = light(data, run(data, Pipeline((step,)), Output(), LIMITS).data)
        assert before
        assert after
        assert all(np.allclose(after[one], before[name], rtol=0.12, atol=0.06) for one in QUARTERS)


def test_a_tiny_cut_has_a_map_in_its_proportions() -> None:
    step = OPERATIONS["crop"](x=3, y=5, width=10, height=7)
    chart = seen(run(gain_maps.photo(), Pipeline((step,)), Output(), LIMITS).data).chart
    assert chart.size == (10, 7)


@pytest.mark.parametrize(
    ("name", "values"),
    [("blur", {}), ("modulate", {"brightness": 1.2}), ("stamp", {}), ("rotate", {"angle": 10.0}),
     ("contain", {"width": 300, "height": 300})],
)  # fmt: skip
def test_what_changes_pixels_leaves_the_map_out(
    name: str, values: dict[str, object], light: Judge
) -> None:
    pipeline = Pipeline((OPERATIONS[name](**values),))
    assert light(run(gain_maps.photo(), pipeline, Output("jpeg"), LIMITS).data) == [None]


def test_other_colours_and_other_formats_have_no_map() -> None:
    for output in (Output(profile="srgb"), Output("webp"), Output("png")):
        data = run(gain_maps.photo(), Pipeline(), output, LIMITS).data
        assert gain_maps.NAMESPACE.encode() not in data
        assert b"MPF" not in data


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_compressed_photo_is_hdr_and_smaller(orientation: int, light: Judge) -> None:
    base = pictures.turned(pictures.texture(640, 480), orientation)
    coded = pictures.saved(base, "JPEG", quality=97, exif=pictures.exif(orientation, gps=True))
    data = gain_maps.photo(orientation=orientation, base=coded)
    done = compress(data, LIMITS)
    assert len(done.data) < len(data)
    assert looks_like_gains(seen(done.data).chart)
    assert seen(done.data).base.size == (640, 480)
    assert light(done.data) != [None]
    assert not [secret for secret in pictures.SECRETS if secret in done.data]


PLAIN = {
    "plain": lambda: pictures.jpeg(),
    "of a camera": lambda: pictures.jpeg(
        gps=True, icc=pictures.srgb_profile(), xmp=pictures.XMP_360
    ),
    "progressive": lambda: pictures.jpeg(progressive=True),
    "grey": lambda: pictures.jpeg(image=pictures.corners(64, 64).convert("L")),
    "two pictures": lambda: pictures.saved(
        pictures.corners(64, 64), "MPO", save_all=True, append_images=[pictures.corners(32, 32)]
    ),
    "a tail": lambda: pictures.jpeg() + b"SECRET-TAIL" * 99 + pictures.jpeg(32, 32),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_a_photo_without_a_map_is_served_to_the_byte_as_before(kind: str) -> None:
    data = PLAIN[kind]()
    assert CLEANERS["jpeg"](data) == jpeg.clean(data)
    done = ingest(data, recipes={}, limits=LIMITS)
    assert done.main.data == jpeg.clean(data)
    assert not done.loses
    copy = Pipeline((OPERATIONS["resize"](width=32),))
    assert (
        run(data, copy, Output(), LIMITS).data == run(jpeg.clean(data), copy, Output(), LIMITS).data
    )
    assert b"MPF" not in run(data, copy, Output(), LIMITS).data


def test_cleaning_twice_is_cleaning_once() -> None:
    for way in WAYS.values():
        once = CLEANERS["jpeg"](gain_maps.photo(**way))  # type: ignore[arg-type]
        assert CLEANERS["jpeg"](once) == once


def test_a_map_is_found_where_mending_has_moved_it() -> None:
    data = gain_maps.photo()
    tables = data.index(b"\xff\xdb")
    whole = served(data)
    assert served(data[:tables] + b"junk" + data[tables:]) == whole
    broken = gain_maps.segment(0xE1, b"Exif\0\0nothing")
    assert served(data[:20] + broken + data[20:]) == whole


def _broken() -> dict[str, bytes]:
    whole = gain_maps.photo()
    start = whole.rindex(b"\xff\xd8\xff")
    numbers = gain_maps.NUMBERS
    without = {name: value for name, value in numbers.items() if name != "GainMapMax"}
    cmyk = pictures.saved(Image.new("CMYK", (160, 120)), "JPEG")
    return {
        "cut off": whole[: start + 1500],
        "not there": whole[:start],
        "other bytes": whole[: start + 700] + bytes(900),
        "a number missing": gain_maps.photo(forms=("xmp",), map_xmp=gain_maps.xmp(without)),
        "no number": gain_maps.photo(
            forms=("xmp",), map_xmp=gain_maps.xmp({**numbers, "Gamma": "nan"})
        ),
        "larger than the picture": gain_maps.photo(chart=pictures.jpeg(800, 600)),
        "of four channels": gain_maps.photo(chart=cmyk),
    }


@pytest.mark.parametrize("kind", _broken())
def test_of_a_map_that_is_broken_the_source_is_kept(kind: str) -> None:
    done = ingest(_broken()[kind], recipes={}, limits=LIMITS)
    assert done.main.data == jpeg.clean(_broken()[kind])
    assert not done.reencoded
    assert done.loses


def test_a_heic_of_an_iphone_becomes_an_ultra_hdr_photo(light: Judge) -> None:
    for values in ({}, {"overall": 0.5, "local": 0.4}, {"overall": 1.5, "local": 1.2}):
        data = apple.heic(**values)
        done = ingest(data, recipes={}, limits=LIMITS)
        assert done.reencoded
        assert not done.lost_gain_map
        assert not [secret for secret in pictures.SECRETS if secret in done.main.data]
        (seen_light,) = light(done.main.data)
        assert seen_light
        for name, value in gain_maps.GAINS.items():
            gain = 1 + (2 ** apple.stops(**values) - 1) * apple.linear(value / 255)
            brightest = max(pictures.CORNERS[name]) / 255
            white = ((brightest + 0.055) / 1.055) ** 2.4
            assert max(seen_light[name]) == pytest.approx(gain * white, rel=0.1), (values, name)


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_jpeg_of_an_iphone_becomes_an_ultra_hdr_photo(orientation: int, light: Judge) -> None:
    data = apple.jpeg(orientation=orientation)
    done = ingest(data, recipes={}, limits=LIMITS)
    assert not done.loses
    assert not [secret for secret in pictures.SECRETS if secret in done.main.data]
    assert b"apple" not in done.main.data
    assert same_light(*light(done.main.data, served(apple.heic(640, 480))))
    small = run(data, Pipeline((OPERATIONS["resize"](width=200),)), Output(), LIMITS).data
    assert same_light(*light(small, done.main.data))


def test_of_an_iphones_jpeg_that_does_not_say_how_bright_it_is_the_source_is_kept() -> None:
    for data in (
        apple.jpeg(overall=0.5, local=40.0),
        apple.jpeg(chart=gain_maps.gains(120, 160)),
        apple.jpeg()[:-400],
    ):
        done = ingest(data, recipes={}, limits=LIMITS)
        assert done.main.data == jpeg.clean(data)
        assert done.lost_gain_map


def test_a_standing_heic_is_turned_with_its_map(light: Judge) -> None:
    data = served(apple.heic(stands=True))
    assert pictures.looks_like_corners(pictures.opened(data))
    assert same_light(*light(served(apple.heic()), data))


def test_a_smaller_copy_of_such_a_heic_is_hdr(light: Judge) -> None:
    small = served(apple.heic(), width=100)
    assert seen(small).base.size == (100, 75)
    assert same_light(*light(served(apple.heic()), small))


@pytest.mark.parametrize(
    "data",
    [
        apple.heic(noted=False),
        apple.heic(overall=0.5, local=40.0),
        apple.heic(chart=gain_maps.gains(640, 480)),
        apple.heic(chart=gain_maps.gains(120, 160)),
    ],
    ids=["no note", "no light", "larger than the picture", "of other proportions"],
)
def test_what_apples_map_does_not_say_is_not_made_up(data: bytes) -> None:
    done = ingest(data, recipes={}, limits=LIMITS)
    assert b"MPF" not in done.main.data
    assert done.lost_gain_map
    assert pictures.looks_like_corners(pictures.opened(done.main.data))


def test_the_source_of_an_avif_with_a_map_is_kept() -> None:
    plain = pictures.avif(exif=pictures.exif())
    data = plain.replace(b"Exif", b"tmap", 1)
    assert ingest(data, recipes={}, limits=LIMITS).loses
    assert not ingest(plain, recipes={}, limits=LIMITS).loses


def _mutated(number: int, samples: list[bytes]) -> bytes:
    """A file with some bytes of its segments changed, by its number."""
    chance = random.Random(number)
    data = bytearray(chance.choice(samples))
    words = (
        b"MPF\0",
        b"hdrgm:",
        b"urn:iso",
        b"\xff\xe1",
        b"\xff\xe2",
        b"Container",
        b"\xff\xd8\xff",
    )
    places = [at for word in words for at in _all(bytes(data), word)]
    for _ in range(chance.randint(1, 8)):
        at = min(len(data) - 1, chance.choice(places) + chance.randint(0, 90))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                data[at : at + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff")
                )
            case 3:
                del data[at : at + chance.randint(1, 40)]
            case _:
                data[at:at] = data[at : at + chance.randint(1, 400)]
    return bytes(data)


def _all(data: bytes, word: bytes) -> list[int]:
    found, at = [], data.find(word)
    while at >= 0:
        found.append(at)
        at = data.find(word, at + 1)
    return found


def _said(data: bytes) -> bytes:
    """All that stands in segments of applications and in comments, of both pictures."""
    places = [0, data.find(b"\xff\xd8\xff", max(end for _, _, end in jpeg.segments(data)))]
    return b"".join(
        data[start:end]
        for place in places
        if place >= 0
        for marker, start, end in jpeg.segments(data, at=place)
        if 0xE0 <= marker <= 0xEF or marker == 0xFE
    )


def survive(numbers: range) -> int:
    """Take in the mutated files of these numbers; how many were accepted. Every other error comes out."""
    # A profile may hold anything, also what a changed length puts into it.
    sorts = [*WAYS.values(), {"orientation": 6}, {"orientation": 3, "share": 3}]
    samples = [gain_maps.photo(160, 120, profile=False, **sort) for sort in sorts]  # type: ignore[arg-type]
    samples += [apple.jpeg(160, 120), apple.jpeg(160, 120, orientation=6)]
    accepted = 0
    for number in numbers:
        data = _mutated(number, samples)
        try:
            done = ingest(data, recipes={}, width=100 if number % 3 == 0 else None, limits=LIMITS)
        except ProcessingError:
            continue
        accepted += 1
        said = _said(done.main.data)
        assert not [secret for secret in pictures.SECRETS if secret in said], number
        assert CLEANERS["jpeg"](done.main.data) == done.main.data, number
        with Image.open(io.BytesIO(done.main.data)) as image:
            image.load()
    return accepted


@pytest.mark.slow
def test_changed_segments_are_survived() -> None:
    # All 10,000 have been tried; this is a slice of them.
    assert survive(range(0, 10_000, 20)) > 200


def test_many_places_of_maps_are_not_all_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    real = jpeg.header

    def counted(data: bytes, at: int = 0) -> object:
        looked.append(at)
        return real(data, at)

    monkeypatch.setattr(jpeg, "header", counted)
    data = gain_maps.photo(forms=("xmp",))
    at = data.index(b"\xff\xe2", data.index(b"\xff\xdb") - 200)
    many = b"".join(
        gain_maps.multi_picture(at, place, 9, ">") for place in range(at + 1000, at + 5000, 4)
    )
    CLEANERS["jpeg"](data[:at] + many + data[at:])
    assert len(looked) < 20
