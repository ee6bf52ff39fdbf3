"""UNSET: what a change does not mention, where None means "remove it"."""

from __future__ import annotations

from enum import Enum


class Unset(Enum):
    """What nobody said; None says that there shall be none."""

    UNSET = "unset"


UNSET = Unset.UNSET
