"""The protocol of uploads in pieces, as the tests speak it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosting.storage import objects

if TYPE_CHECKING:
    from tests.api.native.conftest import Api

BYTES = "application/offset+octet-stream"


def metadata_header(**metadata: str) -> str:
    """An Upload-Metadata header."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )


@dataclass
class Tus:
    """The protocol as the holder of a key speaks it."""

    api: Api

    def ask(self, method: str, path: str, headers: Any = (), data: bytes = b"", **more: Any) -> Any:
        path = path.partition("/api/v2")[2] or path
        values = {"Tus-Resumable": "1.0.0", **dict(headers)}
        more.setdefault("content_type", BYTES if data else "")
        return self.api.ask(method, path, values, data=data, **more)

    def begin(self, length: int, headers: Any = (), data: bytes = b"", **metadata: str) -> Any:
        more = {"Upload-Length": str(length), **dict(headers)}
        if metadata:
            more["Upload-Metadata"] = metadata_header(**metadata)
        return self.ask("POST", "/uploads", more, data)

    def at(self, length: int, **metadata: str) -> str:
        """Begin an upload and return where it is."""
        answer = self.begin(length, **metadata)
        assert answer.status_code == 201, answer.content
        return str(answer["Location"])

    def send(self, at: str, offset: int, data: bytes, **more: Any) -> Any:
        kind = more.pop("content_type", BYTES)
        headers = {"Upload-Offset": str(offset), "Content-Type": kind}
        return self.ask("PATCH", at, headers, data, content_type=kind)

    def offset(self, at: str) -> int:
        answer = self.ask("HEAD", at)
        assert answer.status_code == 200
        return int(answer["Upload-Offset"])


def stored_parts() -> list[str]:
    return [path for _, path in objects.walk() if path.startswith("uploads/")]
