"""UNSET: what a change does not mention, where None means "remove it"."""

from __future__ import annotations

from enum import Enum


class Unset(Enum):
    """A value that was not given; None means to have none."""

    UNSET = "unset"


UNSET = Unset.UNSET
