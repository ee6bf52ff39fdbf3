"""Metadata: what is returned, and what never is."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from PIL import Image

from processing import Limits, Metadata, inspect, metadata
from tests import pictures


def said(data: bytes) -> Metadata:
    return metadata.read(data, inspect(data, Limits()))


def test_the_camera_and_the_shot_are_returned() -> None:
    found = said(pictures.jpeg(orientation=6, gps=True, description="A  view\nof\x00 it"))
    assert found.exif == {
        "Make": "Vitrine",
        "Model": "Obscura 1",
        "ExposureTime": "1/250",
        "FNumber": 2.8,
        "ISOSpeedRatings": 200,
        "DateTimeOriginal": "2024:05:17 12:34:56",
        "FocalLength": 35.0,
    }
    assert found.taken_at == datetime(2024, 5, 17, 12, 34, 56)  # noqa: DTZ001
    assert found.description == "A view of it"


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif", "tiff"])
def test_no_place_owner_or_serial_number_is_returned(name: str) -> None:
    data = pictures.saved(pictures.corners(64, 48), name, exif=pictures.exif(gps=True))
    text = json.dumps(said(data).exif)
    assert "Obscura" in text
    assert not [secret for secret in pictures.SECRETS if secret.decode() in text]
    assert "GPS" not in text


def test_a_heic_is_read_too() -> None:
    assert said(pictures.heic()).exif["Model"] == "Obscura 1"


def test_a_round_view_and_its_title_are_found_in_xmp() -> None:
    found = said(pictures.jpeg(xmp=pictures.XMP_360))
    assert found.is_360
    assert found.title == "Round view"
    assert not said(pictures.jpeg()).is_360


def test_texts_are_cleaned_and_capped() -> None:
    tags = Image.Exif()
    tags[0x010F] = "\x1b[31m\u202eevil" + "x" * 10_000
    found = said(pictures.saved(pictures.corners(64, 48), "JPEG", exif=tags.tobytes()))
    assert len(str(found.exif["Make"])) <= 200
    assert str(found.exif["Make"]).isprintable()


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0garbage",
        b"Exif\0\0MM\0*\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 100,
        pictures.exif()[:60],
        b"",
    ],
)
def test_damaged_metadata_says_nothing_and_does_no_harm(exif: bytes) -> None:
    found = said(pictures.jpeg(exif=exif))
    assert found.taken_at is None
    json.dumps(found.exif)
