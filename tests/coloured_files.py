"""FILES: pictures of eight patches that say in every way there is what their colours are, and what is right.

Right is what littleCMS makes of them by a profile of the same colours, or, of HDR, what Chromium shows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PIL import Image, ImageCms

from tests import colours, pictures
from tests.colours import PATCHES, chrm, cicp, clli, gama, grey_profile, png, rgb_profile
from tests.pictures import Colour

GREYS = [(values[0],) for values in PATCHES]
INKS = (
    (0, 0, 0, 0), (255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0),
    (0, 0, 0, 255), (128, 40, 10, 20), (60, 60, 200, 0), (0, 0, 0, 128),
)  # fmt: skip
LABS = (
    (255, 128, 128), (128, 128, 128), (128, 160, 150), (200, 100, 160),
    (60, 128, 100), (30, 140, 130), (180, 128, 180), (220, 120, 128),
)  # fmt: skip

# Read off Chromium 150, of a PNG of PATCHES with such a cICP (and cLLI) and nothing else.
CHROMIUM: dict[str, list[Colour]] = {
    "PQ": [
        (1, 1, 1),
        (21, 21, 21),
        (132, 132, 132),
        (255, 255, 255),
        (255, 0, 14),
        (0, 255, 0),
        (0, 0, 255),
        (255, 71, 0),
    ],
    "PQ 4000": [
        (1, 1, 1),
        (21, 21, 21),
        (132, 132, 132),
        (255, 255, 255),
        (255, 0, 11),
        (0, 245, 0),
        (0, 0, 243),
        (255, 71, 0),
    ],
    "PQ 300": [
        (2, 2, 2),
        (31, 31, 31),
        (171, 171, 171),
        (255, 255, 255),
        (255, 0, 14),
        (0, 255, 0),
        (0, 0, 255),
        (255, 71, 0),
    ],
    "PQ P3": [
        (1, 1, 1),
        (21, 21, 21),
        (132, 132, 132),
        (255, 255, 255),
        (255, 0, 12),
        (0, 255, 0),
        (10, 10, 255),
        (255, 113, 0),
    ],
    "HLG": [
        (5, 5, 5),
        (35, 35, 35),
        (99, 99, 99),
        (251, 251, 251),
        (230, 48, 77),
        (0, 208, 59),
        (0, 39, 178),
        (255, 130, 0),
    ],
    "HLG, AVIF": [
        (5, 5, 5), (35, 35, 35), (99, 99, 99), (251, 251, 251),
        (230, 48, 77), (0, 209, 57), (0, 40, 178), (255, 130, 0),
    ],
    "HLG 709": [
        (5, 5, 5),
        (35, 35, 35),
        (99, 99, 99),
        (251, 251, 251),
        (187, 80, 80),
        (86, 200, 86),
        (43, 43, 171),
        (246, 156, 30),
    ],
}  # fmt: skip


def grey() -> Image.Image:
    return colours.picture(GREYS, "L")


def by(icc: bytes, image: Image.Image | None = None) -> list[Colour]:
    return colours.patches(colours.by_profile(image or colours.picture(), icc))


def linear_16() -> list[tuple[int, ...]]:
    """Light, in 16 bits, of PATCHES in sRGB."""

    def light(value: int) -> int:
        v = value / 255
        return round(65_535 * (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4))

    return [tuple(light(value) for value in patch) for patch in PATCHES]


def with_alpha(image: Image.Image) -> Image.Image:
    image.putalpha(255)
    image.putpixel((0, 0), (*image.getpixel((0, 0))[:-1], 128))  # type: ignore[index]
    return image


P3, LINEAR_GREY = rgb_profile("P3"), grey_profile(1.0)


def lab() -> Image.Image:
    # As in a TIFF, a and b are numbers with a sign.
    signed = [(light, a - 128 & 255, b - 128 & 255) for light, a, b in LABS]
    return Image.frombytes("LAB", colours.SIZE, colours.picture(signed).tobytes())


def coded_as_avif() -> Image.Image:
    """PATCHES after the rounding of AVIF's luma and colour difference."""
    return pictures.opened(colours.avif(1, 13)).convert("RGB")


def cmyk() -> Image.Image:
    return colours.picture(INKS, "CMYK")


def inks_alone() -> list[Colour]:
    """What browsers make of inks without a profile."""
    return [
        tuple(round((255 - ink) * (255 - key) / 255) for ink in (c, m, y)) for c, m, y, key in INKS
    ]  # type: ignore[misc]


def lab_on_screen() -> list[Colour]:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return by(profile.tobytes(), lab())


