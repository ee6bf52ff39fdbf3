"""What a picture says about itself, as far as the public may know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Metadata:
    """title, description: clean one-line and multi-line text, or "". exif: JSON-able values."""

    title: str = ""
    description: str = ""
    taken_at: datetime | None = None
    exif: dict[str, str | int | float] = field(default_factory=dict)
    is_360: bool = False
