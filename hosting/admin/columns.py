"""What lists and forms show of a thing: pictures, links, sizes, counts; what people wrote is escaped."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from hosting.delivery import links
from hosting.files.variants import FRAME, MEDIUM, THUMB
from hosting.models import HostedFile, Variant


def picture(file: HostedFile, *names: str) -> SafeString | str:
    """The first of the variants called `names` (or else the file) as an image that leads to the file."""
    if file.is_expired:
        return gettext("expired")
    variants = {variant.name: variant for variant in file.variants.all()}
    shown = next((variants[name] for name in names if name in variants), None)
    if shown is None and file.kind != HostedFile.Kind.IMAGE:
        return link(links.shown_at(file), file.file_format.label)
    return format_html(
        '<a href="{}"><img class="stored-picture" src="{}" alt="{}" loading="lazy"></a>',
        links.shown_at(file),
        links.shown_at(shown or file),
        file.display_title,
    )


def thumbnail(file: HostedFile) -> SafeString | str:
    """The small picture for lists."""
    return picture(file, THUMB)


def preview(file: HostedFile) -> SafeString | str:
    """The larger picture for the file's own page."""
    return picture(file, MEDIUM, FRAME)


def link(url: str, text: object) -> SafeString:
    """A link of the admin's."""
    return format_html('<a href="{}">{}</a>', url, text)


def files_link(count: int, **query: object) -> SafeString:
    """How many files there are, leading to their list."""
    url = f"{reverse('admin:hosting_hostedfile_changelist')}?{urlencode(query)}"
    return link(url, ngettext("%(count)d file", "%(count)d files", count) % {"count": count})


def dimensions(thing: HostedFile | Variant) -> str:
    """Width and height in pixels."""
    return f"{thing.width} x {thing.height}" if thing.width else ""


def size(count: int) -> str:
    """Bytes for people."""
    return filesizeformat(count)


def count_of(rows: QuerySet, field: str) -> Coalesce:
    """How many of `rows` name the listed object in `field`: asked for the rows of one page only."""
    counted = rows.order_by().filter(**{field: OuterRef("pk")}).values(field)
    return Coalesce(Subquery(counted.annotate(count=Count("pk")).values("count")), 0)
