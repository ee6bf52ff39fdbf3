"""Links to stored bytes, who may have them, and how they are sent.

Public bytes normally never come this far: the embedded server, nginx or a bucket sends them from the public
area by themselves. What reaches `respond` is guarded, gone, or asked of a server that sends no files.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import IO, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from accounts.models import User
from hosting import conditional, storage
from hosting.albums import proof_of
from hosting.conditional import PRIVATE, is_unchanged, wanted_part
from hosting.models import Album, HostedFile, Privacy, Variant
from hosting.models.privacy import OPEN

Response = TypeVar("Response", bound=HttpResponseBase)
NO_PROOFS: Mapping[str, str] = MappingProxyType({})

# An SVG may hold a script that the sanitiser did not know: no browser is to run it with our cookies.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"


class Access(Enum):
    """What a person gets who asks for a file."""

    GRANTED = 200
    HIDDEN = 404
    GONE = 410


@dataclass(frozen=True)
class Stored:
    """One stored object: the file itself or one of its variants."""

    file: HostedFile
    object: HostedFile | Variant

    @classmethod
    def of(cls, thing: HostedFile | Variant) -> Stored:
        """What `thing` is of."""
        return cls(thing if isinstance(thing, HostedFile) else thing.file, thing)

    @property
    def is_original(self) -> bool:
        """Whether it is the untouched source, which its owner alone may have."""
        return isinstance(self.object, Variant) and self.object.name == Variant.ORIGINAL


def url_of(thing: HostedFile | Variant) -> str:
    """The direct link."""
    return f"{settings.FILES_URL}/{thing.path}"


def shown_at(thing: HostedFile | Variant) -> str:
    """Where the site's own pages show `thing` from: below this site unless it lies open somewhere else.

    Relative, so that it works (with the visitor's session, and under the pages' content policy) by whatever
    name the site was called; guarded bytes are given out by this site alone.
    """
    stored = Stored.of(thing)
    elsewhere = settings.FILES_URL != settings.SITE_URL and stored.file.area == storage.PUBLIC
    return url_of(thing) if elsewhere and not stored.is_original else f"/{thing.path}"


def absolute(path: str) -> str:
    """A link with the site's name to one of its own addresses; a whole link stays as it is."""
    return path if "://" in path else f"{settings.SITE_URL}{path}"


def locate(path: str) -> Stored | None:
    """What is stored at the address `path`."""
    files = HostedFile.objects.select_related("album", "owner")
    if file := files.filter(path=path).first():
        return Stored.of(file)
    variants = Variant.objects.select_related("file", "file__album", "file__owner")
    if variant := variants.filter(path=path).first():
        return Stored.of(variant)
    return None


def owns(user: User | None, file: HostedFile) -> bool:
    """Whether `file` is the user's own, or one that a moderator's rights open to them."""
    return _has_right(user, file, "view")


def may_delete(user: User | None, file: HostedFile) -> bool:
    """Whether `user` may delete `file`: its owner, and moderators who have that right."""
    return _has_right(user, file, "delete")


def _has_right(user: User | None, file: HostedFile, right: str) -> bool:
    if user is None:
        return False
    is_moderator = user.is_staff and user.has_perm(f"hosting.{right}_hostedfile")
    return user.pk == file.owner_id or is_moderator


# What a visitor's session holds of albums whose password was given: the album's key, and `albums.proof_of` it.
Proofs = Mapping[str, str]


def access(file: HostedFile, user: User | None, proofs: Proofs = NO_PROOFS) -> Access:
    """Whether `user` (None: anybody) with these proofs may see `file` now."""
    if file.is_expired:
        return Access.GONE
    if owns(user, file):
        return Access.GRANTED
    if not file.is_approved or file.privacy not in OPEN:
        return Access.HIDDEN
    if file.album is not None and not album_opens(file.album, user, proofs):
        return Access.HIDDEN
    return Access.GRANTED


