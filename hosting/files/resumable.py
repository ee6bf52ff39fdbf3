"""Uploads that arrive in pieces and can be resumed: what has arrived is kept, and counts once.

Each piece is a separate object in the storage with a new name, so any machine of the site may take the next. It
counts by one conditional UPDATE of the offset: of two at the same offset the first one wins. The last piece
counts only together with the finished file; until then nothing of the upload is charged or shown.
"""

from __future__ import annotations

import errno
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import quotas, rates
from accounts.client_ip import network_of
from accounts.errors import AccountError, GuestsRefused
from accounts.keys import Caller
from accounts.models import GuestAccess, User
from hosting.errors import Duplicate, Fault, HostingError, kind_of
from hosting.files.limits import limits_for
from hosting.files.options import UploadOptions
from hosting.files.uploads import accept
from hosting.models import HostedFile, Part, PartialUpload
from hosting.models.delete_token import DELETE_TOKEN_BYTES
from hosting.sources import source
from hosting.sources.source import Source
from hosting.storage import objects
from processing import ProcessingError

# The folder of the pieces in the guarded area; no direct link uses it.
FOLDER = "uploads"
# Bounded, since even the tiniest piece costs an object.
MOST_PARTS = 1000
# All guests together may have this many times what one address may.
GUESTS = 20
# An upload without any data is forgotten soon: its sender loses nothing.
EMPTY = timedelta(minutes=10)
# Accepting a whole file takes seconds; a process that holds it for longer was killed.
LEASE = timedelta(minutes=2)
BATCH = 200
MEMORY = 1024 * 1024


@dataclass(frozen=True)
class Piece:
    """Incoming bytes: `size` of them, from the file's beginning."""

    file: BinaryIO
    size: int


@contextmanager
def received(blocks: Iterable[bytes]) -> Iterator[Piece]:
    """Collect blocks into a piece, on disk where it is large. Raises HostingError for a full disk."""
    with tempfile.SpooledTemporaryFile(MEMORY, dir=str(settings.TEMP_DIR)) as file:
        with _disk():
            for block in blocks:
                file.write(block)
        yield Piece(file, file.tell())  # type: ignore[arg-type]


def create(
    caller: Caller, *, length: int, metadata: Mapping[str, str], ip: str | None
) -> PartialUpload:
    """Begin an upload of `length` bytes.

    Raises HostingError, StorageFull or GuestsRefused where the whole could never be accepted, or where the
    caller has too much under way already.
    """
    if caller.is_guest and not caller.guest_access.enabled:
        raise GuestsRefused
    limit = limits_for(caller).bytes
    if length > limit:
        raise source.too_large(limit)
    if not length:
        raise source.empty()
    objects.refuse_if_disk_low()
    free = objects.free_bytes()
    if free is not None and free < 2 * length:
        raise objects.no_space()
    with transaction.atomic():
        # Of two concurrent starts the second one sees the first.
        if caller.user is not None:
            User.objects.select_for_update().get(pk=caller.user.pk)
        else:
            GuestAccess.objects.select_for_update().first()
        _refuse_too_many(caller, ip, length)
        rates.count_work(caller, ip)
        return PartialUpload.objects.create(
            owner=caller.user,
            is_test=caller.is_test,
            ip=ip,
            length=length,
            metadata=dict(metadata),
            expires_at=timezone.now() + min(EMPTY, _kept()),
        )


def find(caller: Caller, public_id: str, *, by_session: bool = False) -> PartialUpload:
    """The caller's upload with this id. Raises HostingError where there is none, or no longer one.

    by_session: the request is from a page of the site. A guest there who knows a member's id was that member.
    """
    upload = PartialUpload.objects.select_related("file").filter(public_id=public_id).first()
    if upload is not None and by_session and caller.is_guest and upload.owner_id is not None:
        raise signed_out()
    whose = (getattr(caller.user, "pk", None), caller.is_test)
    if upload is None or (upload.owner_id, upload.is_test) != whose:
        raise HostingError("not_found.upload")
    if upload.expires_at <= timezone.now() or (upload.is_whole and upload.file is None):
        raise HostingError("upload_gone")
    return upload


def refuse_if_locked(upload: PartialUpload) -> None:
    """Raise HostingError while the whole is being accepted: its offset is about to change."""
    if upload.lease_until is not None and upload.lease_until > timezone.now():
        raise _locked()


def append(
    caller: Caller,
    upload: PartialUpload,
    offset: int,
    piece: Piece,
    options: Callable[[], UploadOptions],
) -> PartialUpload:
    """Add a piece that begins at `offset`; the last one completes the upload, accepted with `options`.

    Raises HostingError for a piece at any offset but the next, or beyond the length. An error in the whole (see
    `uploads.accept`) ends the upload, unless it may be temporary: no space, or our own faults.
    """
    objects.refuse_if_disk_low()
    if offset != upload.offset:
        raise _conflict()
    if offset + piece.size > upload.length:
        raise beyond_length()
    if piece.size and offset + piece.size == upload.length:
        _finish(caller, upload, piece, options)
    elif piece.size:
        _keep(upload, piece)
    return PartialUpload.objects.select_related("file").get(pk=upload.pk)


def terminate(upload: PartialUpload) -> None:
    """Forget an upload and its bytes; a file made from it stays."""
    refuse_if_locked(upload)
    _discard(upload)


def delete_token(upload: PartialUpload) -> str:
    """The delete token of the file that this upload becomes: repeated while the upload is remembered."""
    digest = salted_hmac("hosting.resumable", upload.public_id, algorithm="sha256").hexdigest()
    return digest[: 2 * DELETE_TOKEN_BYTES]


