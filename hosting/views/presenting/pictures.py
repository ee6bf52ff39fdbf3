"""Which of a file's stored pictures is shown where on a page."""

from __future__ import annotations

from dataclasses import dataclass

from hosting.delivery.links import absolute, shown_at
from hosting.files.variants import FRAME, MEDIUM, THUMB
from hosting.models import HostedFile, Variant

# Above this many bytes the view page shows the medium picture, and the full one on a click.
HEAVY_BYTES = 8_000_000
# Up to this many bytes a list may show the full picture on screens of many pixels.
LIGHT_BYTES = 400_000
# Link previews are fetched by machines that give up on heavy pictures.
PREVIEW_BYTES = 5_000_000


@dataclass(frozen=True)
class Picture:
    """A still or animated picture at its size on the page; a side of 0 is not known."""

    url: str
    width: int
    height: int
    mime: str

    @property
    def link(self) -> str:
        """The address for the world outside, with the site's name."""
        return absolute(self.url)

    def within(self, width: int | None, height: int | None) -> Picture:
        """The same picture shown no larger than that."""
        limits = ((width, self.width), (height, self.height))
        scale = min([1.0, *(limit / side for limit, side in limits if limit and side)])
        wide, high = (
            max(1, int(side * scale)) if side else 0 for side in (self.width, self.height)
        )
        return Picture(self.url, wide, high, self.mime)

    def fits(self, width: int | None, height: int | None) -> bool:
        """Whether it need not be made smaller for that room."""
        return self.width <= (width or self.width) and self.height <= (height or self.height)


def thumb(file: HostedFile) -> Picture | None:
    """The square one."""
    return _variant(file, THUMB)


def listed(file: HostedFile) -> Picture | None:
    """The one for lists, in the file's own shape where there is one."""
    return _variant(file, MEDIUM) or _variant(file, FRAME) or _own(file)


def listed_widths(file: HostedFile) -> list[Picture]:
    """The widths among which a browser chooses for lists: the full picture only where it is a light one."""
    medium, own = _variant(file, MEDIUM), _own(file)
    if medium is None or own is None or file.is_animated or file.file_format.scripted:
        return []
    return [medium, own] if file.size <= LIGHT_BYTES and own.width > medium.width else []


def poster(file: HostedFile) -> Picture | None:
    """The poster of a video before it plays."""
    return _variant(file, FRAME) or _variant(file, MEDIUM)


def preview(file: HostedFile) -> Picture | None:
    """The picture that other sites show beside a link."""
    own = _own(file) if file.size <= PREVIEW_BYTES and not file.file_format.scripted else None
    return poster(file) if file.kind == file.Kind.VIDEO else own or _variant(file, MEDIUM)


def fitting(file: HostedFile, width: int | None, height: int | None) -> Picture | None:
    """The largest one that fits into that room, or the smallest one made to fit."""
    ladder = [one for one in (_own(file), _variant(file, MEDIUM), _variant(file, THUMB)) if one]
    return next((one for one in ladder if one.fits(width, height)), None) or (
        ladder[-1].within(width, height) if ladder else None
    )


@dataclass(frozen=True)
class Stage:
    """What the view page shows large: `shown` at the full size, and a lighter one for small screens."""

    shown: Picture
    lighter: Picture | None
    is_full: bool


def stage(file: HostedFile) -> Stage | None:
    """The picture itself, or its medium one where it is so heavy that loading it is the reader's choice."""
    own, medium = _own(file), _variant(file, MEDIUM)
    if own is None:
        return None
    if medium and file.size > HEAVY_BYTES:
        return Stage(medium, None, is_full=False)
    return Stage(own, None if file.is_animated else medium, is_full=True)


def _own(file: HostedFile) -> Picture | None:
    if file.kind != file.Kind.IMAGE:
        return None
    return Picture(shown_at(file), file.width, file.height, file.file_format.mime)


def _variant(file: HostedFile, name: str) -> Picture | None:
    # Read from the prefetched rows: a look-up by name would be a query a picture.
    found: Variant | None = next((v for v in file.variants.all() if v.name == name), None)
    if found is None:
        return None
    return Picture(shown_at(found), found.width, found.height, found.file_format.mime)
