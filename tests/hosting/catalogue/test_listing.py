"""Lists come in pages that neither repeat nor miss a row, whatever they are sorted by."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hosting.catalogue import listing
from hosting.catalogue.listing import ORDERS, page
from hosting.errors import HostingError
from hosting.models import HostedFile
from tests.factories import HostedFileFactory


def make(count: int, views: list[int] | None = None) -> None:
    now = timezone.now()
    for number in range(count):
        HostedFileFactory(
            stored=False,
            views=views[number] if views else 0,
            created_at=now - timedelta(minutes=number // 2),
        )


def walked(size: int, order: str) -> list[int]:
    """The keys of all pages from the first to the last."""
    keys, cursor = [], ""
    while True:
        found = page(HostedFile.objects.all(), cursor=cursor, size=size, order=ORDERS[order])
        keys += [file.pk for file in found.items]
        if found.next is None:
            return keys
        cursor = found.next


class Pages(TestCase):
    """Any number of rows, any ties, any size of page."""

    @settings(max_examples=15, deadline=None)
    @given(
        views=st.lists(st.integers(0, 3), max_size=9),
        size=st.integers(1, 4),
        order=st.sampled_from(["recent", "popular", "trending"]),
    )
    def test_pages_hold_every_row_once_in_order(
        self, views: list[int], size: int, order: str
    ) -> None:
        make(len(views), views)
        field = ORDERS[order].field
        whole = HostedFile.objects.order_by(f"-{field}", "-pk").values_list("pk", flat=True)
        assert walked(size, order) == list(whole)


@pytest.mark.django_db
def test_the_way_back_is_the_way_there() -> None:
    make(7)
    rows = HostedFile.objects.all()
    first = page(rows, size=3)
    assert first.previous is None
    second = page(rows, cursor=first.next or "", size=3)
    third = page(rows, cursor=second.next or "", size=3)
    assert third.next is None
    back = page(rows, cursor=third.previous or "", size=3)
    assert back.items == second.items
    assert page(rows, cursor=back.previous or "", size=3).items == first.items


@pytest.mark.django_db
def test_an_empty_list_has_no_other_pages() -> None:
    found = page(HostedFile.objects.all())
    assert (found.items, found.next, found.previous) == ([], None, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    ["x", "%%%", "null", "[]", "[0,1]", '[0,"yesterday",1]', '[0,true,1]', '[0,1,"x"]',
     "[0,1," + "9" * 40 + "]", '{"a":1}', "[0,null,1]", '[0,"0001-01-01T00:00:00+23:59",1]',
     '[0,"9999-12-31T23:59:00-23:59",1]'],
)  # fmt: skip
def test_what_is_no_cursor_is_refused(text: str) -> None:
    for cursor in (text, base64.urlsafe_b64encode(text.encode()).decode()):
        with pytest.raises(HostingError) as refused:
            page(HostedFile.objects.all(), cursor=cursor)
        assert refused.value.code == "invalid_cursor"


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["popular", "trending"])
@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "1e400"])
def test_a_cursor_at_no_number_is_refused(order: str, value: str) -> None:
    cursor = base64.urlsafe_b64encode(f"[0,{value},1]".encode()).decode()
    with pytest.raises(HostingError):
        page(HostedFile.objects.all(), cursor=cursor, order=ORDERS[order])


@pytest.mark.django_db
def test_a_cursor_of_another_order_is_refused_not_a_fault() -> None:
    make(3)
    by_views = page(HostedFile.objects.all(), size=1, order=ORDERS["popular"]).next or ""
    with pytest.raises(HostingError):
        page(HostedFile.objects.all(), cursor=by_views, size=1, order=ORDERS["recent"])


@pytest.mark.django_db
def test_kinds_narrow_a_list() -> None:
    HostedFileFactory(stored=False, frames=9)
    HostedFileFactory(stored=False)
    HostedFileFactory(stored=False, kind="video")
    counts = {name: HostedFile.objects.filter(kind).count() for name, kind in listing.KINDS.items()}
    assert counts == {"all": 3, "images": 2, "videos": 1, "animated": 1}