def discard_all(uploads: Iterable[PartialUpload]) -> int:
    """Forget `uploads`; return how many."""
    return sum(1 for upload in uploads if _discard(upload))


def sweep() -> int:
    """Forget the uploads that were not continued in time; return how many."""
    total = 0
    expired = PartialUpload.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    while batch := list(expired[:BATCH]):
        total += discard_all(batch)
    return total


def beyond_length() -> HostingError:
    """The error for a piece that is longer than what is left."""
    return HostingError("beyond_length")


def signed_out() -> HostingError:
    """The error for a member's page whose session has ended: its upload must not become a guest's file."""
    return HostingError("signed_out")


def _refuse_too_many(caller: Caller, ip: str | None, length: int) -> None:
    """Raise where the caller has too many open uploads. Call it with the caller's row locked."""
    unfinished = PartialUpload.objects.filter(
        owner=caller.user, file=None, expires_at__gt=timezone.now()
    )
    most = settings.MAX_PARTIAL_UPLOADS
    if caller.user is not None:
        own, all_guests = unfinished.count(), 0
    else:
        here = network_of(ip)
        senders = list(unfinished.values_list("ip", "offset"))
        own = sum(1 for address, _offset in senders if network_of(address) == here)
        # Only uploads with data count towards the total: empty ones must not lock everybody out.
        all_guests = sum(1 for _address, offset in senders if offset)
    if own >= most or all_guests >= GUESTS * most:
        raise HostingError("too_many_uploads")
    if caller.user is not None:
        coming = unfinished.aggregate(sum=Sum("length"))["sum"] or 0
        quotas.refuse_if_full(User.objects.get(pk=caller.user.pk), coming + length)


def _keep(upload: PartialUpload, piece: Piece) -> None:
    if upload.parts.count() >= MOST_PARTS:
        raise HostingError("too_many_parts.upload")
    path = f"{FOLDER}/{upload.public_id}/{secrets.token_hex(8)}"
    with objects.removed_on_failure([path]), _disk():
        piece.file.seek(0)
        objects.put(objects.GUARDED, path, piece.file)
        with transaction.atomic():
            now = timezone.now()
            there = PartialUpload.objects.filter(pk=upload.pk, offset=upload.offset).filter(
                Q(lease_until=None) | Q(lease_until__lt=now)
            )
            if not there.update(
                offset=upload.offset + piece.size, expires_at=_expiry(), lease_until=None
            ):
                raise _conflict()
            Part.objects.create(upload=upload, start=upload.offset, size=piece.size, path=path)


def _finish(
    caller: Caller, upload: PartialUpload, piece: Piece, options: Callable[[], UploadOptions]
) -> None:
    now, lease = timezone.now(), secrets.token_hex(16)
    rows = PartialUpload.objects.filter(pk=upload.pk, offset=upload.offset)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    if not rows.filter(free).update(lease=lease, lease_until=now + LEASE):
        raise _locked() if rows.exists() else _conflict()
    held = rows.filter(lease=lease)

    def end(file: HostedFile, *, is_duplicate: bool = False) -> None:
        done = {"file": file, "offset": upload.length, "is_duplicate": is_duplicate}
        if not held.update(**done, lease="", lease_until=None, expires_at=_expiry()):
            raise _locked()

    try:
        values = replace(options(), delete_token=delete_token(upload), within=end, is_counted=True)
        with _disk(), _whole(upload, piece) as file:
            name = upload.metadata.get("filename") or upload.metadata.get("name") or ""
            accept(caller, Source(file, upload.length, name), values)
    except Duplicate as error:
        end(error.file, is_duplicate=True)
    except (HostingError, AccountError, ProcessingError) as error:
        # Where the problem is temporary, the last piece may be sent again.
        passes = kind_of(error.code).fault is Fault.MOMENT
        if held.update(lease="", lease_until=None) and not passes:
            _discard(upload)
        raise
    except BaseException:
        held.update(lease="", lease_until=None)
        raise
    _remove_parts(upload)


@contextmanager
def _whole(upload: PartialUpload, last: Piece) -> Iterator[BinaryIO]:
    """The pieces in their order, as one file."""
    last.file.seek(0)
    if not upload.offset:
        yield last.file
        return
    with tempfile.TemporaryFile(dir=settings.TEMP_DIR) as whole:
        for part in upload.parts.all():
            if part.start != whole.tell():
                raise RuntimeError(f"upload {upload} has a gap at {whole.tell()}")
            with objects.open_file(objects.GUARDED, part.path) as content:
                shutil.copyfileobj(content, whole, MEMORY)
        shutil.copyfileobj(last.file, whole, MEMORY)
        if whole.tell() != upload.length:
            raise RuntimeError(f"upload {upload} has {whole.tell()} of {upload.length} bytes")
        whole.seek(0)
        yield whole


@contextmanager
def _disk() -> Iterator[None]:
    """Distinguish a full disk from other faults."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise objects.no_space() from error
        raise


def _discard(upload: PartialUpload) -> bool:
    _remove_parts(upload)
    return PartialUpload.objects.filter(pk=upload.pk).delete()[0] > 0


def _remove_parts(upload: PartialUpload) -> None:
    # The bytes last: after an interruption they are found by their path, which no row has any more.
    parts = list(upload.parts.values_list("path", flat=True))
    upload.parts.all().delete()
    for path in parts:
        objects.remove(path)


def _kept() -> timedelta:
    return timedelta(seconds=settings.PARTIAL_KEEP_SECONDS)


def _expiry() -> datetime:
    return timezone.now() + _kept()


def _conflict() -> HostingError:
    return HostingError("offset_conflict")


def _locked() -> HostingError:
    return HostingError("upload_locked")
