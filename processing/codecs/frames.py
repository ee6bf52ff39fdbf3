"""The frames of GIFs and animated PNGs composed as browsers do: on a transparent canvas.

Pillow composes them on a colour where the file names no transparent one, and fills with it areas that
should be cleared. So here it decodes each frame as a separate picture.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from PIL import Image

from processing.codecs import deep_png
from processing.codecs.png_rows import lacks_rows
from processing.colour import Stated, plain
from processing.colour.stated import NOTHING
from processing.containers import gif, png
from processing.errors import InvalidImage
from processing.operation import Size

_NOTHING = (0, 0, 0, 0)

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: a file with it alone, its position, and for how many milliseconds it is shown.

    over: blended over the canvas, not replacing it. cleared: its area is cleared after it was shown.
    restored: what it covered is shown again.
    """

    data: bytes
    left: int
    top: int
    milliseconds: float
    over: bool
    cleared: bool
    restored: bool


def shown(
    data: bytes, name: str, size: Size, said: Stated = NOTHING, *, alpha: bool = True
) -> Iterator[tuple[Image.Image, float]]:
    """Every frame of an animation of a format of FRAMES, of that size, and its milliseconds.

    RGBA, or RGB without `alpha`, where nothing is left clear, in sRGB or in the RGB profile that the file
    has according to `said`. None of them is to be changed, since the next one may be drawn on it.
    Decoders' exceptions propagate: the caller reports damage.
    """
    blank = Image.new("RGBA" if alpha else "RGB", size)
    canvas = blank
    for frame in FRAMES[name](data):
        image = _in_colour(frame, name, said)
        # What sticks out of the canvas is not shown.
        right = min(frame.left + image.width, size[0])
        bottom = min(frame.top + image.height, size[1])
        box = (frame.left, frame.top, right, bottom)
        before = canvas
        inside = right > frame.left and bottom > frame.top
        if inside:
            part = image.crop((0, 0, right - frame.left, bottom - frame.top))
            canvas = _drawn(canvas, part, box, frame.over and canvas is not blank)
        yield canvas, frame.milliseconds
        if frame.restored:
            canvas = before
        elif frame.cleared and inside:
            if box == (0, 0, *size):
                canvas = blank
            else:
                canvas = canvas.copy()
                canvas.paste(_NOTHING[: len(canvas.getbands())], box)


def prove(data: bytes, name: str) -> int:
    """Decode every frame alone, and count them. Decoders' exceptions propagate."""
    count = 0
    for frame in FRAMES[name](data):
        _loaded(frame, name)
        count += 1
    return count


def _in_colour(frame: Frame, name: str, said: Stated) -> Image.Image:
    opened = Image.open(io.BytesIO(frame.data), formats=[name.upper()])
    deep = deep_png.pixels(opened, frame.data, said.encoding)
    if deep is None:
        return plain(_loaded(frame, name, opened), said)[0]
    if lacks_rows(deep, frame.data):
        raise InvalidImage
    return plain(deep, replace(said, encoding=None))[0]


def _loaded(frame: Frame, name: str, opened: Image.Image | None = None) -> Image.Image:
    image = opened or Image.open(io.BytesIO(frame.data), formats=[name.upper()])
    image.load()
    if name == "png" and lacks_rows(image, frame.data):
        raise InvalidImage
    return image


def _drawn(canvas: Image.Image, image: Image.Image, box: Box, over: bool) -> Image.Image:
    """A new canvas with the image in the box, or laid over what is there.

    No canvas is ever changed: those that have been shown may still be looked at, and copies of large ones
    are most of the work.
    """
    whole = box == (0, 0, *canvas.size)
    over = over and image.mode in ("RGBA", "LA")
    if not over and whole:
        return image.convert(canvas.mode)
    if over and whole and canvas.mode == "RGBA":
        return Image.alpha_composite(canvas, image.convert("RGBA"))
    canvas = canvas.copy()
    if not over:
        canvas.paste(image if image.mode == canvas.mode else image.convert(canvas.mode), box)
    elif canvas.mode == "RGBA":
        canvas.paste(Image.alpha_composite(canvas.crop(box), image.convert("RGBA")), box)
    else:
        canvas.paste(image.convert("RGB"), box, image.getchannel("A"))
    return canvas


def _of_gif(data: bytes) -> Iterator[Frame]:
    header = gif.header(data)
    control = b""
    for kind, start, end in gif.blocks(data):
        if kind == "control":
            control = data[start:end]
        elif kind == "image":
            left, top, width, height = struct.unpack_from("<4H", data, start + 1)
            alone = header[:6] + struct.pack("<HH", width, height) + header[10:] + control
            alone += b"," + bytes(4) + data[start + 5 : end] + b";"
            flags = control[3] if control else 0
            hundredths = int.from_bytes(control[4:6], "little")
            # There is no method 4, except in files that mean 3 by it.
            method = flags >> 2 & 7
            yield Frame(alone, left, top, 10 * hundredths, True, method == 2, method in (3, 4))
            control = b""


# The chunks that every frame needs to be drawn as the picture is.
_SHARED = frozenset({b"PLTE", b"tRNS"})


def _of_png(data: bytes) -> Iterator[Frame]:
    shared: list[bytes] = []
    header, control = b"", b""
    parts: list[bytes] = []
    for kind, start, end in png.chunks(data):
        body = data[start:end]
        if kind == b"IHDR":
            header = body
        elif kind in _SHARED:
            shared.append(png.written(kind, body))
        elif kind in (b"fcTL", b"IEND"):
            if control and parts:
                yield _png_frame(header, shared, control, parts)
            control, parts = body, []
        elif kind == b"fdAT":
            parts.append(png.written(b"IDAT", body[4:]))
        elif kind == b"IDAT" and control:
            parts.append(png.written(kind, body))


def _png_frame(header: bytes, shared: list[bytes], control: bytes, parts: list[bytes]) -> Frame:
    _, width, height, left, top, part, whole, disposal, blend = struct.unpack(">5I2H2B", control)
    sides = struct.pack(">II", width, height)
    alone = [png.SIGNATURE, png.written(b"IHDR", sides + header[8:]), *shared, *parts]
    alone.append(png.written(b"IEND", b""))
    milliseconds = 1000 * part / (whole or 100)
    return Frame(b"".join(alone), left, top, milliseconds, blend == 1, disposal == 1, disposal == 2)


FRAMES: Mapping[str, Callable[[bytes], Iterator[Frame]]] = {"gif": _of_gif, "png": _of_png}
