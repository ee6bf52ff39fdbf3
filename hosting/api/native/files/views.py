"""The views of files: `/api/v2/files…`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.errors import NoKey
from accounts.scopes import DELETE, EDIT, READ, UPLOAD
from hosting.api.native import access
from hosting.api.native.access import FILES
from hosting.api.native.files import requests as file_requests
from hosting.api.native.files.responses import BulkResult, CreatedFile, FileObject, LikeObject
from hosting.api.native.taxonomy.requests import category_of
from hosting.api.native.view import NativeView
from hosting.api.problems import from_exception
from hosting.audit import by_api
from hosting.catalogue import search
from hosting.catalogue.listing import KINDS, ORDERS
from hosting.errors import HostingError
from hosting.files import deletion, editing, likes, replacing, uploads
from hosting.files.limits import limits_for
from hosting.models import HostedFile
from hosting.models.file import FileQuerySet
from hosting.moderation import removals

# mypy: disable-error-code="override"


class Files(NativeView):
    """`/files`: upload, and list."""

    http_method_names = ["get", "head", "post", "options"]
    works = frozenset({"POST"})
    scopes = {"get": READ, "post": UPLOAD}
    accepts = {"get": file_requests.FileQuery, "post": file_requests.NewFile}
    answers = {"get": (200, FileObject), "post": (201, CreatedFile)}
    lists = frozenset({"get"})
    shown_once = frozenset({"delete_url"})

    def get(self, request: Request) -> HttpResponseBase:
        values = self.values
        found, links = self.page(
            _wanted(self._scope(values), values), values, ORDERS[values["sort"]]
        )
        # Related rows are fetched only for the rows of this page.
        rows = {file.pk: file for file in FILES.filter(pk__in=[file.pk for file in found])}
        things = [rows[file.pk] for file in found if file.pk in rows]
        return self.many(things, links, named=values.get("album"))

    def _scope(self, values: dict[str, Any]) -> FileQuerySet:
        if "album" in values:
            return access.files_in(
                self.requester, access.find_album(self.requester, values["album"])
            )
        scope = values.get("scope", "own" if self.requester.user else "public")
        return access.files_of(self.requester) if scope == "own" else HostedFile.objects.listed()

    def post(self, request: Request) -> HttpResponseBase:
        caller = self.requester.caller
        if caller.is_guest and not self.requester.has_key:
            raise NoKey
        values = self.values
        options = file_requests.upload_options_of(values, caller, self.requester.ip)
        source = file_requests.source_of(values, caller, limits_for(caller))
        accepted = uploads.accept(caller, source, options)
        file = accepted.file
        if options.expires_in is not None and not caller.is_guest:
            # The exact moment requested, without the time that the upload took.
            HostedFile.objects.filter(pk=file.pk).update(expires_at=values["expires_at"])
        return self.one(
            FILES.get(pk=file.pk),
            status=201,
            location=f"/api/v2/files/{file.public_id}",
            delete_token=accepted.delete_token,
        )


def _wanted(files: FileQuerySet, values: dict[str, Any]) -> FileQuerySet:
    """Those of `files` that the filters leave."""
    files = files.filter(KINDS[values["kind"]])
    for name in values.get("tag", ()):
        files = files.filter(tags__name=name)
    if "q" in values:
        files = cast(FileQuerySet, search.matching(files, values["q"]))
    if "category" in values:
        files = files.filter(category=category_of(values["category"]))
    if "nsfw" in values:
        files = files.filter(nsfw=values["nsfw"])
    return files


class File(NativeView):
    """`/files/{id}`."""

    http_method_names = ["get", "head", "patch", "delete", "options"]
    scopes = {"get": READ, "patch": EDIT, "delete": DELETE}
    accepts = {"patch": file_requests.FileChanges}
    answers = {"get": (200, FileObject), "patch": (200, FileObject), "delete": (204, None)}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        return self.one(access.find_file(self.requester, id))

    def patch(self, request: Request, id: str) -> HttpResponseBase:
        self.requester.member()
        values = self.values
        with transaction.atomic():
            file = access.own_file(self.requester, id, "change", held=True)
            self.check_version(file, FileObject)
            editing.edit(file, file_requests.changes_of(values, file.owner))
        return self.one(FILES.get(pk=file.pk))

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        with transaction.atomic():
            file = access.own_file(self.requester, id, "delete", held=True)
            self.check_version(file, FileObject)
            _delete(self, file)
        return HttpResponse(status=204)


def _delete(view: NativeView, file: HostedFile) -> None:
    """Delete a file that its owner, or a moderator, may delete; what moderators do is in the audit log."""
    member = view.requester.member()
    if file.owner_id == member.pk:
        deletion.delete_own(file)
    else:
        removals.destroy(file, by_api(member))


class Rotate(NativeView):
    """`POST /files/{id}/rotate`: the same file with other bytes, at another direct link."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": EDIT}
    accepts = {"post": file_requests.Rotation}
    answers = {"post": (200, FileObject)}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        self.requester.member()
        angle = int(self.values["angle"])
        file = _own_bytes(self, id)
        replacing.rotate(self.requester.caller, file, angle, ip=self.requester.ip)
        return self.one(FILES.get(pk=file.pk))