def album_opens(album: Album, user: User | None, proofs: Proofs = NO_PROOFS) -> bool:
    """Whether `user` with these proofs may look into `album`."""
    if album.privacy in OPEN or owns_album(user, album):
        return True
    proof = proofs.get(str(album.pk), "")
    return album.privacy == Privacy.PASSWORD and hmac.compare_digest(proof, proof_of(album))


def owns_album(user: User | None, album: Album) -> bool:
    """Whether `album` is the user's own, or one that a moderator's rights open to them."""
    if user is None:
        return False
    return user.pk == album.owner_id or (user.is_staff and user.has_perm("hosting.view_album"))


def access_to(stored: Stored, user: User | None, proofs: Proofs = NO_PROOFS) -> Access:
    """Whether `user` may have these bytes; an original is for its owner and the staff."""
    granted = access(stored.file, user, proofs)
    if granted is Access.GRANTED and stored.is_original and not owns(user, stored.file):
        return Access.HIDDEN
    return granted


def respond(request: HttpRequest, stored: Stored) -> HttpResponseBase:
    """Send the bytes, or say to whoever stands in front where they are. Access is checked before."""
    thing, file = stored.object, stored.file
    area = storage.GUARDED if stored.is_original else file.area
    if settings.FILES_DELIVERY == "redirect" and not thing.file_format.scripted:
        name = storage.find(area, thing.path)
        return _private(HttpResponseRedirect(storage.files().url(name or thing.path)), file)
    if settings.FILES_DELIVERY == "accel" and (name := storage.find(area, thing.path)):
        response: HttpResponse | FileResponse = HttpResponse()
        response["X-Accel-Redirect"] = f"/_files/{quote(name)}"
    else:
        response = _content(request, stored, area)
    response["Content-Type"] = thing.file_format.mime
    response["X-Content-Type-Options"] = "nosniff"
    if thing.file_format.scripted:
        response["Content-Security-Policy"] = SANDBOX
    if stored.is_original:
        response["Content-Disposition"] = attachment(thing)
    return _private(response, file)


def attachment(thing: HostedFile | Variant) -> str:
    """The Content-Disposition of what is to be saved rather than shown."""
    return f'attachment; filename="{thing.filename}"'


def _content(request: HttpRequest, stored: Stored, area: str) -> HttpResponse | FileResponse:
    """The bytes that were asked for: all, a part, or none because the client has them."""
    thing = stored.object
    # What is stored at an address never changes, so the row tells its version.
    etag, written = f'"{stored.file.md5}-{thing.size:x}"', stored.file.created_at.timestamp()
    if is_unchanged(request.headers, etag, written):
        return _marked(HttpResponse(status=304), etag, written)
    part = wanted_part(request.headers, etag, written, thing.size)
    if part is not None and part[0] >= part[1]:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{thing.size}"})
    content = storage.open_file(area, thing.path)
    if part is None:
        response = FileResponse(content)
        response["Content-Length"] = thing.size
        return _marked(response, etag, written)
    start, end = part
    response = FileResponse(Part(content, start, end), status=206)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{thing.size}"
    response["Content-Length"] = end - start
    return _marked(response, etag, written)


def _marked(response: Response, etag: str, written: float) -> Response:
    response["ETag"] = etag
    response["Last-Modified"] = http_date(written)
    response["Accept-Ranges"] = "bytes"
    return response


class Part:
    """A piece of an open file, from `start` to `end` (exclusive), as a file that can only be read."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._left = end - start
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes more; all that are left without it."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file beneath."""
        self._file.close()


def _private(response: HttpResponseBase, file: HostedFile) -> HttpResponseBase:
    """Say how long a copy may be kept: no shared cache keeps what may be closed or end."""
    open_for_good = file.opens_to_all and file.expires_at is None
    response["Cache-Control"] = conditional.OPEN if open_for_good else PRIVATE
    return response
