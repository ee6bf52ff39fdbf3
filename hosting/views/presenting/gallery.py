"""What every page of many pictures has: its order, its kind, a page of files, and the links to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hosting.catalogue.listing import KINDS, ORDERS, Order, Page, Row, page
from hosting.catalogue.search import QUERY_LENGTH
from hosting.errors import HostingError
from hosting.models import HostedFile
from hosting.views.presenting import filters

SIZE = 40

ORDER_LABELS: dict[str, str | Promise] = {
    "recent": _("Recent"),
    "trending": _("Trending"),
    "popular": _("Most viewed"),
    "liked": _("Most liked"),
    "largest": _("Largest"),
}
KIND_LABELS: dict[str, str | Promise] = {
    "all": _("Everything"),
    "images": _("Pictures"),
    "videos": _("Videos"),
    "animated": _("Animated"),
}
# What a link from one of these pages to another may carry along; `cursor` is of one list only.
CARRIED = ("q", "category", "sort", "kind", *filters.NAMES)


@dataclass(frozen=True)
class Tab:
    """A link to the same list in another order, or narrowed otherwise."""

    key: str
    label: str | Promise
    url: str
    current: bool


@dataclass(frozen=True)
class Gallery:
    """One page of files with links to its neighbours; links are None where there is no such page."""

    files: list[HostedFile]
    orders: list[Tab]
    kinds: list[Tab]
    next_url: str | None
    previous_url: str | None
    first_url: str | None

    @property
    def has_choices(self) -> bool:
        """Whether there is anything to order or to narrow: not where nothing is there at all."""
        return bool(self.files) or any(tab.current for tab in self.kinds[1:])


def gallery(
    request: HttpRequest,
    rows: QuerySet[HostedFile],
    *,
    orders: Sequence[str] = ("recent", "trending", "popular"),
    kinds: Sequence[str] = tuple(KINDS),
) -> Gallery:
    """The page of `rows` that the request's `sort`, `kind` and `cursor` name; Http404 for what they cannot."""
    sort, kind = request.GET.get("sort", orders[0]), request.GET.get("kind", "all")
    if sort not in orders or (kind != "all" and kind not in kinds):
        raise Http404
    found = cursor_page(
        request, rows.filter(KINDS[kind]).prefetch_related("variants"), order=ORDERS[sort]
    )
    return Gallery(
        files=found.items,
        orders=[
            Tab(
                key,
                ORDER_LABELS[key],
                url(request, sort="" if key == orders[0] else key),
                key == sort,
            )
            for key in orders
        ],
        kinds=[
            Tab(key, KIND_LABELS[key], url(request, kind="" if key == "all" else key), key == kind)
            for key in kinds
        ],
        next_url=url(request, cursor=found.next) if found.next else None,
        previous_url=url(request, cursor=found.previous) if found.previous else None,
        first_url=url(request) if request.GET.get("cursor") else None,
    )


def cursor_page(
    request: HttpRequest,
    rows: QuerySet[Row],
    *,
    order: Order = ORDERS["recent"],
    size: int = SIZE,
) -> Page[Row]:
    """The page that the request's cursor names, or Http404."""
    try:
        return page(rows, cursor=request.GET.get("cursor", ""), size=size, order=order)
    except HostingError as error:
        raise Http404 from error


def url(request: HttpRequest, **changes: str) -> str:
    """This page's address with other parameters; "" takes one away."""
    parameters = {
        name: request.GET[name][:QUERY_LENGTH] for name in CARRIED if request.GET.get(name)
    } | changes
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{request.path}?{query}" if query else request.path
