"""Replacing a file's bytes: it keeps its id, page and details; its direct link changes.

Browsers cache direct links for ever, so other bytes need another address.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from io import BytesIO

from django.db import transaction

from accounts import quotas
from accounts.keys import Caller
from hosting.catalogue import search
from hosting.errors import HostingError
from hosting.files import results, visibility
from hosting.files.limits import limits_for
from hosting.files.options import UploadOptions
from hosting.files.uploads import accept
from hosting.models import HostedFile, Privacy, Variant
from hosting.sources.source import Source
from hosting.storage import objects
from processing import Output, Pipeline, run
from processing.operations.geometry import Rotate

# Columns that describe the bytes, and are copied with them.
OF_THE_BYTES = tuple(
    "kind format path area moving size charged width height frames duration md5 source_md5 "
    "content_hash is_360 exif credentials original_filename perceptual_hash".split()
)
# A carrier whose replacement was killed expires.
PASSING = timedelta(hours=1)


def replace(
    caller: Caller, file: HostedFile, source: Source, *, ip: str | None = None
) -> HostedFile:
    """Replace the bytes of `file` by those of `source`, accepted as an upload by the caller, who owns it.

    ip: of the request.

    Until it is done both count towards the owner's storage. Raises what accept() raises, and HostingError where
    the file was changed or deleted in between, and for an API's test image, which would lose its stamp; then
    nothing is changed.
    """
    if file.is_test and file.dialect:
        raise HostingError("forbidden.stamped")
    return _replace(caller, file, source, ip)


def _replace(
    caller: Caller, file: HostedFile, source: Source, ip: str | None, *, is_counted: bool = False
) -> HostedFile:
    carrier = accept(
        caller,
        source,
        UploadOptions(
            privacy=Privacy.PRIVATE,
            expires_in=PASSING,
            allow_duplicate=True,
            silent=True,
            is_counted=is_counted,
            ip=ip,
        ),
    ).file
    paths = [carrier.path, *carrier.variants.values_list("path", flat=True)]
    with objects.removed_on_failure(paths):
        return _hand_over(carrier, file)


def rotate(caller: Caller, file: HostedFile, angle: int, *, ip: str | None = None) -> HostedFile:
    """Turn a picture clockwise by `angle` degrees. Raises as replace() does, and ProcessingError."""
    if file.file_format.kind != "image" or not file.file_format.saves:
        raise HostingError("unsupported_format.turning")
    results.begin(caller, ip)
    with objects.open_file(file.area, file.path) as content:
        data = content.read()
    step = Rotate(angle=float(angle))
    turned = run(data, Pipeline((step,)), Output(animated=True), limits_for(caller))
    source = Source(BytesIO(turned.data), len(turned.data), file.original_filename)
    return _replace(caller, file, source, ip, is_counted=True)


def _hand_over(carrier: HostedFile, file: HostedFile) -> HostedFile:
    """Move the bytes of `carrier` to `file`; this deletes `carrier`."""
    try:
        with transaction.atomic():
            # Both rows read again, and matched by path too: of two concurrent replacements, one succeeds.
            rows = HostedFile.objects.select_for_update(of=("self",)).order_by("pk")
            both = rows.filter(pk__in=(file.pk, carrier.pk), path__in=(file.path, carrier.path))
            found = {row.pk: row for row in both}
            if len(found) < 2:
                raise HostingError("conflict")
            held, carrier = found[file.pk], found[carrier.pk]
            old = [held.path, *held.variants.values_list("path", flat=True)]
            if held.owner_id is not None:
                quotas.give_back(held.owner_id, held.charged)
            held.variants.all().delete()
            Variant.objects.filter(file=carrier).update(file=held)
            carrier_key = carrier.pk
            HostedFile.objects.filter(pk=carrier_key).delete()
            for name in OF_THE_BYTES:
                setattr(held, name, getattr(carrier, name))
            held.save(update_fields=OF_THE_BYTES)
            # New bytes wait again where uploads do, no moderator has approved them, and a rejected file
            # stays rejected.
            approved = held.review == HostedFile.Review.APPROVED
            if approved or (carrier.review and held.review != HostedFile.Review.REJECTED):
                held.review = carrier.review
                held.is_approved = held.approval
                held.save(update_fields=["review", "is_approved"])
            search.forget([carrier_key])
            search.index(held)
            visibility.settle_held(held)
            transaction.on_commit(partial(_remove, old))
    except BaseException:
        _drop(carrier)
        raise
    return held


def _drop(carrier: HostedFile) -> None:
    """Delete the row of a carrier that was not used; its bytes are removed with the failure."""
    with transaction.atomic():
        if HostedFile.objects.filter(pk=carrier.pk).delete()[0] and carrier.owner_id is not None:
            quotas.give_back(carrier.owner_id, carrier.charged)
        search.forget([carrier.pk])


def _remove(paths: list[str]) -> None:
    for path in paths:
        objects.remove(path)
