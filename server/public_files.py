"""Public files, sent straight from the disk without Django.

What belongs here: which addresses map to which folder, and HTTP's rules for files (ETag, ranges, types).
A missing file is not an error here: Django knows whether it is guarded, gone or unknown.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

from hosting.http_caching import FOREVER, OPEN, SVG_POLICY, is_unchanged, wanted_part

Headers = list[tuple[str, str]]

# Segments never begin with a dot, so neither `..` nor a hidden file can be requested.
_SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]*"
_PATH = re.compile(rf"(?:{_SEGMENT}/)*{_SEGMENT}")
# gzip among what is accepted, but for "gzip;q=0".
_GZIP = re.compile(r"(?:^|[\s,])gzip\s*(?:$|,|;\s*q=(?!0(?:\.0*)?\s*(?:$|,)))", re.IGNORECASE)
_HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")

# Beside a file of the website: the same, packed by gzip.
PACKED = ".gz"
SHORTLY = "public, max-age=300"
OTHER_TYPE = "application/octet-stream"

# The types of what the website itself is made of; those of pictures come from processing's FORMATS.
WEBSITE_TYPES = {
    "css": "text/css; charset=utf-8",
    "gz": "application/gzip",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class Folder:
    """One row of the table: addresses that begin with `prefix` map to files below `root`.

    Where `hashed`, only names that contain their content's hash may be cached for ever, and compressed copies
    may exist beside the files.
    """

    prefix: str
    root: Path
    hashed: bool = False


class PublicFiles:
    """Answers requests for files of a table of folders.

    `types` maps an extension (lower case, no dot) to a media type; what it does not name is sent as
    bytes without a meaning, never guessed from the content.
    """

    def __init__(self, folders: Sequence[Folder], types: Mapping[str, str]) -> None:
        self._folders = tuple((f.prefix, f"{f.root}/", f.hashed) for f in folders)
        self._types = dict(types)

    def find(self, path: str) -> tuple[str, os.stat_result, bool] | None:
        """The file at a decoded URL path, its state, and whether only hashed names are for ever."""
        for prefix, root, hashed in self._folders:
            if path.startswith(prefix):
                rest = path[len(prefix) :]
                state = _state(root, rest) if _PATH.fullmatch(rest) else None
                return (root + rest, state, hashed) if state else None
        return None

    def send(self, scope: Any, proto: Any) -> bool:
        """Answer a request if it is a GET or HEAD of an existing file; return whether it was."""
        if scope.method not in ("GET", "HEAD") or not (found := self.find(scope.path)):
            return False
        file, state, hashed = found
        request = scope.headers
        headers = self._headers(file, state, hashed)
        if hashed:
            headers.append(("vary", "accept-encoding"))
            if _takes_gzip(request) and (packed := self.find(f"{scope.path}{PACKED}")):
                file, state, _ = packed
                headers.append(("content-encoding", "gzip"))
        size = state.st_size
        etag = f'"{state.st_mtime_ns:x}-{size:x}"'
        headers.append(("etag", etag))
        if is_unchanged(request, etag, state.st_mtime):
            proto.response_empty(304, headers)
            return True
        wanted = wanted_part(request, etag, state.st_mtime, size) if scope.method == "GET" else None
        if wanted is None:
            headers.append(("content-length", str(size)))
            if scope.method == "HEAD":
                proto.response_empty(200, headers)
            else:
                proto.response_file(200, headers, file)
        elif wanted[0] >= wanted[1]:
            proto.response_empty(416, [*headers, ("content-range", f"bytes */{size}")])
        else:
            start, end = wanted
            headers.append(("content-length", str(end - start)))
            headers.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
            proto.response_file_range(206, headers, file, start, end)
        return True

    def _headers(self, file: str, state: os.stat_result, hashed: bool) -> Headers:
        media_type = self._types.get(file.rpartition(".")[2].lower(), OTHER_TYPE)
        headers = [
            ("content-type", media_type),
            ("last-modified", formatdate(state.st_mtime, usegmt=True)),
            ("cache-control", _lasting(file) if hashed else OPEN),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
            ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"),
        ]
        if media_type == "image/svg+xml":
            headers.append(("content-security-policy", SVG_POLICY))
        return headers


def _state(root: str, path: str) -> os.stat_result | None:
    """The state of a regular file that is reached without a symbolic link below `root`."""
    at = path.find("/")
    try:
        while at != -1:
            if not stat.S_ISDIR(os.lstat(root + path[:at]).st_mode):
                return None
            at = path.find("/", at + 1)
        state = os.lstat(root + path)
    except OSError:
        return None
    return state if stat.S_ISREG(state.st_mode) else None


def _takes_gzip(request: Any) -> bool:
    """Whether the client takes a packed file; a part is asked of the plain one."""
    accepted = _GZIP.search(request.get("accept-encoding") or "")
    return accepted is not None and request.get("range") is None


def _lasting(file: str) -> str:
    """How long a static file may be cached: for ever where its name contains the hash of its content."""
    return FOREVER if _HASHED.search(file) else SHORTLY
