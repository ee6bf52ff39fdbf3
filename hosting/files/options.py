"""The options of an upload or of a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hosting.models import Album, Category, HostedFile, Privacy
from hosting.models.public_id import LENGTH
from hosting.storage.paths import IMAGES


@dataclass(frozen=True, kw_only=True)
class UploadOptions:
    """What the uploader specifies about the file. What is None or empty is read from the file, or left out.

    dialect, id_length: for an API with its own lists and longer ids. silent: no webhook is sent.
    delete_token: the secret that deletes it, where the caller has already made one. within: called with the
    file in the transaction that writes its rows; an exception rolls them back. is_counted: already counted as
    work.
    """

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    album: Album | None = None
    category: Category | None = None
    nsfw: bool = False
    width: int | None = None
    expires_in: timedelta | None = None
    privacy: str = Privacy.PUBLIC
    use_file_date: bool = False
    allow_duplicate: bool = False
    folder: str = IMAGES
    ip: str | None = None
    dialect: str = ""
    id_length: int = LENGTH
    silent: bool = False
    delete_token: str = ""
    within: Callable[[HostedFile], None] | None = None
    is_counted: bool = False


@dataclass(frozen=True, kw_only=True)
class ResultOptions:
    """Where a result goes, and its details; plain values, so that a job's row can hold it.

    title: where it is not derived from `filename`. seconds: how long it is kept; None is for ever.
    dialect, id_length: for an API with its own lists and longer ids.
    """

    folder: str
    kind: str
    filename: str = ""
    title: str = ""
    privacy: str = Privacy.UNLISTED
    seconds: int | None = None
    ip: str | None = None
    dialect: str = ""
    id_length: int = LENGTH
