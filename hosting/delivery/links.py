"""Links to stored bytes, and finding the object behind one."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from hosting.models import HostedFile, Variant
from hosting.storage import objects


@dataclass(frozen=True)
class Stored:
    """One stored object: the file itself or one of its variants."""

    file: HostedFile
    object: HostedFile | Variant

    @classmethod
    def of(cls, thing: HostedFile | Variant) -> Stored:
        """The file that `thing` belongs to."""
        return cls(thing if isinstance(thing, HostedFile) else thing.file, thing)

    @property
    def is_original(self) -> bool:
        """Whether it is the untouched source, which its owner alone may have."""
        return isinstance(self.object, Variant) and self.object.name == Variant.ORIGINAL


def url_of(thing: HostedFile | Variant) -> str:
    """The direct link: FILES_URL knows the public area alone, so guarded bytes are linked to at this site."""
    return f"{_base_of(Stored.of(thing))}/{thing.path}"


def _base_of(stored: Stored) -> str:
    is_public = stored.file.area == objects.PUBLIC and not stored.is_original
    return str(settings.FILES_URL if is_public else settings.SITE_URL)


def shown_at(thing: HostedFile | Variant) -> str:
    """The link that the site's own pages show `thing` from: on this site unless it is public elsewhere.

    Relative, so that it works (with the visitor's session, and under the pages' content policy) under whatever
    name the site was reached; only this site serves guarded bytes.
    """
    is_here = _base_of(Stored.of(thing)) == settings.SITE_URL
    return f"/{thing.path}" if is_here else url_of(thing)


def absolute(path: str) -> str:
    """An absolute link to one of the site's own addresses; a link that is absolute already is unchanged."""
    return path if "://" in path else f"{settings.SITE_URL}{path}"


def locate(path: str) -> Stored | None:
    """What is stored at the address `path`."""
    files = HostedFile.every.select_related("album", "owner")
    if file := files.filter(path=path).first():
        return Stored.of(file)
    variants = Variant.objects.select_related("file", "file__album", "file__owner")
    if variant := variants.filter(path=path).first():
        return Stored.of(variant)
    return None
