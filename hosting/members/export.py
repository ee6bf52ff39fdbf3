"""All of a member's data, to download: the files, and their details as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from hosting.delivery.archives import Entry, entry_of, stream
from hosting.delivery.links import absolute, url_of
from hosting.errors import HostingError
from hosting.models import HostedFile, Variant

# Rows read at a time: no cursor stays open while a connection is slow.
BATCH = 200
# How long an export whose end was not noticed blocks the next one.
HELD_SECONDS = 3600


def export(user: User) -> Iterator[bytes]:
    """A zip of everything, in chunks. Raises HostingError at once where one is under way already."""
    turn = f"export:{user.pk}"
    if not cache.add(turn, True, HELD_SECONDS):
        raise HostingError("busy.export")
    pieces = _held(turn, stream(_entries(user)))
    # Run to its first, empty chunk: only a generator that has started is cleaned up by closing it.
    next(pieces)
    return pieces


def _held(turn: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield b""
        yield from pieces
    finally:
        cache.delete(turn)


def _entries(user: User) -> Iterator[Entry]:
    now = timezone.now()

    def entry(name: str, rows: Callable[[], Iterable[Any]]) -> Entry:
        return Entry(f"{name}.json", now, lambda: _json(rows()))

    yield entry("account", lambda: [_account(user)])
    yield entry("files", lambda: map(_file, _files(user)))
    yield entry("albums", lambda: _albums(user))
    yield entry("keys", lambda: _keys(user))
    yield entry("events", lambda: _events(user))
    yield entry("jobs", lambda: _jobs(user))
    yield entry("usage", lambda: user.usage.order_by("day").values("day", "metric", "count"))
    for file in _files(user):
        yield entry_of(file, f"files/{file.path}", file.created_at)
        for variant in file.variants.all():
            if variant.name == Variant.ORIGINAL:
                yield entry_of(variant, f"files/{variant.path}", file.created_at)


def _json(rows: Iterable[Any]) -> Iterator[bytes]:
    """A JSON array, a row a line."""
    yield b"["
    for number, row in enumerate(rows):
        text = json.dumps(row, ensure_ascii=False, default=str)
        yield (",\n" if number else "\n").encode() + text.encode()
    yield b"\n]\n"


def _files(user: User) -> Iterator[HostedFile]:
    """The member's files, the oldest first, a batch at a time: a suspended member's own too."""
    theirs = (HostedFile.Withheld.NO, HostedFile.Withheld.SUSPENDED)
    rows = HostedFile.every.filter(owner=user, withheld__in=theirs)
    rows = rows.select_related("album", "category")
    rows = rows.prefetch_related("tags", "variants").order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _account(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "name": user.first_name,
        "email": user.email,
        "language": user.language,
        "joined_at": user.date_joined,
        "last_signed_in_at": user.last_login,
        "plan": user.effective_plan.name,
        "storage_used": user.storage_used,
        "allowed_domain": user.allowed_domain,
        "default_privacy": user.default_privacy,
        "default_keep": user.default_keep,
    }


def _file(file: HostedFile) -> dict[str, Any]:
    return {
        "id": file.public_id,
        "path": f"files/{file.path}",
        "url": url_of(file),
        "viewer_url": absolute(file.viewer_path),
        "title": file.title,
        "description": file.description,
        "original_filename": file.original_filename,
        "tags": [tag.name for tag in file.tags.all()],
        "album": file.album.public_id if file.album else None,
        "category": file.category.name if file.category else None,
        "privacy": file.privacy,
        "nsfw": file.nsfw,
        "kind": file.kind,
        "format": file.format,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "camera": file.exif,
        "content_credentials": file.credentials,
        "uploaded_from": file.uploader_ip,
        "views": file.views,
        "likes": file.likes,
        "created_at": file.created_at,
        "expires_at": file.expires_at,
    }


def _albums(user: User) -> Iterator[dict[str, Any]]:
    for album in user.albums.select_related("parent", "cover").order_by("pk"):
        yield {
            "id": album.public_id,
            "name": album.name,
            "description": album.description,
            "privacy": album.privacy,
            "parent": album.parent.public_id if album.parent else None,
            "cover": album.cover.public_id if album.cover else None,
            "created_at": album.created_at,
        }


def _keys(user: User) -> Iterable[Any]:
    return user.api_keys.values(
        "name", "kind", "prefix", "scopes", "created_at", "ends_at", "last_used_at", "last_used_from",
        "revoked_at",
    )  # fmt: skip


def _events(user: User) -> Iterable[Any]:
    return user.events.values("kind", "detail", "ip", "user_agent", "created_at")


def _jobs(user: User) -> Iterable[Any]:
    return user.jobs.values("public_id", "kind", "state", "error_message", "created_at", "ended_at")
