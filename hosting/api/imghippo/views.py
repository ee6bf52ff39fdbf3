"""The views of Imghippo's API."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts import client_ip
from accounts.keys import Caller
from accounts.scopes import DELETE, PROCESS, UPLOAD
from hosting.api import engines
from hosting.api.imghippo import errors, requests, responses
from hosting.api.imghippo.batch import Batch, QueuedBatch
from hosting.api.imghippo.operations import OPERATIONS
from hosting.api.problems import Problem
from hosting.api.view import OPEN, DialectView
from hosting.delivery import links
from hosting.errors import HostingError
from hosting.files import deletion, results
from hosting.files.limits import limits_for
from hosting.files.options import UploadOptions
from hosting.files.uploads import accept
from hosting.models import HostedFile
from hosting.storage import paths


class ImghippoView(DialectView):
    """The base of this dialect's views: where the key is, and how problems are presented."""

    key_headers = ("X-API-Key", "api_key", "api-key")
    key_fields = ("api_key", "key")

    def render_problem(self, problem: Problem) -> HttpResponseBase:
        status, answer = errors.render(problem)
        return JsonResponse(answer, status=status)


class Upload(ImghippoView):
    """`POST /v1/upload`."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": UPLOAD}

    def post(self, request: Request) -> HttpResponseBase:
        caller = self.caller(request)
        (value,) = requests.files_of(self.body, most=1)
        source = requests.source_of(value, max_bytes=limits_for(caller).bytes)
        options = UploadOptions(
            title=self.body.text("title"),
            folder=paths.FILES,
            # Imghippo knows no duplicates: each upload has its own link, which its delete takes away.
            allow_duplicate=True,
            ip=client_ip.address_of(request._request),
        )
        return JsonResponse(responses.uploaded(accept(caller, source, options).file))


class Delete(ImghippoView):
    """`DELETE /v1/delete`, also by POST for clients that cannot send a DELETE with a body."""

    http_method_names = ["delete", "post", "options"]
    scopes = {"delete": DELETE, "post": DELETE}

    def delete(self, request: Request) -> HttpResponseBase:
        caller = self.caller(request)
        url = self.body.text("url")
        if not url:
            raise HostingError("missing_{name}", name="url")
        deletion.delete_own(_own_file(caller, url))
        return JsonResponse(responses.deleted(url))

    post = delete


class Process(ImghippoView):
    """Every endpoint of OPERATIONS."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request, name: str) -> HttpResponseBase:
        caller, endpoint = self.caller(request), OPERATIONS[name]
        files = requests.files_of(self.body, most=endpoint.most)
        work = endpoint.prepare(self.body)
        results.refuse_if_full(caller)
        chosen = QueuedBatch if endpoint.job else Batch
        batch = chosen(caller, endpoint, work, client_ip.address_of(request._request))
        return engines.tell(JsonResponse(responses.batch(batch.run(files))), batch.done)


class Unknown(ImghippoView):
    """Every other address below `/v1/`."""

    scopes = dict.fromkeys(("get", "post", "put", "patch", "delete"), OPEN)

    def get(self, request: Request) -> HttpResponseBase:
        raise HostingError("not_found.endpoint")

    post = put = patch = delete = get


def _own_file(caller: Caller, url: str) -> HostedFile:
    """The caller's file behind its direct link."""
    path = url.removeprefix(settings.FILES_URL)
    # The path identifies the file, whatever the site's name was when the link was made.
    stored = links.locate(urlsplit(path).path.strip("/"))
    if stored is None or not _is_of(caller, stored.file):
        raise HostingError("not_found.url", param="url")
    return stored.file


def _is_of(caller: Caller, file: HostedFile) -> bool:
    """Whether the file is the caller's own, and of the key's stage: no test ends what is live."""
    member = caller.user
    is_own = member is not None and file.owner_id == member.pk and file.is_test == caller.is_test
    # What moderators withhold does not exist for its owner.
    return is_own and not file.withheld
