"""FORMATS, and telling files apart by their content."""

from __future__ import annotations

import pytest

from processing import FORMATS, ProcessingError, detect, format_named
from tests import pictures


@pytest.mark.parametrize("name", [one.name for one in FORMATS.values() if one.visual])
def test_every_format_has_a_sample_and_is_recognised_by_its_content(name: str) -> None:
    assert detect(pictures.sample(name)).name == name


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_served_as_one_that_browsers_show(name: str) -> None:
    served = FORMATS[FORMATS[name].served_as]
    assert served.browser
    assert served.served_as == served.name


def test_no_two_formats_share_an_extension_or_a_type() -> None:
    extensions = [one for record in FORMATS.values() for one in record.extensions]
    assert len(extensions) == len(set(extensions))
    assert len({record.mime for record in FORMATS.values()}) == len(FORMATS)


def test_a_format_is_found_by_name_and_by_any_extension() -> None:
    assert format_named("JPG") is format_named("jpeg") is FORMATS["jpeg"]
    assert format_named("tif").name == "tiff"


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ProcessingError) as caught:
        format_named("psd")
    assert caught.value.code == "unsupported_format"
    assert caught.value.param == "format"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF80a",
        b"BM is how this text begins",
        b"%!PS-Adobe-3.0",
        b"<html><svg></svg></html>",
        b"<!-- <svg> --><html>",
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A isom",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska",
    ],
)
def test_what_is_none_of_the_formats_is_refused(data: bytes) -> None:
    with pytest.raises(ProcessingError) as caught:
        detect(data)
    assert caught.value.code == "unsupported_format"


@pytest.mark.parametrize(
    ("brands", "expected"),
    [
        (b"mif1\0\0\0\0mif1heic", "heic"),
        (b"mif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"msf1\0\0\0\0msf1hevc", "heic"),
        (b"avis\0\0\0\0avisavif", "avif"),
        (b"iso6\0\0\0\0iso6mp41", "mp4"),
        (b"qt  \0\0\0\0qt  ", "mov"),
        # Cameras and editors have major brands of their own.
        (b"XAVC\0\0\0\0XAVCiso2avc1", "mp4"),
        (b"niko\0\0\0\0nikoqt  ", "mov"),
        (b"MYCO\0\0\0\0MYCOmp42", "mp4"),
        (b"MYCO\0\0\0\0MYCOmif1avif", "avif"),
        (b"MYCO\0\0\0\0MYCOmif1heic", "heic"),
    ],
)
def test_brands_decide_between_the_iso_formats(brands: bytes, expected: str) -> None:
    head = (len(brands) + 8).to_bytes(4, "big") + b"ftyp" + brands
    assert detect(head).name == expected


@pytest.mark.parametrize(
    "head",
    [
        b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"\xef\xbb\xbf  <svg>",
        b"<!-- " + b"A licence of many words. " * 8000 + b"--><svg/>",
        b'<?xml version="1.0"?>' + b"<!-- short -->\n" * 2000 + b"<svg/>",
        '<?xml version="1.0" encoding="iso-8859-1"?><!-- caf\xe9 --><svg/>'.encode("latin-1"),
        '<?xml version="1.0" encoding="UTF-16LE"?><svg/>'.encode("utf-16-le"),
        '\ufeff<?xml version="1.0" encoding="UTF-16"?><svg/>'.encode("utf-16-be"),
        b'<!DOCTYPE svg [<!ENTITY ns "[x]"> <!ENTITY b "c">]>\n<svg/>',
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg/>',
        "<svg>".encode("utf-16"),
        b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>',
    ],
)
def test_a_drawing_is_recognised_whatever_comes_before_it(head: bytes) -> None:
    assert detect(head).name == "svg"


# Trying every way to divide it into comments would take for ever.
@pytest.mark.timeout(120)
@pytest.mark.parametrize("comment", [b"<!--a-->", b"<!----", b"<!-- -- -->", b"<?a?> "])
def test_a_file_of_comments_is_refused_quickly(comment: bytes) -> None:
    with pytest.raises(ProcessingError):
        detect(comment * 100_000 + b"<html/>")


def test_formats_are_called_as_people_write_them() -> None:
    entries = [FORMATS[name].label for name in ("jpeg", "webp", "avif", "webm", "mov")]
    assert entries == ["JPEG", "WebP", "AVIF", "WebM", "MOV"]
    with pytest.raises(ProcessingError) as caught:
        detect(b"")
    assert "JPEG, PNG, GIF, WebP, AVIF" in caught.value.message
