"""Pictures whose alpha is known: six kinds of object, drawn, in front of photographs or made textures.

Each object is drawn at twice its size and shrunk, so that its edge has every shade between. Colours and the
object's place vary with the background's number.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests import pictures

SIZE = (768, 512)
SCALE = 2
SIDE = SCALE * 440
BACKGROUNDS = 12

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Composite:
    """picture: RGB. alpha: how much of each pixel is the object, from 0 to 1, as large."""

    kind: str
    picture: Image.Image
    alpha: Floats


class Canvas:
    """An object as it is drawn: layers of one colour, each with its own opacity, one over the other."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.image = Image.new("RGBA", (SIDE, SIDE))

    def colour(self, low: int = 20, high: int = 235) -> Colour:
        """One of the object's colours."""
        red, green, blue = (int(value) for value in self.random.integers(low, high, 3))
        return red, green, blue

    def lay(
        self, draw: Callable[[ImageDraw.ImageDraw], None], colour: Colour, opacity: float = 1.0
    ) -> None:
        """Lay one colour over what is there, where `draw` draws white on black."""
        shape = Image.new("L", self.image.size)
        draw(ImageDraw.Draw(shape))
        layer = Image.new("RGBA", self.image.size, (*colour, 0))
        layer.putalpha(shape.point(lambda value: round(value * opacity)))
        self.image = Image.alpha_composite(self.image, layer)

    def cut(self, draw: Callable[[ImageDraw.ImageDraw], None]) -> None:
        """Take away where `draw` draws white."""
        shape = Image.new("L", self.image.size)
        draw(ImageDraw.Draw(shape))
        alpha = np.asarray(self.image.getchannel("A")) * (1 - np.asarray(shape, np.float32) / 255)
        self.image.putalpha(Image.fromarray(alpha.astype(np.uint8)))

    def shaded(self) -> Image.Image:
        """The object, lit from one side and with a little grain, as things are."""
        rgba = np.asarray(self.image, np.float32)
        light = np.linspace(1.15, 0.75, SIDE, dtype=np.float32)[None, :, None]
        grain = self.random.normal(0, 5, (SIDE, SIDE, 1)).astype(np.float32)
        colours = np.clip(rgba[..., :3] * light + grain, 0, 255)
        return Image.fromarray(np.dstack([colours, rgba[..., 3]]).astype(np.uint8), "RGBA")


def _portrait(canvas: Canvas) -> None:
    """Head and shoulders, cut by the lower edge; single hairs stand out around the head."""
    skin, hair, coat = (
        (205 + int(canvas.random.integers(-60, 40)), 160, 130),
        canvas.colour(10, 110),
        canvas.colour(),
    )

    def hairs(draw: ImageDraw.ImageDraw) -> None:
        for _ in range(260):
            angle = canvas.random.uniform(math.pi * 0.85, math.pi * 2.15)
            bend = canvas.random.uniform(-0.35, 0.35)
            length = canvas.random.uniform(190, 300)
            points = [
                (
                    440 + 0.85 * along * math.cos(angle + bend * along / length),
                    330 + along * math.sin(angle + bend * along / length),
                )
                for along in np.linspace(120, length, 8)
            ]
            draw.line(points, 255, width=int(canvas.random.integers(1, 4)))

    canvas.lay(hairs, hair, 0.85)
    canvas.lay(lambda draw: draw.ellipse((255, 120, 625, 560), fill=255), hair)
    canvas.lay(lambda draw: draw.rectangle((370, 520, 510, 700), fill=255), skin)
    canvas.lay(lambda draw: draw.ellipse((90, 620, 790, 1200), fill=255), coat)
    canvas.lay(lambda draw: draw.ellipse((300, 190, 580, 590), fill=255), skin)
    for left in (370, 480):
        canvas.lay(lambda draw, x=left: draw.ellipse((x, 350, x + 34, 372), fill=255), (30, 30, 30))  # type: ignore[misc]
    canvas.lay(
        lambda draw: draw.arc((380, 420, 500, 510), 20, 160, fill=255, width=8), (150, 60, 60)
    )


def _bottle(canvas: Canvas) -> None:
    """Glass that lets half of what is behind it through, with a rim, a label and a cork that do not."""
    glass = canvas.colour(60, 200)
    canvas.lay(lambda draw: draw.rounded_rectangle((290, 330, 590, 860), 60, fill=255), glass, 0.45)
    canvas.lay(lambda draw: draw.rectangle((390, 120, 490, 332), fill=255), glass, 0.45)
    for box in ((290, 330, 590, 860), (390, 120, 490, 350)):
        canvas.lay(
            lambda draw, b=box: draw.rounded_rectangle(b, 40, outline=255, width=12),  # type: ignore[misc]
            glass, 0.6,
        )  # fmt: skip
    canvas.lay(lambda draw: draw.rectangle((292, 520, 588, 720), fill=255), canvas.colour(150, 250))
    canvas.lay(lambda draw: draw.rectangle((330, 590, 550, 640), fill=255), canvas.colour(10, 120))
    canvas.lay(lambda draw: draw.rectangle((396, 60, 484, 150), fill=255), (150, 105, 60))
    canvas.lay(lambda draw: draw.rectangle((325, 380, 345, 500), fill=255), (255, 255, 255), 0.7)


def _chair(canvas: Canvas) -> None:
    """Bars with holes between them, and four legs."""
    wood = canvas.colour()
    bars = [(230, 60, 650, 110), (230, 330, 650, 370), (200, 470, 700, 540)]
    bars += [(left, 60, left + 34, 480) for left in range(230, 640, 76)]
    bars += [(left, 530, left + 36, 870) for left in (210, 330, 540, 654)]
    bars += [(226, 690, 670, 716)]
    for bar in bars:
        canvas.lay(lambda draw, b=bar: draw.rectangle(b, fill=255), wood)  # type: ignore[misc]


