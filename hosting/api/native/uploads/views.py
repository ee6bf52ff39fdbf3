"""The views of resumable uploads: `/api/v2/uploads…`, as tus 1.0 wants them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from multipart import parse_options_header
from rest_framework.request import Request

from accounts.errors import NoKey
from accounts.scopes import UPLOAD
from hosting.api.native.authentication import SAFE, refuse_forged
from hosting.api.native.files import requests
from hosting.api.native.uploads import tus
from hosting.api.native.uploads.tus import UploadObject
from hosting.api.native.view import NativeView
from hosting.errors import HostingError
from hosting.files import resumable
from hosting.files.options import UploadOptions
from hosting.models import PartialUpload
from hosting.storage import objects

# mypy: disable-error-code="override"

BLOCK = 1024 * 1024
OVERRIDES = frozenset({"PATCH", "DELETE", "HEAD"})


class TusView(NativeView):
    """What both addresses share: the protocol's version, bodies of bytes, guests of the site's own pages."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Heed the method that a client behind a narrow proxy means."""
        meant = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and meant in OVERRIDES:
            request.method = meant
        super().setup(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in ("GET", "OPTIONS"):
            return
        if request.headers.get("Tus-Resumable") != tus.VERSION:
            raise HostingError("unsupported_version")
        if request.method in SAFE or not self.requester.caller.is_guest or self.requester.has_key:
            return
        # A guest without a key is the one before the site's own page.
        plain = request._request
        if settings.CSRF_COOKIE_NAME not in plain.COOKIES:
            raise NoKey
        refuse_forged(plain)

    def read(self, plain: HttpRequest) -> None:
        """Bodies are bytes: the code that knows what they are for receives them."""

    def _begin(self, request: Request) -> None:
        """What is sent twice counts once by its offset: no key is needed for it."""

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """What of the protocol is spoken here."""
        return HttpResponse(
            status=204,
            headers={
                "Tus-Extension": tus.EXTENSIONS,
                "Tus-Max-Size": str(settings.MAX_FILE_BYTES),
            },
        )

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = response["Tus-Version"] = tus.VERSION
        for name, more in (("Allow-Headers", tus.SENT), ("Expose-Headers", tus.READ)):
            response[f"Access-Control-{name}"] += f", {more}"
        return response

    def find(self, id: str) -> PartialUpload:
        """The requester's upload of this id. Raises HostingError."""
        return resumable.find(self.requester.caller, id, by_session=not self.requester.has_key)

    def take(self, upload: PartialUpload, offset: int) -> PartialUpload:
        """Add the body to `upload` at `offset`; what arrived of one that was cut off counts too."""
        plain = self.request._request
        if plain.META.get("vitrine.body_too_large"):
            raise RequestDataTooBig
        if plain.META.get("vitrine.no_space"):
            raise objects.no_space()
        length = int(plain.META.get("CONTENT_LENGTH") or 0)
        if offset == upload.offset and length > upload.length - offset:
            raise resumable.beyond_length()
        with resumable.received(_blocks(plain)) as piece:
            return resumable.append(
                self.requester.caller, upload, offset, piece, lambda: self.meant(upload.metadata)
            )

    def meant(self, metadata: dict[str, str]) -> UploadOptions:
        """What the metadata say of the file. Raises HostingError."""
        details = tus.file_metadata(metadata)
        return requests.upload_options_of(details, self.requester.caller, self.requester.ip)


class Uploads(TusView):
    """`POST /uploads`: begin one, with its first bytes or without."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": UPLOAD}
    answers = {"post": (201, None)}

    def post(self, request: Request) -> HttpResponseBase:
        if "Upload-Defer-Length" in request.headers:
            raise HostingError("invalid_header.deferred", param="Upload-Length")
        length = tus.number(request.headers, "Upload-Length")
        metadata = tus.metadata(request.headers.get("Upload-Metadata", ""))
        if "privacy" in metadata and self.requester.caller.is_guest and not self.requester.has_key:
            # Only a member's form sends this: a file meant to be private would become public.
            raise resumable.signed_out()
        # Refuse invalid options before any bytes are sent.
        self.meant(metadata)
        upload = resumable.create(
            self.requester.caller, length=length, metadata=metadata, ip=self.requester.ip
        )
        if _is_bytes(request):
            upload = self.take(upload, 0)
        response = HttpResponse(status=201, headers=tus.headers_of(upload))
        # Without the site's name: by whatever name it was called, the next pieces come the same way.
        response["Location"] = f"/api/v2/uploads/{upload.public_id}"
        return response


class OneUpload(TusView):
    """`/uploads/{id}`: its offset, continue it, end it; GET describes the result as JSON."""

    http_method_names = ["get", "head", "patch", "delete", "options"]
    scopes = {"get": UPLOAD, "patch": UPLOAD, "delete": UPLOAD}
    # One upload is one request, however many pieces the client sends; pieces have a separate limit.
    is_counted = False
    answers = {"get": (200, UploadObject), "patch": (204, None), "delete": (204, None)}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        return JsonResponse(UploadObject(self.find(id)).data)

    def head(self, request: Request, id: str) -> HttpResponseBase:
        upload = self.find(id)
        resumable.refuse_if_locked(upload)
        response = HttpResponse(headers=tus.headers_of(upload))
        response["Upload-Length"] = str(upload.length)
        if upload.metadata:
            response["Upload-Metadata"] = tus.header_of(upload.metadata)
        return response

    def patch(self, request: Request, id: str) -> HttpResponseBase:
        if not _is_bytes(request):
            raise HostingError(
                "unsupported_media_type.piece", param="Content-Type", media_type=tus.MEDIA_TYPE
            )
        offset = tus.number(request.headers, "Upload-Offset")
        upload = self.take(self.find(id), offset)
        return HttpResponse(status=204, headers=tus.headers_of(upload))

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        resumable.terminate(self.find(id))
        return HttpResponse(status=204)


def _is_bytes(request: Request) -> bool:
    kind, _ = parse_options_header(request.headers.get("Content-Type", ""))
    return bool(kind == tus.MEDIA_TYPE)


def _blocks(plain: HttpRequest) -> Iterator[bytes]:
    """The body, as much of it as arrives."""
    try:
        while block := plain.read(BLOCK):
            yield block
    except UnreadablePostError:
        return
