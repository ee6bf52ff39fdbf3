"""Prompt: what the user wants to see, in the form that every backend gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# Called with the progress, from 0 to 1. Raises to stop the work.
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Prompt:
    """A picture in words. negative_prompt: what it must not show. seed: 0 or more, to repeat a picture.

    model: a name of the operator's table of models; another one, or none, is the model of the site.
    """

    prompt: str
    negative_prompt: str = ""
    seed: int | None = None
    model: str = ""