class Replace(NativeView):
    """`POST /files/{id}/replace`: the same file with other bytes, at another direct link."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": EDIT}
    accepts = {"post": file_requests.Sent}
    answers = {"post": (200, FileObject)}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        self.requester.member()
        values, caller = self.values, self.requester.caller
        file = _own_bytes(self, id)
        source = file_requests.source_of(values, caller, limits_for(caller))
        replacing.replace(caller, file, source, ip=self.requester.ip)
        return self.one(FILES.get(pk=file.pk))


def _own_bytes(view: NativeView, id: str) -> HostedFile:
    """The file whose bytes are to change: its owner's doing alone, since it is counted to them."""
    file = access.own_file(view.requester, id, "change")
    if file.owner_id != view.requester.member().pk:
        raise HostingError("forbidden.file")
    view.check_version(file, FileObject)
    return file


class Like(NativeView):
    """`/files/{id}/like`: the member's heart."""

    http_method_names = ["put", "delete", "options"]
    scopes = {"put": EDIT, "delete": EDIT}
    answers = {"put": (200, LikeObject), "delete": (200, LikeObject)}

    def put(self, request: Request, id: str) -> HttpResponseBase:
        member = self.requester.member()
        file = access.find_file(self.requester, id)
        likes.like(member, file)
        return self._likes_of(file, liked=True)

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        member = self.requester.member()
        file = access.find_file(self.requester, id)
        likes.unlike(member, file)
        return self._likes_of(file, liked=False)

    def _likes_of(self, file: HostedFile, *, liked: bool) -> HttpResponseBase:
        counted = HostedFile.objects.filter(pk=file.pk).values_list("likes", flat=True).first()
        return self.one({"liked": liked, "likes": counted or 0})


class Bulk(NativeView):
    """`POST /files/bulk`: many files at once, each independently: a failure does not affect the others."""

    http_method_names = ["post", "options"]
    scopes = {"post": EDIT}
    accepts = {"post": file_requests.Bulk}
    answers = {"post": (200, BulkResult)}
    lists = frozenset({"post"})

    def post(self, request: Request) -> HttpResponseBase:
        self.requester.member()
        values = self.values
        if values["delete"]:
            self.requester.caller.require(DELETE)
        do = self._delete if values["delete"] else self._edit(values["changes"])
        return self.many([self._one_of_many(id, do) for id in dict.fromkeys(values["ids"])])

    def _delete(self, id: str) -> None:
        _delete(self, access.own_file(self.requester, id, "delete", held=True))

    def _edit(self, changes: dict[str, Any]) -> Callable[[str], None]:
        def edit(id: str) -> None:
            file = access.own_file(self.requester, id, "change", held=True)
            editing.edit(file, file_requests.changes_of(changes, file.owner))

        return edit

    def _one_of_many(self, id: str, do: Callable[[str], None]) -> dict[str, Any]:
        try:
            with transaction.atomic():
                do(id)
        except Exception as error:
            problem = from_exception(error)
            refused = {"code": problem.code, "message": self.say(problem.message)}
            return {"id": id, "status": problem.status.value, "error": refused}
        return {"id": id, "status": 200, "error": None}
