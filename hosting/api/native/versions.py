"""ETags of answers, and If-Match."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from rest_framework.serializers import Serializer


def tag_of(answer: Mapping[str, Any], shape: type[Serializer]) -> str:
    """The version of an answer about a thing: its ETag. Counters that others change are not part of it."""
    counters: frozenset[str] = getattr(shape, "COUNTERS", frozenset())
    content = {name: value for name, value in answer.items() if name not in counters}
    for once in ("delete_url", "secret"):
        content.pop(once, None)
    text = json.dumps(content, sort_keys=True, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def names(header: str | None, tag: str) -> bool:
    if header is None:
        return False
    tags = [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in tags or tags == ["*"]
