"""Tags: which words may be one, and giving them to files."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from accounts.models import User
from hosting.errors import HostingError
from hosting.models import HostedFile, Tag

MOST = 30
FORBIDDEN = frozenset("/#,")


def clean(names: Iterable[str]) -> tuple[str, ...]:
    """The names with whitespace folded, deduplicated, in order; raises HostingError for an invalid one."""
    folded = dict.fromkeys(" ".join(name.split()) for name in names)
    folded.pop("", None)
    for name in folded:
        values = len(name) <= Tag.NAME_LENGTH and any(letter.isalnum() for letter in name)
        if not values or not name.isprintable() or FORBIDDEN & set(name):
            raise HostingError("invalid_tag", number=Tag.NAME_LENGTH)
    if len(folded) > MOST:
        raise HostingError("too_many_tags", number=MOST)
    return tuple(folded)


def attach(file: HostedFile, names: Iterable[str]) -> None:
    """Add the tags of these (clean) names to `file`, creating those that are new."""
    if not (wanted := list(names)):
        return
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    file.tags.add(*Tag.objects.filter(name__in=wanted))


def replace(file: HostedFile, names: Iterable[str]) -> None:
    """Set the tags of `file` to exactly these (clean) names."""
    wanted = set(names)
    file.tags.remove(*file.tags.exclude(name__in=wanted))
    attach(file, wanted)


def beginning_with(start: str, user: User | None, count: int = 10) -> list[str]:
    """Names of tags that begin with `start`, ignoring case: for autocompletion.

    Only tags that the member has used, or that something listed has: a private file's tags are private.
    """
    start = " ".join(start.split())
    if not start:
        return []
    tagged = HostedFile.objects.filter(tags=OuterRef("pk"))
    known = Exists(tagged.listed()) | Exists(tagged.filter(owner=user, owner__isnull=False))
    found = Tag.objects.filter(known, name__istartswith=start).order_by("name")
    return list(found.values_list("name", flat=True)[:count])