def _wheel(canvas: Canvas) -> None:
    """A tyre, a hub and spokes a pixel thick."""
    canvas.lay(lambda draw: draw.ellipse((40, 40, 840, 840), outline=255, width=40), (30, 30, 32))
    canvas.lay(
        lambda draw: draw.ellipse((82, 82, 798, 798), outline=255, width=14),
        canvas.colour(120, 240),
    )

    def spokes(draw: ImageDraw.ImageDraw) -> None:
        for number in range(32):
            angle = 2 * math.pi * number / 32
            away = angle + (0.5 if number % 2 else -0.5)
            hub = 440 + 36 * math.cos(away), 440 + 36 * math.sin(away)
            rim = 440 + 352 * math.cos(angle), 440 + 352 * math.sin(angle)
            draw.line((*hub, *rim), 255, width=3)

    canvas.lay(spokes, canvas.colour(150, 240))
    canvas.lay(lambda draw: draw.ellipse((396, 396, 484, 484), fill=255), canvas.colour(60, 200))


def _leaf(canvas: Canvas) -> None:
    """A serrated edge, veins, two holes that something has eaten, and a stem."""
    edge = []
    for step in range(240):
        turn = 2 * math.pi * step / 240
        tooth = 1 + 0.05 * (step % 8) / 8
        width = 230 * math.sin(turn) * (0.6 + 0.4 * math.cos(turn / 2) ** 2) * tooth
        edge.append((440 + width, 400 - 330 * math.cos(turn)))
    green = (int(canvas.random.integers(30, 160)), int(canvas.random.integers(90, 200)), 40)
    canvas.lay(lambda draw: draw.line((440, 700, 500, 860), 255, width=16), (110, 90, 40))
    canvas.lay(lambda draw: draw.polygon(edge, fill=255), green)

    def veins(draw: ImageDraw.ImageDraw) -> None:
        draw.line((440, 90, 440, 730), 255, width=8)
        for top in range(180, 660, 70):
            draw.line((440, top + 60, 320, top), 255, width=4)
            draw.line((440, top + 60, 560, top), 255, width=4)

    canvas.lay(veins, (200, 210, 120), 0.8)
    for box in ((500, 360, 560, 410), (340, 480, 380, 530)):
        canvas.cut(lambda draw, b=box: draw.ellipse(b, fill=255))  # type: ignore[misc]


def _logo(canvas: Canvas) -> None:
    """Letters with a ring around them."""
    ink = canvas.colour()
    canvas.lay(lambda draw: draw.ellipse((30, 30, 850, 850), outline=255, width=36), ink)
    font = ImageFont.load_default(250)
    for text, top in (("Ag", 130), ("R&8", 400)):
        canvas.lay(
            lambda draw, t=text, y=top: draw.text(  # type: ignore[misc]
                (440, y), t, fill=255, font=font, anchor="ma", stroke_width=6
            ),
            ink,
        )


KINDS: Mapping[str, Callable[[Canvas], None]] = {
    "portrait": _portrait,
    "bottle": _bottle,
    "chair": _chair,
    "wheel": _wheel,
    "leaf": _leaf,
    "logo": _logo,
}


def backgrounds() -> list[Image.Image]:
    """At most BACKGROUNDS pictures of SIZE: the photos in the folder PHOTOS, else made textures."""
    if not (folder := os.environ.get("PHOTOS")):
        return [pictures.texture(*SIZE, seed=number) for number in range(BACKGROUNDS)]
    paths = sorted(Path(folder).glob("*.png"))[:BACKGROUNDS]
    return [_filling(Image.open(path).convert("RGB")) for path in paths]


def _filling(photo: Image.Image) -> Image.Image:
    """The photo upright as it lies, scaled and cut to SIZE."""
    scale = max(SIZE[0] / photo.width, SIZE[1] / photo.height)
    size = math.ceil(photo.width * scale), math.ceil(photo.height * scale)
    return photo.resize(size, Image.Resampling.LANCZOS).crop((0, 0, *SIZE))


def composites(kinds: Collection[str] = KINDS) -> list[Composite]:
    """Each of these kinds of object before every background."""
    return [
        composite(kind, background, seed=100 * number + place)
        for number, background in enumerate(backgrounds())
        for place, kind in enumerate(KINDS)
        if kind in kinds
    ]


def composite(kind: str, background: Image.Image, *, seed: int) -> Composite:
    """One object before one background of SIZE.

    BLUR=12 puts the background out of focus, by a Gaussian of so many pixels, as behind a portrait.
    """
    random = np.random.default_rng(seed)
    canvas = Canvas(random)
    KINDS[kind](canvas)
    side = SIDE // SCALE
    # Scaled with its alpha multiplied in, so that no colour of what is transparent comes along.
    drawn = canvas.shaded().convert("RGBa").resize((side, side), Image.Resampling.BOX)
    layer = Image.new("RGBa", SIZE)
    left = (SIZE[0] - side) // 2 + int(random.integers(-120, 121))
    # What is cut by the lower edge stands on it.
    top = SIZE[1] - side if kind == "portrait" else (SIZE[1] - side) // 2
    layer.paste(drawn, (left, top))
    values = np.asarray(layer, np.float32)
    alpha: Floats = np.asarray(values[..., 3:] / 255, np.float32)
    # Lenses are not as sharp as what is drawn.
    blur = float(os.environ.get("BLUR", "1"))
    behind = np.asarray(background.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    seen = values[..., :3] + (1 - alpha) * behind
    return Composite(
        kind, Image.fromarray(np.rint(seen).clip(0, 255).astype(np.uint8)), alpha[..., 0]
    )
