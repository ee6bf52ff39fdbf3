"""Prompt: what somebody wants to see, as every backend is told it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# Told how far the work is, from 0 to 1. Raises where it is to stop.
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Prompt:
    """A picture as words. negative_prompt: what is not to be seen. seed: 0 or more, for the same picture again.

    model: a name of the operator's table of models; another one, or none, is the model of the site.
    """

    prompt: str
    negative_prompt: str = ""
    seed: int | None = None
    model: str = ""
