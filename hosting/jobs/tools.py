"""TOOLS: what a member can do with one picture or document in the browser, and where the result goes.

Light work is done while the request waits; heavy work becomes a job. A result is private to its owner and
expires, unless it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings

from accounts import quotas
from accounts.keys import Caller
from hosting.errors import HostingError
from hosting.files import results
from hosting.files.limits import limits_for
from hosting.files.options import ResultOptions
from hosting.jobs import queue
from hosting.models import HostedFile, Job, Privacy
from hosting.sources.source import Source, too_large
from hosting.storage import objects
from hosting.storage.paths import COMPRESSED, CONVERTED
from processing import FORMATS, SIZED, Limits, Output, Pipeline, Result, compress, detect, run
from processing.formats import HEAD
from processing.operations.geometry import Crop, Resize

Parameters = Mapping[str, Any]

PICTURES = frozenset(name for name, one in FORMATS.items() if one.kind == "image")
# What a picture can be converted into: what can be written, and what browsers show.
TARGETS = tuple(name for name, one in FORMATS.items() if one.saves and one.browser)


@dataclass(frozen=True)
class Tool:
    """accepts: names of FORMATS. do: the light work; or job: the kind of heavy work, from WORK.

    kind, folder: of the result's address. counted: whether it takes one of the day's compressions.
    """

    accepts: frozenset[str]
    kind: str
    folder: str
    do: Callable[[bytes, Parameters, Limits], Result] | None = None
    job: str = ""
    counted: bool = False


def _compress(data: bytes, parameters: Parameters, limits: Limits) -> Result:
    return compress(data, limits)


def _convert(data: bytes, parameters: Parameters, limits: Limits) -> Result:
    output = Output(parameters["format"], quality=parameters["quality"], animated=True)
    return run(data, Pipeline(), output, limits)


def _resize(data: bytes, parameters: Parameters, limits: Limits) -> Result:
    return run(data, Pipeline((Resize(**parameters),)), Output(animated=True), limits)


def _crop(data: bytes, parameters: Parameters, limits: Limits) -> Result:
    return run(data, Pipeline((Crop(**parameters),)), Output(animated=True), limits)


TOOLS: Mapping[str, Tool] = {
    "compress": Tool(
        frozenset({"jpeg", "png", "webp", "gif", "svg"}), "compressed", COMPRESSED, _compress
    ),
    "convert": Tool(PICTURES | {"svg"}, "converted", CONVERTED, _convert),
    "resize": Tool(PICTURES, "resized", f"{CONVERTED}/resize-image", _resize),
    "crop": Tool(PICTURES, "cropped", f"{CONVERTED}/crop-image", _crop),
    "remove-background": Tool(
        frozenset({"jpeg", "png", "webp"}),
        "bg_removed",
        f"{CONVERTED}/removebackground",
        job="remove-background",
    ),
    "word-to-pdf": Tool(
        frozenset({"doc", "docx"}), "converted", f"{CONVERTED}/word-to-pdf", job="word-to-pdf"
    ),
    "compress-to-size": Tool(SIZED, "compressed", COMPRESSED, job="compress", counted=True),
}


def source_of(file: HostedFile) -> Source:
    """The bytes of an existing file. Raises FileNotFoundError."""
    content = objects.open_file(file.area, file.path)
    return Source(content, file.size, file.original_filename or file.filename)  # type: ignore[arg-type]


def use(
    caller: Caller, name: str, source: Source, parameters: Parameters, *, ip: str | None
) -> HostedFile | Job:
    """Run the tool of that name on `source`: returns the finished file, or the job that will make it.

    Raises HostingError, AccountError or ProcessingError; then nothing is left behind.
    """
    tool, limits = TOOLS[name], limits_for(caller)
    if source.size > limits.bytes:
        raise too_large(limits.bytes)
    source.file.seek(0)
    if detect(source.file.read(HEAD)).name not in tool.accepts:
        known = ", ".join(one.label for one in FORMATS.values() if one.name in tool.accepts)
        raise HostingError("unsupported_format", param="upload", formats=known)
    source.file.seek(0)
    placement = ResultOptions(
        folder=tool.folder,
        kind=tool.kind,
        filename=source.filename,
        privacy=Privacy.PRIVATE,
        seconds=settings.JOB_KEEP_SECONDS,
        ip=ip,
    )
    if tool.do is not None:
        results.begin(caller, ip)
        return results.keep(caller, tool.do(source.file.read(), parameters, limits), placement)
    if not tool.counted or caller.user is None:
        return queue.submit(caller, tool.job, source, parameters, placement)
    quotas.refuse_if_none_left(caller.user)
    count = partial(quotas.count_compression, caller.user)
    return queue.submit(caller, tool.job, source, parameters, placement, within=count)
