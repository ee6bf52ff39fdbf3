"""What stored pictures look like, for those that were stored without it."""

from __future__ import annotations

from collections.abc import Iterator

from hosting.files import renewal
from hosting.files.limits import site_limits
from hosting.models import HostedFile
from hosting.models.file import FileQuerySet
from processing import PictureHash, ProcessingError, looks_of

CHUNK = 100
# What is stored of a picture with too little in it to be recognised by.
NOTHING = b""


def stored(looks: PictureHash | None) -> bytes:
    """What the row of a file holds of this hash."""
    return looks.bits if looks is not None and looks.recognisable else NOTHING


def unhashed() -> int:
    """How many pictures and videos there are whose hash was never computed."""
    return _unhashed(0).count()


def hash_all() -> Iterator[tuple[HostedFile, str]]:
    """Compute what is missing, one file after the other; each with what went wrong, or "".

    It can be stopped and begun again at any time: what is done stays, and faulty files are tried again.
    """
    last = 0
    while files := list(_unhashed(last).prefetch_related("variants").order_by("pk")[:CHUNK]):
        for file in files:
            last, problem = file.pk, ""
            try:
                data = renewal.source_of(file)
                made = stored(looks_of(data, site_limits(len(data))))
            except (ProcessingError, renewal.Unmakeable) as error:
                problem = str(error)
            else:
                # Not if its bytes were replaced meanwhile: then it has a hash by now.
                rows = HostedFile.every.filter(pk=file.pk, path=file.path)
                rows.update(perceptual_hash=made)
            yield file, problem


def _unhashed(last: int) -> FileQuerySet:
    visual = (HostedFile.Kind.IMAGE, HostedFile.Kind.VIDEO)
    return HostedFile.every.alive().filter(perceptual_hash=None, kind__in=visual, pk__gt=last)
