"""The search for the best quality and size that fit a number of bytes; numbers only, no pictures.

How bytes grow with quality has nearly the same shape for every picture: one encoding shows how far a
picture is above or below its format's curve, and the second is mostly right.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from processing.operation import Size

# A file this close to the target is not worth another encoding.
FULL = 0.985

# What a guess aims at: a little below the limit, for one that is over it is lost.
_AIM = 0.99

# Codings of one size, at most.
_CODINGS = 7

# Sides are not shrunk below this.
SMALLEST = 16

Measure = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Curve:
    """How many bits a pixel takes at which quality, in a picture of the usual kind."""

    levels: Sequence[int]
    bits: Sequence[float]

    def at(self, level: int) -> float:
        """The logarithm of the bits for a pixel at this level."""
        above = min(max(bisect_right(self.levels, level), 1), len(self.levels) - 1)
        low, high = self.levels[above - 1], self.levels[above]
        one, other = math.log(self.bits[above - 1]), math.log(self.bits[above])
        return one + (other - one) * (level - low) / (high - low)

    def level(self, bits: float) -> int:
        """The highest level, from 0 to 100, that takes at most exp(bits) bits a pixel."""
        return bisect_right(range(101), bits, key=self.at) - 1


@dataclass(frozen=True, slots=True)
class Attempt:
    """One coding: the file, its level and its size in pixels. score: of its fidelity, if measured."""

    data: bytes
    level: int
    size: Size
    score: float | None = None


@dataclass(slots=True)
class Trials:
    """All encodings of one search. report: called before each with the estimated progress, 0 to 1."""

    target: int
    report: Callable[[float], None]
    count: int = 0
    smallest: Attempt | None = None

    def coded(self, measure: Measure, level: int, size: Size) -> Attempt:
        """One more coding."""
        # Their number is unknown; a bar that slows down is better than one that jumps back.
        self.report(1 - 0.85**self.count)
        self.count += 1
        attempt = Attempt(measure(level), level, size)
        if self.smallest is None or len(attempt.data) < len(self.smallest.data):
            self.smallest = attempt
        return attempt

    def fits(self, attempt: Attempt) -> bool:
        """Whether this one is not over the target."""
        return len(attempt.data) <= self.target


@dataclass(slots=True)
class Bracket:
    """What is known of one size: the best that fits and the least that does not."""

    trials: Trials
    curve: Curve
    size: Size
    measure: Measure
    low: int
    high: int
    fits: Attempt | None = None
    over: Attempt | None = None
    _seen: list[Attempt] = field(default_factory=list)

    def search(self, guess: int) -> Attempt | None:
        """The highest level that fits; None where not even the lowest does."""
        level = min(max(guess, self.low), self.high)
        for _ in range(_CODINGS):
            self._look(level)
            if self.over and self.over.level == self.low:
                return None
            if self.fits and (self._full or self.fits.level == self._ceiling):
                break
            level = self._next()
        if self.fits is None and not (self.over and self.over.level == self.low):
            self._look(self.low)
        return self.fits

    def _look(self, level: int) -> None:
        attempt = self.trials.coded(self.measure, level, self.size)
        self._seen.append(attempt)
        if self.trials.fits(attempt):
            if self.fits is None or level > self.fits.level:
                self.fits = attempt
        elif self.over is None or level < self.over.level:
            self.over = attempt

    @property
    def _full(self) -> bool:
        return self.fits is not None and len(self.fits.data) >= FULL * self.trials.target

    @property
    def _ceiling(self) -> int:
        return self.over.level - 1 if self.over else self.high

    def _next(self) -> int:
        """The level at which the curve, put through what is known, comes to the target."""
        floor = self.fits.level + 1 if self.fits else self.low
        wanted = math.log(_AIM * self.trials.target)
        if self.fits and self.over:
            one, other = self.curve.at(self.fits.level), self.curve.at(self.over.level)
            low, high = math.log(len(self.fits.data)), math.log(len(self.over.data))
            share = (wanted - low) / max(high - low, 1e-6)
            level = self.curve.level(one + (other - one) * share)
        else:
            last = self._seen[-1]
            moved = wanted - math.log(len(last.data))
            level = self.curve.level(self.curve.at(last.level) + moved / self._steepness())
        return min(max(level, floor), self._ceiling)

    def _steepness(self) -> float:
        """By how much bytes grow faster than on the curve, between the last two codings."""
        if len(self._seen) < 2:
            return 1.0
        one, other = self._seen[-2:]
        expected = self.curve.at(other.level) - self.curve.at(one.level)
        grown = math.log(len(other.data)) - math.log(len(one.data))
        return min(3.0, max(0.2, grown / expected)) if expected else 1.0


def bits_for(target: int, size: Size) -> float:
    """The logarithm of the bits that a target leaves for each pixel."""
    return math.log(8 * target / (size[0] * size[1]))
