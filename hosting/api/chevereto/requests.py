"""What a Chevereto or ImgBB client sends, made into a Source and UploadOptions.

Parameters as on the API's own page; `image` and `name` are ImgBB's words for `source` and `title`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

from accounts import client_ip
from accounts.keys import Caller
from hosting.api.body import Body
from hosting.api.view import NOTHING, text_flag
from hosting.errors import HostingError
from hosting.files import tags
from hosting.files.options import UploadOptions
from hosting.models import Album, Category
from hosting.sources import source
from hosting.sources.source import Source

FORMATS = ("json", "txt", "redirect")

# Chevereto's own lengths of a month and a year, in seconds.
MONTH, YEAR = 2_630_000, 31_536_000
SECONDS = {
    "years": YEAR,
    "months": MONTH,
    "weeks": 7 * 86400,
    "days": 86400,
    "hours": 3600,
    "minutes": 60,
    "seconds": 1,
}
DURATION = re.compile(
    r"P(?=.)(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class Style:
    """The differences between the two services' clients: how long a file may live, in seconds."""

    shortest: int
    longest: int


CHEVERETO = Style(shortest=300, longest=YEAR)
IMGBB = Style(shortest=60, longest=15_552_000)


def is_imgbb(body: Body) -> bool:
    """Whether the request speaks ImgBB's words; the answer then does too."""
    return "image" in body and "source" not in body


def answer_format(body: Body) -> str:
    """json, txt or redirect; anything else is json."""
    try:
        wanted = body.text("format").lower()
    except HostingError:
        # Too long for a word. Errors use this format too, so reading it must never raise one.
        return FORMATS[0]
    return wanted if wanted in FORMATS else FORMATS[0]


def source_of(body: Body, caller: Caller, *, method: str, max_bytes: int) -> Source:
    """The picture: a file part, else base64 text or a URL. Raises HostingError or FetchError."""
    if part := body.file("source", "image"):
        return source.from_upload(part.file, part.filename or "")
    value = body.value("source", "image")
    if value is None:
        raise source.empty()
    return source.from_text(
        value.file,
        max_bytes=max_bytes,
        urls=not caller.is_guest or caller.guest_access.url_uploads,
        base64_texts=method == "POST",
        urlencoded=value.urlencoded,
    )


def options_of(body: Body, caller: Caller, request: HttpRequest, style: Style) -> UploadOptions:
    """All the other options of the upload. Raises HostingError for invalid ones."""
    return UploadOptions(
        title=body.text("title", "name"),
        description=body.text("description"),
        tags=tags.clean(body.text("tags").split(",")),
        album=_album(_word(body, "album_id"), caller),
        category=_category(_word(body, "category_id")),
        nsfw=text_flag(body, "nsfw"),
        width=_width(_word(body, "width")),
        expires_in=expiration(_word(body, "expiration"), style),
        use_file_date=caller.is_administrator and text_flag(body, "use_file_date"),
        allow_duplicate=text_flag(body, "allow_duplicate"),
        ip=client_ip.address_of(request),
    )


def expiration(text: str, style: Style) -> timedelta | None:
    """`PT5M`, `P3D`, any such interval, or whole seconds; brought within the style's bounds.

    Raises HostingError for anything else, where Chevereto would delete the file after five minutes.
    """
    if not text:
        return None
    if text.isascii() and text.isdigit():
        seconds = int(text[:12])
    elif match := DURATION.fullmatch(text):
        seconds = sum(SECONDS[unit] * int(n) for unit, n in match.groupdict().items() if n)
    else:
        seconds = 0
    if seconds <= 0:
        raise HostingError("invalid_expiration")
    return timedelta(seconds=min(max(seconds, style.shortest), style.longest))


def _word(body: Body, name: str) -> str:
    """A parameter that is not free text; a script's word for null counts as missing."""
    text = body.text(name)
    return "" if text in NOTHING else text


def _album(public_id: str, caller: Caller) -> Album | None:
    if not public_id:
        return None
    album = Album.objects.filter(public_id=public_id, owner=caller.user).first()
    if album is None or caller.user is None:
        raise HostingError("unknown_album", param="album_id")
    return album


def _category(number: str) -> Category | None:
    if not number:
        return None
    known = number.isascii() and number.isdigit() and len(number) < 10
    category = Category.objects.filter(pk=int(number)).first() if known else None
    if category is None:
        raise HostingError("unknown_category.id", param="category_id")
    return category


def _width(number: str) -> int | None:
    if not number:
        return None
    digits = number.lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        raise HostingError("invalid_{name}", name="width")
    # Wider than any picture changes nothing, however much wider.
    return int(digits[:9])
