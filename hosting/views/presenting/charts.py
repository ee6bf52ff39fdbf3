"""Charts as plain SVG: the positions of the bars. The numbers themselves are in a table beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from django.utils.formats import date_format

# In the units of the SVG's viewBox.
WIDTH, HEIGHT = 600, 120
GAP = 0.3


@dataclass(frozen=True)
class Bar:
    """One bar with its corner, its size, and what it represents."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


def columns(days: Sequence[tuple[date, int]]) -> list[Bar]:
    """A bar a day, as high as its part of the highest; one that is not nought can be seen."""
    highest = max((value for _day, value in days), default=0) or 1
    step = WIDTH / max(1, len(days))
    bars = []
    for place, (day, value) in enumerate(days):
        height = max(2.0, HEIGHT * value / highest) if value else 0.0
        bars.append(
            Bar(
                round(step * (place + GAP / 2), 2),
                round(HEIGHT - height, 2),
                round(step * (1 - GAP), 2),
                round(height, 2),
                date_format(day, "DATE_FORMAT"),
                value,
            )
        )
    return bars


def parts(values: Iterable[tuple[str, int]], whole: int) -> list[Bar]:
    """The parts of `whole` side by side in one line; what goes beyond it ends with it."""
    shares = list(values)
    scale = WIDTH / max(whole, sum(value for _label, value in shares), 1)
    ends = list(accumulate((value * scale for _label, value in shares), initial=0.0))
    return [
        Bar(round(start, 2), 0, round(end - start, 2), 24, label, value)
        for (label, value), start, end in zip(shares, ends[:-1], ends[1:], strict=True)
    ]
