"""The perceptual hash is PDQ: it agrees with the reference, and tells copies of a picture from others."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from processing import Limits, looks_of
from processing.perceptual_hash import PictureHash, distance, hash_of
from tests import documents, pictures

NEAR = 31
LIMITS = Limits(bytes=10**8, pixels=10**8, frames=100, seconds=60)
# What the reference (pdqhash 0.2.8) makes of pictures.texture(width, height, seed).
REFERENCE = {
    (40, 30, 1): "ef8f6a53914f053d2aaa7ac26eb095ac10f4d4ac4432d85978a3e5e0ae5ce1e7",
    (64, 64, 2): "ea78077300a154af7802e16c60fbde4aa7be8c1758b07d398b26ffce395989d0",
    (320, 240, 3): "e1d8f498157fe5f79bcd9a0ceac08f6396279189f3b29bf52020c8a269c30b3a",
    (240, 320, 4): "d310fb77c2c9e4142d3ac4df0a95ef8923cf34920813e191feaaeeec14c1762e",
    (640, 480, 5): "f0306ee3bf7cef4d98dd12b3028f911d6fcf0975d50ce42878a7bc9990980178",
    (1000, 700, 6): "e3b7136cece6afcb7557ecd14aa81035a7d12e8754da33e49a14f68482232547",
    (5, 400, 7): "69da61d8318c3b0e93a46e5b9e27348dce7391a4ce73749d96273b0eb1ac91a4",
    (129, 127, 8): "75bb97fb4b74c0493e364a8dd21e73e9b5030fd220f9c29a085f2a1637be12a4",
}


def saved(image: Image.Image, format: str, **options: object) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return Image.open(stream)


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG of quality 50": lambda image: saved(image, "JPEG", quality=50),
    "half size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "WebP": lambda image: saved(image, "WEBP", quality=60),
    "grey": lambda image: image.convert("L"),
    "mirrored": ImageOps.mirror,
    "on its side": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "other proportions": lambda image: image.resize((image.width, image.height * 4 // 5)),
}


def looks(image: Image.Image) -> PictureHash:
    found = hash_of(image if image.mode in ("RGB", "L") else image.convert("RGB"))
    assert found is not None
    return found


@cache
def made(count: int) -> list[Image.Image]:
    sizes = [(400, 300), (300, 400), (512, 384), (384, 384), (640, 320)]
    return [pictures.texture(*sizes[seed % len(sizes)], seed=seed) for seed in range(count)]


def nearest(turned: tuple[bytes, ...], other: bytes) -> int:
    return min(distance(one, other) for one in turned)


@pytest.mark.parametrize(("made_of", "expected"), REFERENCE.items())
def test_it_is_what_the_reference_gives(made_of: tuple[int, int, int], expected: str) -> None:
    width, height, seed = made_of
    hash = looks(pictures.texture(width, height, seed))
    assert distance(hash.bits, bytes.fromhex(expected)) <= 4


@pytest.mark.skipif(importlib.util.find_spec("pdqhash") is None, reason="pdqhash is not installed")
def test_it_agrees_with_the_reference_in_every_orientation() -> None:
    import pdqhash

    random = np.random.default_rng(12)
    near = []
    for seed in range(40):
        width, height = (int(side) for side in random.integers(5, 1000, 2))
        image = pictures.texture(width, height, seed)
        hash = looks(image)
        turns = [None, *Image.Transpose]
        for turn in turns:
            pixels = np.asarray(image if turn is None else image.transpose(turn))
            vector, quality = pdqhash.compute(np.ascontiguousarray(pixels))
            theirs = np.packbits(vector.astype(np.uint8)).tobytes()
            near.append(min(distance(one, theirs) for one in hash.turned) <= 4)
            if turn is None:
                assert hash.quality == quality
                near.append(distance(hash.bits, theirs) <= 4)
    assert len(near) == 40 * 9
    assert sum(near) / len(near) >= 0.95


@pytest.mark.parametrize("copy", COPIES)
def test_copies_are_near_the_picture(copy: str) -> None:
    """Of 20 pictures; all 300 are compared where slow tests run."""
    for image in made(20):
        assert nearest(looks(COPIES[copy](image)).turned, looks(image).bits) <= NEAR


@pytest.mark.slow
def test_300_pictures_are_found_in_eight_copies_each_and_never_taken_for_one_another() -> None:
    originals = [looks(image) for image in made(300)]
    found = [
        nearest(looks(copy(image)).turned, original.bits) <= NEAR
        for image, original in zip(made(300), originals, strict=True)
        for copy in COPIES.values()
    ]
    assert sum(found) / len(found) >= 0.98
    turned = [one.turned for one in originals]
    pairs = [
        nearest(turned[number], other.bits) for number in range(300) for other in originals[:number]
    ]
    assert len(pairs) == 44_850
    assert min(pairs) > NEAR


def test_every_orientation_has_the_same_eight_hashes() -> None:
    image = pictures.texture(300, 200)
    eight = set(looks(image).turned)
    assert len(eight) == 8
    assert all(set(looks(image.transpose(turn)).turned) == eight for turn in Image.Transpose)


def test_half_of_its_bits_are_set() -> None:
    assert int.from_bytes(looks(pictures.texture(300, 200)).bits).bit_count() == 128


def test_transparent_pixels_count_as_white() -> None:
    image = pictures.texture(300, 200).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    seen = hash_of(image)
    assert seen is not None
    assert distance(seen.bits, looks(white).bits) <= 4


def test_one_colour_cannot_be_recognised() -> None:
    assert not looks(Image.new("RGB", (300, 200), (180, 120, 60))).recognisable
    assert looks(pictures.texture(300, 200)).recognisable


def test_the_smallest_pictures_have_no_hash() -> None:
    assert hash_of(Image.new("RGB", (4, 300))) is None


def test_a_files_hash_is_its_pictures() -> None:
    image = pictures.texture(2400, 1600)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90)
    found = looks_of(stream.getvalue(), LIMITS)
    assert found is not None
    assert distance(found.bits, looks(image).bits) <= 10


def test_a_document_looks_like_nothing() -> None:
    assert looks_of(documents.docx(documents.paragraph("Words")), LIMITS) is None
