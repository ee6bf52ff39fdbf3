"""Images as this API has them: an account's own, live and test ones apart, and the ways in which they are made.

Whatever makes an image ends as a HostedFile that is private until it is published. Test images carry a stamp,
and go after TEST_KEEP_DAYS.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from accounts.errors import InvalidKey
from hosting.api.img_processing.requests import checked
from hosting.api.img_processing.stage import DIALECT, ID_LENGTH, STAMP, Stage
from hosting.api.img_processing.transformations import Ground, Transformation
from hosting.delivery.access import require_as_input
from hosting.errors import HostingError, JobFailed
from hosting.files import results
from hosting.files.limits import limits_for
from hosting.files.options import UploadOptions
from hosting.files.uploads import accept
from hosting.jobs import queue
from hosting.models import HostedFile, Job, Privacy
from hosting.models.file import FileQuerySet
from hosting.sources.source import Source
from hosting.storage import objects
from processing import Output, Pipeline, run
from processing.operations.overlay import Stamp

PREFIX = "image_"
ID = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{ID_LENGTH}}}")


def id_of(file: HostedFile) -> str:
    """The id by which callers know it."""
    return PREFIX + file.public_id


def of(stage: Stage) -> FileQuerySet:
    """The images of an account in its key's stage. Raises InvalidKey for guests, who have none."""
    if stage.caller.user is None:
        raise InvalidKey
    files = HostedFile.objects.alive().select_related("album")
    return files.filter(owner=stage.caller.user, dialect=DIALECT, is_test=stage.is_test)


def find(stage: Stage, id: str) -> HostedFile:
    """The image of that id, or HostingError."""
    # Don't query with an invalid id: a database may not accept every character.
    file = of(stage).filter(public_id=id.removeprefix(PREFIX)).first() if ID.fullmatch(id) else None
    if file is None:
        raise not_found(id)
    return file


def find_input(stage: Stage, id: str) -> HostedFile:
    """The image of that id, to work on it. HostingError for none, MissingScope where the key may not see it."""
    file = find(stage, id)
    require_as_input(stage.caller, file)
    return file


def not_found(id: str) -> HostingError:
    """The error for an image that does not exist, or that the caller may not see."""
    return HostingError("not_found.image_of_id", id=id[:100])


@dataclass(frozen=True)
class Page:
    """A part of the list, newest first; previous, next: the first images of the parts beside it."""

    files: list[HostedFile]
    previous: HostedFile | None
    next: HostedFile | None


def page(stage: Stage, take: int, first: str | None) -> Page:
    """At most `take` images from the one of the id `first` on, or from the newest. Raises HostingError.

    Two queries, three where `first` is given, each of them answered by an index however long the list is.
    """
    files, previous = of(stage), None
    if first is not None:
        start = find(stage, first)
        at, pk = start.created_at, start.pk
        newer = files.filter(created_at__gte=at).exclude(created_at=at, pk__lte=pk)
        before = list(newer.order_by("created_at", "pk")[:take])
        previous = before[-1] if before else None
        files = files.filter(created_at__lte=at).exclude(created_at=at, pk__gt=pk)
    found = list(files.order_by("-created_at", "-pk")[: take + 1])
    return Page(found[:take], previous, found[take] if len(found) > take else None)


def content(file: HostedFile) -> bytes:
    """The image's bytes. Raises HostingError where it has been deleted meanwhile."""
    try:
        with objects.open_file(file.area, file.path) as stored:
            return stored.read()
    except FileNotFoundError as error:
        raise not_found(id_of(file)) from error


def take_in(stage: Stage, source: Source, name: str) -> HostedFile:
    """A new image of what was sent. Raises HostingError, AccountError or ProcessingError."""
    if stage.is_test:
        results.begin(stage.caller, stage.ip)
        stamp = Pipeline((Stamp(text=STAMP),))
        data = run(source.file, stamp, Output(animated=True), stage.limits).data
        source = Source(io.BytesIO(data), len(data), source.filename)
    options = UploadOptions(
        title=name,
        privacy=Privacy.PRIVATE,
        expires_in=None if stage.seconds is None else timedelta(seconds=stage.seconds),
        # The same picture twice is two images here.
        allow_duplicate=True,
        ip=stage.ip,
        dialect=DIALECT,
        id_length=ID_LENGTH,
        is_counted=stage.is_test,
    )
    return accept(stage.caller, source, options).file


def transform(stage: Stage, file: HostedFile, wanted: Transformation) -> HostedFile:
    """A new image made from `file`, which stays as it is. Raises as take_in() does."""
    results.begin(stage.caller, stage.ip)
    limits = limits_for(stage.caller)

    def other(id: str) -> bytes:
        return content(find_input(stage, id))

    with checked():
        recipe = wanted.recipe(Ground(file.file_format, (file.width, file.height), limits, other))
        stamp = (Stamp(text=STAMP),) if stage.is_test else ()
    result = run(content(file), Pipeline((*recipe.steps, *stamp)), recipe.output, limits)
    return results.keep(stage.caller, result, stage.placement(wanted.name or file.title))


def made_by_job(
    stage: Stage, kind: str, file: HostedFile | None, parameters: Mapping[str, Any], name: str
) -> tuple[HostedFile, Job]:
    """A new image that a worker makes, from `file` or from nothing, while the caller waits; and its job.

    Raises HostingError or AccountError.
    """
    source = None
    if file is not None:
        data = content(file)
        source = Source(io.BytesIO(data), len(data))
    values = {**parameters, "stamp": STAMP} if stage.is_test else parameters
    job = queue.submit(stage.caller, kind, source, values, stage.placement(name))
    ended = queue.wait(job, settings.HEAVY_WAIT_SECONDS)
    if ended.result is None:
        # One that an operator cancelled has neither.
        if not ended.error_code:
            raise HostingError("worker_lost.cancelled")
        raise JobFailed(ended.error_code, ended.error_message)
    return ended.result, ended
