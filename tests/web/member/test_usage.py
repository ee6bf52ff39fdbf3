"""How much a member uses, as charts with the numbers behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Usage, User
from hosting.views.presenting import charts
from tests.factories import HostedFileFactory

Page = Callable[..., str]
MEGABYTE = 1024 * 1024


@pytest.mark.django_db
def test_storage_is_shown_as_used_and_left_and_by_kind(page: Page, member: User) -> None:
    User.objects.filter(pk=member.pk).update(
        storage_used=3 * MEGABYTE, own_storage_limit=12 * MEGABYTE
    )
    HostedFileFactory(owner=member, charged=2 * MEGABYTE, stored=False)
    HostedFileFactory(owner=member, charged=MEGABYTE, kind="video", stored=False)
    HostedFileFactory(charged=9 * MEGABYTE, stored=False)
    html = page("/dashboard/usage")
    assert "25 % of your storage is used" in html
    assert "9\u00a0MB left" in html
    assert "<td>2\u00a0MB</td>" in html
    assert "<td>1\u00a0MB</td>" in html


@pytest.mark.django_db
def test_every_day_with_something_is_a_row_of_the_table(page: Page, member: User) -> None:
    today = datetime.now(UTC).date()
    Usage.objects.create(user=member, day=today, metric="compressions", count=17)
    Usage.objects.create(
        user=member, day=today - timedelta(days=40), metric="compressions", count=999
    )
    html = page("/dashboard/usage")
    assert f"<td>{date_format(today)}</td><td>17</td>" in html
    assert "999" not in html


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40))
def test_columns_stay_in_the_picture_and_keep_their_order(values: list[int]) -> None:
    day = date(2026, 1, 1)
    bars = charts.columns([(day + timedelta(days=n), value) for n, value in enumerate(values)])
    for bar in bars:
        assert 0 <= bar.x <= bar.x + bar.width <= charts.WIDTH
        assert abs(bar.y + bar.height - charts.HEIGHT) < 0.02
        assert (bar.height > 0) == (bar.value > 0)
    by_value = sorted(bars, key=lambda bar: bar.value)
    assert all(a.height <= b.height for a, b in pairwise(by_value))


@given(st.lists(st.integers(0, 10**12), max_size=5), st.integers(0, 10**12))
def test_parts_lie_side_by_side_within_the_line(values: list[int], whole: int) -> None:
    bars = charts.parts([(str(n), value) for n, value in enumerate(values)], whole)
    end = 0.0
    for bar in bars:
        assert abs(bar.x - end) < 0.05
        end = bar.x + bar.width
    assert end <= charts.WIDTH + 0.05
