"""SAMPLES: of every format several small files, each coded in another way."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pillow_heif
from PIL import Image

from tests import pictures

_SIZE = (72, 56)


def _coded(format: str, mode: str = "RGB", **options: object) -> bytes:
    return pictures.saved(pictures.texture(*_SIZE).convert(mode), format, **options)


def _jpegs() -> list[bytes]:
    profile = pictures.srgb_profile()
    return [
        _coded("JPEG", quality=80),
        _coded("JPEG", quality=90, progressive=True),
        _coded("JPEG", "L", quality=70, restart_marker_blocks=2),
        _coded("JPEG", "CMYK", quality=70),
        _coded("JPEG", quality=85, subsampling=0, icc_profile=profile, xmp=pictures.XMP_360),
        pictures.jpeg(*_SIZE, orientation=6, gps=True, description="A picture"),
        pictures.jpeg(64, 48, orientation=3, progressive=True),
        pictures.out_of_range("ac 15"),
    ]


def _pngs() -> list[bytes]:
    deep = Image.fromarray(np.asarray(pictures.texture(*_SIZE).convert("L"), np.uint16) * 257)
    header = pictures.png(40, 30)
    at = header.index(b"IDAT") - 4
    signals = pictures.png_chunk(b"cICP", bytes([12, 13, 0, 1]))
    signals += pictures.png_chunk(b"gAMA", struct.pack(">I", 100_000))
    signals += pictures.png_chunk(b"cHRM", struct.pack(">8I", *[31270, 32900] * 4))
    return [
        _coded("PNG"), _coded("PNG", "P"), _coded("PNG", "1"), _coded("PNG", "RGBA"),
        pictures.png(*_SIZE, mode="LA", exif=pictures.exif(6, gps=True)),
        pictures.saved(deep, "PNG", transparency=5000),
        pictures.apng(4, 40, 30), pictures.apng(3, 40, 30, default_image=True),
        pictures.apng(3, 40, 30, disposal=[1, 2, 0], blend=[0, 1, 1]),
        header[:at] + signals + header[at:],
        _coded("PNG", icc_profile=pictures.swapped_profile()),
    ]  # fmt: skip


def _gifs() -> list[bytes]:
    return [
        pictures.gif(1, *_SIZE), pictures.gif(4, 40, 30), pictures.gif(3, 40, 30, loop=3, disposal=2),
        _coded("GIF", "P"), _coded("GIF", "P", interlace=0, comment=b"words", transparency=3),
    ]  # fmt: skip


def _webps() -> list[bytes]:
    return [
        _coded("WEBP", quality=70), _coded("WEBP", lossless=True), _coded("WEBP", "RGBA", quality=50),
        pictures.webp(3, 40, 30), pictures.webp(3, 40, 30, lossless=True),
        _coded("WEBP", quality=70, exif=pictures.exif(6, gps=True), icc_profile=pictures.srgb_profile()),
    ]  # fmt: skip


def _avifs() -> list[bytes]:
    return [
        _coded("AVIF", speed=10), _coded("AVIF", "RGBA", speed=10), _coded("AVIF", "L", speed=10),
        pictures.avif(3, 40, 30), _coded("AVIF", speed=10, exif=pictures.exif(6, gps=True)),
        _coded("AVIF", speed=10, subsampling="4:4:4", icc_profile=pictures.srgb_profile()),
    ]  # fmt: skip


def _heics() -> list[bytes]:
    made = [pictures.heic(*_SIZE)]
    for mode in ("RGBA", "L"):
        stream = io.BytesIO()
        pillow_heif.from_pillow(pictures.corners(*_SIZE).convert(mode)).save(stream, quality=60)
        made.append(stream.getvalue())
    return made


def _tiffs() -> list[bytes]:
    kinds = ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    made = [_coded("TIFF", compression=kind) for kind in kinds]
    made += [_coded("TIFF", mode) for mode in ("1", "P", "CMYK", "LAB", "RGBA")]
    return [*made, pictures.tiff(*_SIZE, mode="I;16"), _coded("TIFF", "1", compression="group4")]


def _bmps() -> list[bytes]:
    return [_coded("BMP", mode) for mode in ("RGB", "RGBA", "P", "1", "L")]


_DRAWING = """
<defs>
<linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="#00f8"/></linearGradient>
<radialGradient id="r" xlink:href="#g" cx="0.5" r="0.4"/>
<pattern id="p" width="10" height="10" patternUnits="userSpaceOnUse"><circle cx="5" cy="5" r="3"/></pattern>
<filter id="f"><feGaussianBlur stdDeviation="2"/><feTurbulence baseFrequency="0.05" numOctaves="2"/>
<feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>
<mask id="m"><rect width="80" height="80" fill="white"/></mask>
<clipPath id="c"><path d="M0 0L90 10L40 70z"/></clipPath>
<marker id="k" markerWidth="4" markerHeight="4"><path d="M0 0L4 2L0 4z"/></marker>
<symbol id="s" viewBox="0 0 10 10"><ellipse cx="5" cy="5" rx="4" ry="3"/></symbol>
</defs>
<style>.a{fill:#0a0;stroke:url(#g)} @media (min-width:1px){.b{opacity:0.5}} #u > rect{fill:rgb(1,2,3)}</style>
<g id="u" transform="rotate(10 50 50)"><rect class="a" width="40" height="30" fill="url(#r)"/></g>
<use href="#s" x="60" width="30" height="30"/><use xlink:href="#u" y="40"/>
<path class="b" d="M10 80C40 10 65 10 95 80S150 150 180 80" stroke-dasharray="4 2" marker-mid="url(#k)"/>
<text x="10" y="90" font-size="12">Words <tspan dy="3">&amp; more</tspan></text>
<g filter="url(#f)" mask="url(#m)" clip-path="url(#c)"><rect width="50" height="50" fill="url(#p)"/></g>
"""


def _drawings() -> list[bytes]:
    doctype = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]>'
    return [
        pictures.svg(200, 100, _DRAWING),
        doctype + pictures.svg(120, 80, _DRAWING.replace("\n", " ")),
        pictures.svg(90, 60, _DRAWING + '<svg x="5" viewBox="0 0 4 4"><rect width="2" height="2"/></svg>'),
    ]  # fmt: skip


def _video(container: str, *codecs: str) -> list[bytes]:
    size = {"width": 64, "height": 48}
    return [pictures.video(container, codec=codec, seconds=0.5, **size) for codec in codecs]


SAMPLES: Mapping[str, Callable[[], list[bytes]]] = {
    "jpeg": cache(_jpegs),
    "png": cache(_pngs),
    "gif": cache(_gifs),
    "webp": cache(_webps),
    "avif": cache(_avifs),
    "heic": cache(_heics),
    "tiff": cache(_tiffs),
    "bmp": cache(_bmps),
    "svg": cache(_drawings),
    "mp4": cache(lambda: _video("mp4", "h264", "mpeg4", "hevc")),
    "mov": cache(lambda: _video("mov", "h264", "mjpeg", "prores")),
    "webm": cache(lambda: _video("webm", "vp8", "vp9")),
}