# A file, and what its patches look like.
FILES: dict[str, Callable[[], tuple[bytes, list[Colour]]]] = {
    "PNG, gAMA of light itself": lambda: (png(gama(1.0)), by(rgb_profile("sRGB", 1.0))),
    "PNG, gAMA of 1.8": lambda: (png(gama(1 / 1.8)), by(rgb_profile("sRGB", 1.8))),
    "PNG, gAMA as of sRGB": lambda: (png(gama(1 / 2.2)), list(PATCHES)),
    "PNG, gAMA and cHRM of P3": lambda: (
        png(gama(1 / 2.2), chrm("P3")), by(rgb_profile("P3", 2.2))
    ),
    "PNG, gAMA and cHRM of Adobe": lambda: (
        png(gama(1 / 2.2), chrm("Adobe")), by(rgb_profile("Adobe", 2.2))
    ),
    "PNG, cHRM without gAMA": lambda: (png(chrm("2020")), list(PATCHES)),
    "PNG, sRGB over gAMA": lambda: (png(gama(1.0), colours.SRGB_CHUNK), list(PATCHES)),
    "PNG, iCCP over gAMA": lambda: (png(gama(1.0), icc=P3), by(P3)),
    "PNG, cICP over iCCP": lambda: (
        png(cicp(1, 8), icc=P3), by(rgb_profile("sRGB", 1.0))
    ),
    "PNG, cICP over sRGB": lambda: (png(cicp(12, 13), colours.SRGB_CHUNK), by(P3)),
    "PNG, cICP of P3": lambda: (png(cicp(12, 13)), by(P3)),
    "PNG, cICP of BT.2020": lambda: (png(cicp(9, 14)), by(rgb_profile("2020", 2.4))),
    "PNG, cICP of BT.601": lambda: (png(cicp(6, 13)), by(rgb_profile("SMPTE"))),
    "PNG, cICP of gamma 2.8": lambda: (png(cicp(1, 5)), by(rgb_profile("sRGB", 2.8))),
    "PNG, cICP that says nothing": lambda: (
        png(cicp(2, 2), gama(1.0)), by(rgb_profile("sRGB", 1.0))
    ),
    "PNG, a palette and gAMA": lambda: (
        png(gama(1.0), image=colours.picture().quantize(8)), by(rgb_profile("sRGB", 1.0))
    ),
    "PNG, grey and gAMA": lambda: (png(gama(1.0), image=grey()), by(LINEAR_GREY, grey())),
    "PNG, grey, alpha and gAMA": lambda: (
        png(gama(1.0), image=with_alpha(grey())), by(LINEAR_GREY, grey())
    ),
    "PNG, alpha and cICP": lambda: (png(cicp(12, 13), image=with_alpha(colours.picture())), by(P3)),
    "PNG, grey of 16 bits and gAMA": lambda: (
        colours.deep_png([value[:1] for value in linear_16()], gama(1.0)),
        colours.patches(grey()),
    ),
    "PNG, grey of 16 bits, alpha and gAMA": lambda: (
        colours.deep_png([(*value[:1], 65_535) for value in linear_16()], gama(1.0)),
        colours.patches(grey()),
    ),
    "PNG, 16 bits and gAMA": lambda: (colours.deep_png(linear_16(), gama(1.0)), list(PATCHES)),
    "PNG, 16 bits, alpha and cICP": lambda: (
        colours.deep_png([(*value, 65_535) for value in linear_16()], cicp(1, 8)), list(PATCHES)
    ),
    "PNG, 16 bits and a linear profile": lambda: (
        colours.deep_png(linear_16(), colours.iccp(rgb_profile("sRGB", 1.0))), list(PATCHES)
    ),
    "PNG, 16 bits and a linear profile of P3": lambda: (
        colours.deep_png(linear_16(), colours.iccp(rgb_profile("P3", 1.0))), by(P3)
    ),
    "PNG, 16 bits and a profile of P3": lambda: (
        colours.deep_png([tuple(257 * v for v in patch) for patch in PATCHES], colours.iccp(P3)),
        by(P3),
    ),
    "PNG, a profile of grey": lambda: (png(image=grey(), icc=LINEAR_GREY), by(LINEAR_GREY, grey())),
    "PNG, grey and a profile of RGB": lambda: (
        png(image=grey(), icc=rgb_profile("P3", 1.0)), by(LINEAR_GREY, grey())
    ),
    "PNG, colours and a profile of grey": lambda: (png(icc=LINEAR_GREY), list(PATCHES)),
    "PNG, a profile only named sRGB": lambda: (
        png(icc=rgb_profile("sRGB", 1.0, "sRGB, linear")), by(rgb_profile("sRGB", 1.0))
    ),
    "JPEG, a profile of grey": lambda: (
        pictures.saved(grey(), "JPEG", quality=100, icc_profile=LINEAR_GREY),
        by(LINEAR_GREY, grey()),
    ),
    "JPEG, a profile of P3": lambda: (
        pictures.saved(colours.picture(), "JPEG", quality=100, icc_profile=P3), by(P3)
    ),
    "JPEG, CMYK": lambda: (pictures.saved(cmyk(), "JPEG", quality=100), inks_alone()),
    "JPEG, CMYK and a profile": lambda: (
        pictures.saved(cmyk(), "JPEG", quality=100, icc_profile=colours.cmyk_profile()),
        by(colours.cmyk_profile(), cmyk()),
    ),
    "TIFF, CMYK and a profile": lambda: (
        pictures.saved(cmyk(), "TIFF", icc_profile=colours.cmyk_profile()),
        by(colours.cmyk_profile(), cmyk()),
    ),
    "TIFF, Lab": lambda: (pictures.saved(lab(), "TIFF"), lab_on_screen()),
    "TIFF, a profile of grey": lambda: (
        pictures.saved(grey(), "TIFF", icc_profile=LINEAR_GREY), by(LINEAR_GREY, grey())
    ),
    "WebP, a profile of P3": lambda: (
        pictures.saved(colours.picture(), "WEBP", lossless=True, icc_profile=P3), by(P3)
    ),
    "AVIF, nclx of P3": lambda: (colours.avif(12, 13), by(P3, coded_as_avif())),
    "AVIF, nclx of BT.2020, as a video": lambda: (
        colours.avif(9, 14), by(rgb_profile("2020"), coded_as_avif())
    ),
    "AVIF, nclx of light itself": lambda: (
        colours.avif(1, 8), by(rgb_profile("sRGB", 1.0), coded_as_avif())
    ),
    "AVIF, P3 by its codec alone": lambda: (
        colours.avif_by_its_codec(12, 13), by(P3, coded_as_avif())
    ),
    "AVIF, linear by its codec alone": lambda: (
        colours.avif_by_its_codec(1, 8), by(rgb_profile("sRGB", 1.0), coded_as_avif())
    ),
    "AVIF, PQ by its codec alone": lambda: (colours.avif_by_its_codec(9, 16), CHROMIUM["PQ"]),
    "AVIF, nothing by its codec": lambda: (colours.avif_by_its_codec(2, 2), list(PATCHES)),
    "AVIF, nclx that says nothing": lambda: (colours.avif(2, 2), list(PATCHES)),
    "AVIF, a profile over nclx": lambda: (
        pictures.saved(colours.picture(), "AVIF", quality=100, subsampling="4:4:4", icc_profile=P3),
        by(P3, coded_as_avif()),
    ),
    "HEIC, nclx of P3": lambda: (colours.heic(12, 13), by(P3)),
    "HEIC, nclx of BT.2020": lambda: (colours.heic(9, 13), by(rgb_profile("2020"))),
    "HEIC, P3 by its codec alone": lambda: (colours.heic_by_its_codec(12, 13), by(P3)),
    "HEIC, HLG by its codec alone": lambda: (colours.heic_by_its_codec(9, 18), CHROMIUM["HLG"]),
    "HEIC, nothing by its codec": lambda: (colours.heic_by_its_codec(2, 2), list(PATCHES)),
    "BMP, its own primaries": lambda: (
        colours.bmp(primaries="P3", gamma=2.2), by(rgb_profile("P3", 2.2))
    ),
    "BMP, a profile": lambda: (colours.bmp(icc=P3), by(P3)),
    "PNG, PQ": lambda: (png(cicp(9, 16)), CHROMIUM["PQ"]),
    "PNG, PQ up to 4000": lambda: (png(cicp(9, 16), clli(4000)), CHROMIUM["PQ 4000"]),
    "PNG, PQ up to 300": lambda: (png(cicp(9, 16), clli(300)), CHROMIUM["PQ 300"]),
    "PNG, PQ of P3": lambda: (png(cicp(12, 16)), CHROMIUM["PQ P3"]),
    "PNG, HLG": lambda: (png(cicp(9, 18)), CHROMIUM["HLG"]),
    "PNG, HLG of BT.709": lambda: (png(cicp(1, 18)), CHROMIUM["HLG 709"]),
    "AVIF, PQ": lambda: (colours.avif(9, 16), CHROMIUM["PQ"]),
    "AVIF, HLG": lambda: (colours.avif(9, 18), CHROMIUM["HLG, AVIF"]),
    "HEIC, HLG": lambda: (colours.heic(9, 18), CHROMIUM["HLG"]),
}  # fmt: skip


@cache
def file(name: str) -> tuple[bytes, list[Colour]]:
    return FILES[name]()
