"""The one path of every upload: from a Source to a HostedFile.

Checks run in order of cost: network, size, room, banned bytes, duplicate, type and dimensions; only then is a
pixel decoded, and its picture compared with what is banned. Bytes are stored before the row, so that no row is
ever without its bytes; a failed upload removes its bytes again, and what a killed one leaves is found by
`find_orphans`.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import quotas, rates
from accounts.errors import GuestsRefused
from accounts.keys import Caller
from hosting import plain_text
from hosting.admission import content, networks, words
from hosting.catalogue import search
from hosting.errors import Duplicate, HostingError
from hosting.files import duplicates, hashing, tags, visibility
from hosting.files.limits import limits_for
from hosting.files.options import UploadOptions
from hosting.files.rows import new_file
from hosting.files.variants import recipes, variant_path, variant_row
from hosting.models import HostedFile, Variant
from hosting.models.delete_token import DELETE_TOKEN_BYTES, digest_of
from hosting.models.file import DESCRIPTION_LENGTH, TITLE_LENGTH, title_of
from hosting.sources.source import Source, too_large
from hosting.storage import objects
from hosting.storage.paths import upload_path
from hosting.webhooks import outbox
from processing import Ingested, ingest

FIRST_YEAR = 1990


@dataclass(frozen=True)
class Accepted:
    """A stored upload, with the secret that deletes it (only its hash is kept)."""

    file: HostedFile
    delete_token: str


@dataclass
class _Stored:
    """What has been written so far, to be removed should the rest fail."""

    paths: list[str] = field(default_factory=list)

    def put(self, area: str, path: str, content: bytes | BinaryIO) -> None:
        objects.put(area, path, content)
        # Only after the write: an object that existed before is not ours to remove.
        self.paths.append(path)


def accept(caller: Caller, source: Source, options: UploadOptions) -> Accepted:
    """Accept `source` for `caller`.

    Raises HostingError, AccountError or ProcessingError, and then nothing is left behind; Duplicate carries
    the existing file.
    """
    if caller.is_guest and not caller.guest_access.enabled:
        raise GuestsRefused
    networks.refuse(caller.user, options.ip)
    limits = limits_for(caller)
    if source.size > limits.bytes:
        raise too_large(limits.bytes)
    if caller.user:
        quotas.refuse_if_full(caller.user, source.size)
    objects.refuse_if_disk_low()
    if not options.is_counted:
        rates.count_work(caller, options.ip)
    if options.album and options.album.owner_id != getattr(caller.user, "pk", None):
        raise HostingError("unknown_album", param="album_id")

    sha256 = duplicates.digest(source.file)
    content.refuse_bytes(sha256)
    if not (options.allow_duplicate or settings.ALLOW_DUPLICATES):
        refuse_duplicate(caller, sha256)
    taken = ingest(source.file, recipes=recipes(), width=options.width, limits=limits)
    content.refuse_picture(taken.looks)
    if taken.media.kind == "image":
        pixels = taken.media.width * taken.media.height * taken.media.frames
        rates.charge_pixels(caller, options.ip, pixels)

    file = _row(caller, source, options, taken)
    words.refuse(
        {
            "title": file.title,
            "description": file.description,
            "tags": options.tags,
            "filename": source.filename,
        }
    )
    if options.width and taken.main.width < taken.media.width:
        file.source_md5 = duplicates.digest(source.file, "md5")
    file.content_hash = sha256
    if taken.main.format.visual:
        file.perceptual_hash = hashing.stored(taken.looks)
    token = options.delete_token or secrets.token_hex(DELETE_TOKEN_BYTES)
    file.delete_digest = digest_of(token)
    stored = _Stored()
    with objects.removed_on_failure(stored.paths):
        variants = _store(stored, file, taken, original=source)
        file.charged = _charged(file, variants)
        _insert(caller, file, variants, options)
    return Accepted(file, token)


def refuse_duplicate(caller: Caller, content_hash: str) -> None:
    """Raise Duplicate where the caller has these bytes already."""
    if existing := duplicates.find(caller.user, content_hash, is_test=caller.is_test):
        raise Duplicate(existing)


def _row(caller: Caller, source: Source, options: UploadOptions, taken: Ingested) -> HostedFile:
    values, main = taken.metadata, taken.main
    created_at, file_date = timezone.now(), values.taken_at if options.use_file_date else None
    # A date before digital photography, or in the future, means a wrong clock in the camera.
    if file_date is not None and _is_believable(file_date):
        # A camera's clock has no time zone; the site's is the likeliest.
        created_at = file_date.replace(tzinfo=timezone.get_default_timezone())
    title = (
        plain_text.line(options.title) or values.title or plain_text.line(title_of(source.filename))
    )
    description = plain_text.paragraphs(options.description) or values.description
    return new_file(
        caller,
        main,
        options,
        filename=source.filename,
        path=upload_path(options.folder, created_at, source.filename, main.format.extension),
        title=title[:TITLE_LENGTH],
        description=description[:DESCRIPTION_LENGTH],
        album=options.album,
        category=options.category,
        nsfw=options.nsfw,
        is_360=values.is_360,
        exif=values.exif,
        credentials=asdict(taken.credentials) if taken.credentials else {},
        created_at=created_at,
        expires_at=_expiry(caller, options),
    )


def _is_believable(file_date: datetime) -> bool:
    return file_date.year >= FIRST_YEAR and file_date < timezone.localtime().replace(tzinfo=None)


def _expiry(caller: Caller, options: UploadOptions) -> datetime | None:
    """When it expires by its uploader's wish; where there is none, `rows` says how long a guest's is kept."""
    if options.expires_in is None:
        return None
    most = caller.guest_access.keep_for if caller.is_guest else None
    return timezone.now() + min(options.expires_in, most or options.expires_in)


def _store(
    stored: _Stored, file: HostedFile, taken: Ingested, *, original: Source
) -> list[Variant]:
    """Write all bytes of `file`; return the rows of its variants, not saved yet."""
    stored.put(file.area, file.path, taken.main.data)
    variants = []
    for name, result in taken.variants.items():
        path = variant_path(file.path, name, result.format.extension)
        stored.put(file.area, path, result.data)
        variants.append(variant_row(name, path, result))
    if settings.KEEP_ORIGINALS and taken.loses and file.owner is not None:
        media = taken.media
        path = variant_path(file.path, Variant.ORIGINAL, media.format.extension)
        original.file.seek(0)
        stored.put(objects.GUARDED, path, original.file)
        variants.append(
            Variant(
                name=Variant.ORIGINAL,
                format=media.format.name,
                path=path,
                size=original.size,
                width=media.width,
                height=media.height,
            )
        )
    return variants


def _charged(file: HostedFile, variants: list[Variant]) -> int:
    """What counts towards the owner's storage: the file and a kept original, but not the thumbnails."""
    kept = sum(v.size for v in variants if v.name == Variant.ORIGINAL)
    return file.size + kept if file.owner is not None else 0


def _insert(
    caller: Caller, file: HostedFile, variants: list[Variant], options: UploadOptions
) -> None:
    with transaction.atomic():
        if caller.user is not None:
            # The charge locks the user's row until the commit, so that of two identical uploads at once
            # the second one sees the first.
            quotas.charge(caller.user, file.charged)
            if not (options.allow_duplicate or settings.ALLOW_DUPLICATES):
                refuse_duplicate(caller, file.content_hash)
        served = [one.path for one in variants if one.name != Variant.ORIGINAL]
        visibility.admit(file, [file.path, *served])
        file.save(force_insert=True)
        for variant in variants:
            variant.file = file
        Variant.objects.bulk_create(variants)
        if caller.user is not None:
            tags.attach(file, options.tags)
            if not options.silent:
                outbox.file_created(file)
        search.index(file)
        if options.within is not None:
            options.within(file)
