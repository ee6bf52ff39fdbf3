"""Filters by which templates show pictures and sizes."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format

from accounts.models import User
from accounts.usernames import RESERVED
from hosting.delivery.links import shown_at
from hosting.error_messages import translated
from hosting.models import HostedFile
from hosting.views.presenting import exif as exif_words
from hosting.views.presenting import pictures
from hosting.views.presenting.pictures import Picture

register = template.Library()

# The largest height of a row of pictures in the stylesheet, in pixels.
ROW_HEIGHT = 240


@register.filter
def thumb(file: HostedFile | None) -> Picture | None:
    """The square thumbnail, where there is a file and it has one."""
    return pictures.thumb(file) if file else None


@register.filter
def listed(file: HostedFile) -> Picture | None:
    """The file's picture for lists."""
    return pictures.listed(file)


@register.filter
def widths(file: HostedFile) -> list[Picture]:
    """The pictures for lists among which the browser chooses; empty where there is one."""
    return pictures.listed_widths(file)


@register.filter
def row_width(picture: Picture) -> int:
    """The greatest width of a picture in a row, in CSS pixels."""
    return round(ROW_HEIGHT * picture.width / picture.height) if picture.height else ROW_HEIGHT


@register.filter
def camera(exif: dict[str, object]) -> list[tuple[exif_words.Text, exif_words.Text]]:
    """What the camera wrote, label by label."""
    return exif_words.labelled(exif)


@register.filter
def direct(file: HostedFile) -> str:
    """Where the page shows the file itself from."""
    return shown_at(file)


@register.filter
def refusal(message: str) -> str:
    """What a refusal says, in the reader's language."""
    return translated(message)


@register.filter
def profile(user: User) -> str:
    """The address of the member's own page; "" for a name from before the rules, which has none."""
    try:
        return "" if user.username.lower() in RESERVED else reverse("profile", args=[user.username])
    except NoReverseMatch:
        return ""


@register.filter
def bytesize(size: int) -> str:
    """Bytes for people to read, with one decimal unless it is zero: 3 MB, 1,5 MB in Spanish.

    A KB has 1024 bytes, as in every limit that the site shows.
    """
    amount, units = float(size), ["B", "KB", "MB", "GB", "TB"]
    while amount >= 1023.95 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    number = round(amount, 1)
    text = number_format(number, 0 if number == int(number) else 1, use_l10n=True)
    return f"{text}\N{NO-BREAK SPACE}{units[0]}"


@register.filter
def clock(seconds: float) -> str:
    """A length as 0:07, 3:05 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
