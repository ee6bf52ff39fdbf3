"""What is forgiven in a file and what is not: the guide's table, row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from processing import (
    OPERATIONS,
    Limits,
    Output,
    Pipeline,
    ProcessingError,
    Recipe,
    compress,
    ingest,
    run,
)
from processing.containers import CLEANERS, MENDERS
from tests import pictures
from tests.damages import DAMAGES
from tests.damages.shared import SIZE

GUIDE = Path(__file__).parents[2] / "docs" / "processing.md"
THUMB = Recipe(Pipeline((OPERATIONS["resize"](width=80),)), Output("png"))
LIMITS = Limits()


def rows() -> dict[tuple[str, str], str]:
    """What the guide says becomes of each damage: "accepted" or "refused"."""
    text = (
        GUIDE.read_text(encoding="utf-8").partition("## What is forgiven")[2].partition("\n## ")[0]
    )
    found = re.findall(r"^\| (\w+) \| (.+?) \| (accepted|refused)\b.*\|$", text, re.MULTILINE)
    return {(format, damage): outcome for format, damage, outcome in found}


ROWS = rows()


def test_the_guide_has_a_row_for_every_damage_that_is_tried() -> None:
    assert ROWS.keys() == DAMAGES.keys()
    assert all(len(files()) >= 3 for files in DAMAGES.values())


def is_whole(image: Image.Image) -> bool:
    white = Image.new("RGBA", image.size, "white")
    return pictures.looks_like_corners(image.convert("RGB"), 40) or pictures.looks_like_corners(
        Image.alpha_composite(white, image.convert("RGBA")), 40
    )


@pytest.mark.parametrize(
    "row", [row for row in DAMAGES if ROWS.get(row) == "accepted"], ids=": ".join
)
def test_what_is_forgiven_is_shown_whole_and_served_sound(row: tuple[str, str]) -> None:
    for number, data in enumerate(DAMAGES[row]()):
        done = ingest(data, recipes={"thumb": THUMB}, limits=LIMITS)
        main = done.main.data
        assert (done.main.width, done.main.height) == SIZE, number
        assert is_whole(pictures.opened(main)), number
        assert is_whole(pictures.opened(done.variants["thumb"].data)), number
        assert not [secret for secret in pictures.SECRETS if secret in main], number
        name = done.main.format.name
        assert CLEANERS[name](main) == main, number
        assert MENDERS[name](main) is main, number
        # Whatever is done to a picture begins with the same look at it.
        assert is_whole(pictures.opened(run(data, Pipeline(), Output("png"), LIMITS).data)), number


# Packing PNGs and GIFs is another process for each.
@pytest.mark.parametrize(
    "row",
    [row for row in DAMAGES if ROWS.get(row) == "accepted" and row[0] != "AVIF"],
    ids=": ".join,
)
def test_what_is_forgiven_can_be_compressed(row: tuple[str, str]) -> None:
    for data in DAMAGES[row]()[:3]:
        packed = compress(data, LIMITS).data
        assert is_whole(pictures.opened(packed))
        assert not [secret for secret in pictures.SECRETS if secret in packed]


@pytest.mark.parametrize(
    "row", [row for row in DAMAGES if ROWS.get(row) == "refused"], ids=": ".join
)
def test_what_is_not_forgiven_is_not_compressed(row: tuple[str, str]) -> None:
    for data in DAMAGES[row]()[:3]:
        with pytest.raises(ProcessingError):
            compress(data, LIMITS)


@pytest.mark.parametrize("end", [b"", b"\xff"])
def test_a_photo_without_its_end_still_says_which_side_is_up(end: bytes) -> None:
    data = pictures.jpeg(64, 48, orientation=6)[:-2] + end
    done = ingest(data, recipes={}, limits=LIMITS)
    assert pictures.looks_like_corners(pictures.opened(done.main.data))
    assert done.metadata.exif["Model"] == "Obscura 1"


@pytest.mark.parametrize(
    "row", [row for row in DAMAGES if ROWS.get(row) == "refused"], ids=": ".join
)
def test_what_is_not_forgiven_is_called_damaged(row: tuple[str, str]) -> None:
    for number, data in enumerate(DAMAGES[row]()):
        with pytest.raises(ProcessingError) as caught:
            ingest(data, recipes={"thumb": THUMB}, limits=LIMITS)
        assert caught.value.code == "invalid_image", number
