"""Changing a file's details and who may see it; its bytes are moved to match."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from hosting import plain_text
from hosting.admission import words
from hosting.catalogue import search
from hosting.errors import HostingError
from hosting.files import tags, visibility
from hosting.models import Album, Category, Decision, HostedFile, Privacy
from hosting.models.file import DESCRIPTION_LENGTH, TITLE_LENGTH
from hosting.unset import UNSET, Unset

# What a search matches, besides tags.
FOUND_BY = frozenset({"title", "description"})


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Changes to a file; what is UNSET stays. tags: the complete list; whitespace is normalized."""

    title: str | Unset = UNSET
    description: str | Unset = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    album: Album | Unset | None = UNSET
    category: Category | Unset | None = UNSET
    nsfw: bool | Unset = UNSET
    privacy: str | Unset = UNSET
    expires_at: datetime | Unset | None = UNSET


def edit(file: HostedFile, changes: Changes) -> HostedFile:
    """Make the changes and move the bytes to where they now belong.

    Raises HostingError; then nothing is changed.
    """
    new = _checked(file, changes)
    wanted = tags.clean(changes.tags) if changes.tags is not UNSET else None
    _refuse_words(file, new, wanted)
    with transaction.atomic():
        held = visibility.change(file, **new)
        if wanted is not None:
            tags.replace(held, wanted)
        if wanted is not None or FOUND_BY & new.keys():
            search.index(held)
    return file


def _refuse_words(file: HostedFile, new: dict[str, object], wanted: tuple[str, ...] | None) -> None:
    """Raise HostingError for a banned word that was not there before: what is stored may be kept."""
    said: dict[str, str | Iterable[str]] = {
        name: str(new[name]) for name in sorted(FOUND_BY & new.keys(), reverse=True)
        if new[name] != getattr(file, name)
    }  # fmt: skip
    if wanted is not None:
        said["tags"] = set(wanted) - set(file.tags.values_list("name", flat=True))
    words.refuse(said)


def _checked(file: HostedFile, changes: Changes) -> dict[str, object]:
    """The columns that change, with their new values."""
    new: dict[str, object] = {}
    if changes.title is not UNSET:
        new["title"] = plain_text.line(changes.title)[:TITLE_LENGTH]
    if changes.description is not UNSET:
        new["description"] = plain_text.paragraphs(changes.description)[:DESCRIPTION_LENGTH]
    if changes.album is not UNSET:
        _check_owner(changes.album, file.owner)
        new["album"] = changes.album
    if changes.category is not UNSET:
        new["category"] = changes.category
    if changes.nsfw is not UNSET:
        if file.nsfw and not changes.nsfw and _is_marked(file):
            raise HostingError("forbidden.nsfw")
        new["nsfw"] = changes.nsfw
    if changes.privacy is not UNSET:
        new["privacy"] = _privacy(changes.privacy)
    if changes.expires_at is not UNSET:
        new["expires_at"] = _within_its_time(file, _future(changes.expires_at))
    return new


def _check_owner(album: Album | None, owner: User | None) -> None:
    if album is not None and (owner is None or album.owner_id != owner.pk):
        raise HostingError("unknown_album")


def _is_marked(file: HostedFile) -> bool:
    """Whether a moderator's decision, and the last of its kind, is what marked the file as NSFW."""
    decided = Decision.objects.filter(
        file=file, action__in=("mark_nsfw", "mark_safe"), undone_at=None
    )
    return decided.values_list("action", flat=True).first() == "mark_nsfw"


def _privacy(name: str) -> str:
    if name not in Privacy.values:
        raise HostingError("invalid_privacy", names=", ".join(Privacy.values))
    if name == Privacy.PASSWORD:
        raise HostingError("invalid_privacy.file")
    return name


def _future(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise HostingError("invalid_expires_at")
    return moment


def _within_its_time(file: HostedFile, moment: datetime | None) -> datetime | None:
    """`moment`, or the end of an API's retention of test images, whichever comes first."""
    if not (file.is_test and file.dialect):
        return moment
    latest = file.created_at + timedelta(days=settings.TEST_KEEP_DAYS)
    return min(moment or latest, latest)
