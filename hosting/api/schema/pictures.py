"""Pictures in examples: as small as can be, of each format that an example sends, as base64."""

from __future__ import annotations

from collections.abc import Mapping

# Four by four pixels.
PICTURES: Mapping[str, str] = {
    "png": (
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAHElEQVR42mN8FmXDAANMDAwMeud6IBxG"
        "dBk4AACjyASHIQBPAQAAAABJRU5ErkJggg=="
    ),
    "jpeg": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtq"
        "eJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSk"
        "pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAEAAQDASIAAhEBAxEB/8QA"
        "FAABAAAAAAAAAAAAAAAAAAAAAP/EABYQAQEBAAAAAAAAAAAAAAAAAAABEf/EABUBAQEAAAAAAAAAAAAA"
        "AAAAAAQF/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8ASYAIqP/Z"
    ),
    "webp": ("UklGRiQAAABXRUJQVlA4TBcAAAAvA8AAAA9wFJlTSJ8Oef6DB294iOh/NAA="),
    "gif": ("R0lGODdhBAAEAIEAAMxmM/9mM8wzZgAAzCwAAAAABAAEAAAIDwABBBAYYMBAgQICDBwYEAA7"),
    "svg": (
        "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI0IiBoZWlnaHQ9IjQi"
        "PjwhLS0gZm91ciAtLT48cmVjdCB3aWR0aD0iNCIgaGVpZ2h0PSI0IiBmaWxsPSIjZTY1YTNjIi8+PC9z"
        "dmc+"
    ),
}
PICTURE = PICTURES["png"]
