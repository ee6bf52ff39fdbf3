"""Filters by which templates show pictures and sizes."""

from __future__ import annotations

from django import template

from hosting.models import HostedFile
from hosting.serving import shown_at
from hosting.views import pictures
from hosting.views.pictures import Picture

register = template.Library()


@register.filter
def thumb(file: HostedFile) -> Picture | None:
    """The file's square thumbnail."""
    return pictures.thumb(file)


@register.filter
def listed(file: HostedFile) -> Picture | None:
    """The file's picture for lists."""
    return pictures.listed(file)


@register.filter
def direct(file: HostedFile) -> str:
    """Where the page shows the file itself from."""
    return shown_at(file)


@register.filter
def bytesize(size: int) -> str:
    """Bytes as people read them: thousands, one decimal, none where it is nought ("3 MB")."""
    amount, units = float(size), ["B", "KB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:.1f}".removesuffix(".0") + f"\N{NO-BREAK SPACE}{units[0]}"


@register.filter
def clock(seconds: float) -> str:
    """A length as 0:07, 3:05 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
