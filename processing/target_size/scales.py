"""Quality against size: the best file of a picture under a target, with as many of its pixels as
are worth their bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from processing.operation import Size
from processing.picture import Picture
from processing.target_size.lossy import Coder, Judge, scaled
from processing.target_size.search import SMALLEST, Attempt, Bracket, Curve, Trials, bits_for

# Sizes to try: at half of it, pixels fall together with those of the source, which scores several
# points more than any other. The one in between is for pictures that need only little less.
_HALF = 0.5
_BETWEEN = math.sqrt(0.5)

# A pixel of a picture of half the size has more in it, by this much (a logarithm).
_DENSER = 0.2

# From this quality on, one more step may take a tenth more bytes: worth another way of encoding, if
# this much of the target is left.
_COARSE, _FILLED = 92, 0.9

# Below this quality, the plain encoder may be the better one for a shrunk picture.
_LOW = 85

# After this many encodings no more rivals are tried.
_MANY = 14


@dataclass(slots=True)
class Scales:
    """The search for one picture. offset: how far it is above the curve of its format."""

    picture: Picture
    coder: Coder
    trials: Trials
    judge: Callable[[], Judge]
    offset: float = 0.0

    def best(self) -> Attempt | None:
        """The file to give; None where nothing fits."""
        longest = max(self.picture.frames[0].size)
        return self._from(min(1.0, self.coder.longest / longest))

    def _from(self, scale: float, expected: float = 0.0) -> Attempt | None:
        """The best at this scale or below; `expected` bytes at least, from what has been seen."""
        size = self._size(scale)
        last = max(size) < 2 * SMALLEST
        if expected > self.trials.target and not last:
            return self._from(scale * _HALF, expected / 4)
        found, over = self._at(size, 1 if last else self.coder.lowest)
        if last or (found and found.level >= self.coder.comfortable[scale <= _HALF]):
            return found
        if found is None:
            # A quarter of the pixels take more than a quarter of the bytes.
            return self._from(scale * _HALF, len(over.data) / 4 if over else 0.0)
        rivals = [found]
        if self.trials.count < _MANY:
            between, _ = self._at(self._size(scale * _BETWEEN), self.coder.lowest)
            below = self._from(scale * _HALF)
            rivals += [rival for rival in (between, below) if rival]
        return max((self._judged(rival) for rival in rivals), key=_by_score)

    def _size(self, scale: float) -> Size:
        width, height = self.picture.frames[0].size
        return max(1, round(width * scale)), max(1, round(height * scale))

    def _at(self, size: Size, lowest: int) -> tuple[Attempt | None, Attempt | None]:
        """The best that fits at one size, and the least that does not."""
        shrunk = scaled(self.picture, size)

        def measure(level: int) -> bytes:
            return self.coder.written(shrunk, level)

        curve = self.coder.curve
        bracket = Bracket(self.trials, curve, size, measure, lowest, 100)
        found = bracket.search(curve.level(bits_for(self.trials.target, size) - self.offset))
        known = found or bracket.over
        if known:
            self.offset = _DENSER + bits_for(len(known.data), size) - curve.at(known.level)
        if found and self.coder.finer and found.level >= _COARSE:
            found = self._finer(found, shrunk, *self.coder.finer)
        if found and self.coder.plain and found.level < _LOW and 2 * max(size) <= self._longest:
            found = self._plainer(found, shrunk, self.coder.plain)
        return found, bracket.over

    @property
    def _longest(self) -> int:
        return max(self.picture.frames[0].size) + 1

    def _plainer(
        self, found: Attempt, picture: Picture, written: Callable[[Picture, int], bytes]
    ) -> Attempt:
        """The better of what has been found and the same by the plain encoder."""
        if self.trials.count >= _MANY:
            return found
        bracket = Bracket(
            self.trials, self.coder.curve, found.size, lambda level: written(picture, level), 1, 100
        )
        other = bracket.search(found.level - 6)
        rivals = [self._judged(rival) for rival in (found, other) if rival]
        return max(rivals, key=_by_score)

    def _finer(
        self,
        found: Attempt,
        picture: Picture,
        written: Callable[[Picture, int], bytes],
        curve: Curve,
    ) -> Attempt:
        """What fills more of the target than the steps of the highest qualities allow."""
        target = self.trials.target
        if len(found.data) >= _FILLED * target:
            return found
        bracket = Bracket(
            self.trials, curve, found.size, lambda level: written(picture, level), 80, 100
        )
        guess = curve.level(bits_for(target, found.size) - self.offset + _DENSER)
        other = bracket.search(guess)
        return max(found, other, key=lambda one: len(one.data)) if other else found

    def _judged(self, attempt: Attempt) -> Attempt:
        if attempt.score is not None:
            return attempt
        return replace(attempt, score=self.judge().score(attempt.data))


def _by_score(attempt: Attempt) -> float:
    return -math.inf if attempt.score is None else attempt.score
