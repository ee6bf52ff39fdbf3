"""DIALECTS: every API that the site speaks. Adding one is a folder beside this file, a row here, and its tests.

A dialect's folder has `urls` (its addresses from the root) and `description` (what its OpenAPI document is made
of). All else that the site has to know of it is in its row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Dialect:
    """What the site knows of one API.

    label, text: its name and audience, for the documentation's pages. base: the prefix of its addresses.
    words: the first segments of its addresses, reserved as usernames. guests: whether it takes the guests' key.

    Regular expressions of whole paths, empty for none: waits, where a request spends its time waiting for a
    heavy worker or for another program; decodes, where it may process a picture itself (with the method before
    the path: "POST /upload"); keeps, where half a body is worth keeping, because the part of a resumable
    upload that arrived is not sent again; polls, for views without sessions or languages, which clients
    poll.
    """

    label: str | Promise
    text: str | Promise
    base: str
    words: tuple[str, ...]
    guests: bool = False
    waits: str = ""
    decodes: str = ""
    keeps: str = ""
    polls: str = ""


# In the order of the documentation's pages.
DIALECTS: dict[str, Dialect] = {
    "native": Dialect(
        _("The site's own API"),
        _(
            "For new programs: files, albums, tags, search, jobs, keys and webhooks as "
            "resources, built on standards that libraries support."
        ),
        base="/api/v2",
        words=("api",),
        guests=True,
        decodes=r"POST /api/v2/files/?"
        r"|POST /api/v2/files/[A-Za-z0-9]+/(rotate|replace)/?"
        r"|(POST|PATCH) /api/v2/uploads(/[A-Za-z0-9]+)?/?",
        keeps=r"/api/v2/uploads(/[A-Za-z0-9]+)?/?",
    ),
    "chevereto": Dialect(
        _("Chevereto and ImgBB"),
        _("For ShareX, PicGo and any other uploader that supports Chevereto's API 1.1 or ImgBB's."),
        base="/api/1",
        words=("api", "1"),
        guests=True,
        # By GET too, with a picture's address in the query.
        decodes=r"(GET|POST) (/api/1(\.1)?|/1)/upload/?",
    ),
    "imghippo": Dialect(
        "Imghippo",
        _(
            "Upload, delete, compress, convert, resize, crop and remove backgrounds, up to "
            "five files at a time."
        ),
        base="/v1",
        words=("v1",),
        guests=True,
        waits=r"/v1/(remove-background|convert/word-to-pdf)/?",
        decodes=r"POST /v1/(?!delete/?$)(?!images(/|$)).+",
    ),
    "imgsmaller": Dialect(
        "ImgSmaller",
        _(
            "Compress a picture to a target size: upload it, check its progress, download the "
            "result."
        ),
        base="/api/v1",
        words=("api", "result", "download"),
        decodes=r"POST /api/v1/compress/?",
        polls=r"/result/[^/]+",
    ),
    "img_processing": Dialect(
        "IMG Processing",
        _(
            "Images as resources: upload or generate them, then transform, publish and "
            "describe them."
        ),
        base="/v1/images",
        words=("v1",),
        waits=r"/v1/images/(imagine|[^/]+/(remove-background|classify|visualize|extract-formatted-text))/?",
        decodes=r"POST /v1/images(/(?!.*publish/?$).+)?/?",
    ),
}


def by_precedence() -> list[str]:
    """The names, in the order in which their addresses are tried.

    The last address of a dialect answers for all below its base that is not there, so a longer base goes first.
    """
    return sorted(DIALECTS, key=lambda name: len(DIALECTS[name].base), reverse=True)


class Paths:
    """The paths that one column of DIALECTS matches."""

    def __init__(self, column: str) -> None:
        rows: Mapping[str, str] = {name: getattr(row, column) for name, row in DIALECTS.items()}
        self._pattern = re.compile("|".join(f"(?:{one})" for one in rows.values() if one) or "(?!)")

    def __call__(self, path: str) -> bool:
        return self._pattern.fullmatch(path) is not None


waits, keeps, polls = Paths("waits"), Paths("keeps"), Paths("polls")
# Of "METHOD /path".
decodes = Paths("decodes")
