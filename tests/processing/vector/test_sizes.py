"""How large a drawing is, as browsers take it, and what is written on its root."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from processing import Limits, ingest, inspect
from processing.vector import svg

LIMITS = Limits()


def drawing(root: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {root}><rect width="9" height="9"/></svg>'.encode()


SIZES = [
    # a view box alone, or beside what says nothing
    ('viewBox="0 0 640 480"', (640, 480)),
    ('viewBox="-20 -10 640,480"', (640, 480)),
    ('viewBox=" 0\n0\t640 , 480 "', (640, 480)),
    ('viewBox="0 0 6.4e2 +4.8E2"', (640, 480)),
    ('viewBox="-1e1-10 640.0 480"', (640, 480)),
    ('viewBox="0 0 2 1"', (300, 150)),
    ('viewBox="0 0 0.5 1"', (150, 300)),
    ('viewBox="0 0 2000000 1000000"', (8192, 4096)),
    ('viewBox="0 0 640 480" width="100%" height="100%"', (640, 480)),
    ('viewBox="0 0 640 480" width="50%"', (640, 480)),
    ('viewBox="0 0 640 480" width="100%" height="240"', (320, 240)),
    ('viewBox="0 0 640 480" width="auto" height="auto"', (640, 480)),
    ('viewBox="0 0 640 480" width="100vw" height="100vh"', (640, 480)),
    ('viewBox="0 0 640 480" style="width:24px"', (640, 480)),
    # decimals, exponents and signs
    ('width="806.0859375000001" height="403.04296875000006"', (806, 403)),
    ('width="12.3456789012345678901234567890" height="0.9999999999999999999999"', (12, 1)),
    ('width="+8.06e2" height="4.03E+2"', (806, 403)),
    ('width="8060e-1px" height=".403e3"', (806, 403)),
    ('width=" 80 " height="+40."', (80, 150)),
    ('width="1e2" height="1E-2"', (100, 1)),
    # units
    ('width="2rem" height="3em"', (32, 48)),
    ('width="2em" height="2rem" font-size="20"', (40, 32)),
    ('width="4ch" height="4ex"', (32, 32)),
    ('width="101.6Q" height="25.4mm"', (96, 96)),
    ('width="72PT" height="6pc"', (96, 96)),
    # what is no length
    ('width="10 px" height="40"', (300, 40)),
    ('width="1,5" height="--4"', (300, 150)),
    ('width="-80" height="40"', (300, 40)),
    ('width="0" height="40" viewBox="0 0 2 1"', (80, 40)),
    ('viewBox="0 0 10px 20px" width="90"', (90, 150)),
    ('viewBox="0 0 -10 20" width="90"', (90, 150)),
    ('viewBox="0 0 10" width="90"', (90, 150)),
]


@pytest.mark.parametrize(("root", "size"), SIZES)
def test_a_drawing_is_as_large_as_a_browser_takes_it(root: str, size: tuple[int, int]) -> None:
    media = inspect(drawing(root), LIMITS)
    assert (media.width, media.height) == size


@pytest.mark.parametrize(("root", "size"), SIZES)
def test_the_served_root_says_its_size_in_plain_numbers(root: str, size: tuple[int, int]) -> None:
    served = ElementTree.fromstring(svg.sanitise(drawing(root), LIMITS))
    assert tuple(round(float(served.attrib[name])) for name in ("width", "height")) == size
    assert set("".join(served.attrib[name] for name in ("width", "height"))) <= set("0123456789.")


def test_an_upload_says_the_same_size_as_the_file_that_is_served() -> None:
    done = ingest(drawing('viewBox="0 0 16 9" width="100%"'), recipes={}, limits=LIMITS)
    assert (done.main.width, done.main.height) == (16, 9)
    assert b'width="16" height="9"' in done.main.data


def test_a_length_of_endless_digits_is_read_quickly() -> None:
    media = inspect(drawing(f'width="{"9" * 1_000_000}" height="40.{"0" * 399}"'), Limits())
    assert (media.width, media.height) == (300, 40)


@pytest.mark.parametrize("root", ['width="1e999" height="9"', 'width="9" height="1e308in"'])
def test_a_length_beyond_all_numbers_is_too_large(root: str) -> None:
    with pytest.raises(Exception, match="pixels"):
        inspect(drawing(root), LIMITS)
