"""What a member does with many files at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hosting.errors import HostingError
from hosting.files import editing, tags
from hosting.files.editing import Changes
from hosting.models import HostedFile

# What one request can do quickly.
MOST = 100


@dataclass(frozen=True)
class SelectionChanges:
    """The same `changes` for every file, and tags to add to and remove from each."""

    changes: Changes
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A file that could not be changed, and why."""

    file: HostedFile
    message: str


def change(files: Iterable[HostedFile], wanted: SelectionChanges) -> tuple[int, list[Refused]]:
    """Change each of `files` separately; return how many were changed, and which could not be.

    Raises HostingError, before anything is changed, for words that cannot be tags.
    """
    added = tags.clean(wanted.add_tags)
    removed = {" ".join(word.split()) for word in wanted.remove_tags}
    done, refused = 0, []
    for file in files:
        changes = wanted.changes
        if added or removed:
            has = [tag.name for tag in file.tags.all() if tag.name not in removed]
            changes = replace(changes, tags=(*has, *added))
        try:
            editing.edit(file, changes)
        except HostingError as error:
            refused.append(Refused(file, error.message))
        else:
            done += 1
    return done, refused
