"""The views of Chevereto's API 1.1 and of ImgBB's."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.scopes import UPLOAD
from hosting.api.body import Body, query_of
from hosting.api.chevereto import errors, requests, responses
from hosting.api.chevereto.requests import CHEVERETO, IMGBB, Style
from hosting.api.problems import Problem
from hosting.api.view import OPEN, DialectView
from hosting.delivery.links import absolute, url_of
from hosting.errors import Duplicate, HostingError
from hosting.files.limits import limits_for
from hosting.files.uploads import accept
from hosting.models import HostedFile


class Upload(DialectView):
    """`/api/1/upload`."""

    style: ClassVar[Style] = CHEVERETO
    http_method_names = ["get", "post", "options"]
    works = frozenset({"GET", "POST"})
    scopes = {"get": UPLOAD, "post": UPLOAD}

    def post(self, request: Request) -> HttpResponseBase:
        caller = self.caller(request)
        plain: HttpRequest = request._request
        limit = limits_for(caller).bytes
        options = requests.options_of(self.body, caller, plain, self.style)
        source = requests.source_of(self.body, caller, method=request.method or "", max_bytes=limit)
        accepted = accept(caller, source, options)
        file = accepted.file
        delete_url = absolute(f"{file.short_path}/delete/{accepted.delete_token}")
        match requests.answer_format(self.body):
            case "txt":
                link = responses.image(file, None).get("url", absolute(file.viewer_path))
                return HttpResponse(link, content_type="text/plain; charset=utf-8")
            case "redirect":
                return HttpResponse(status=302, headers={"Location": file.viewer_path})
            case _:
                return JsonResponse(self.success(file, delete_url))

    get = post

    def success(self, file: HostedFile, delete_url: str) -> responses.Answer:
        """The JSON answer for a stored file, in the words that the request used."""
        if requests.is_imgbb(self.body):
            return responses.mixed_success(responses.imgbb_image(file, delete_url))
        return responses.success(responses.image(file, delete_url))

    def render_problem(self, problem: Problem) -> HttpResponseBase:
        if not hasattr(self, "body"):
            # What made the request unreadable may be the query itself.
            unreadable = isinstance(problem.cause, SuspiciousOperation)
            query = {} if unreadable else query_of(self.request._request)
            self.body = Body(iter(()), query)
        body = self.body
        status, values = errors.render(problem)
        if requests.answer_format(body) != "json":
            message = values["error"]["message"]
            response = HttpResponse(
                message, status=status, content_type="text/plain; charset=utf-8"
            )
            if isinstance(problem.cause, Duplicate):
                response["Link"] = f'<{url_of(problem.cause.file)}>; rel="duplicate"'
            return response
        if isinstance(problem.cause, Duplicate):
            # The existing picture, so that the client still gets its links.
            file = problem.cause.file
            if requests.is_imgbb(body):
                values["data"] = responses.imgbb_image(file, None)
            else:
                values["image"] = responses.image(file, None)
        return JsonResponse(values, status=status)


class ImgbbUpload(Upload):
    """`/1/upload`."""

    style = IMGBB

    def success(self, file: HostedFile, delete_url: str) -> responses.Answer:
        return responses.imgbb_success(responses.imgbb_image(file, delete_url))


class Unknown(Upload):
    """Every other address below `/api/{version}/`, for versions that are numbers."""

    http_method_names = ["get", "post", "put", "patch", "delete", "options"]
    works = frozenset()
    scopes = {"get": OPEN, "post": OPEN, "put": OPEN, "patch": OPEN, "delete": OPEN}

    def post(
        self, request: Request, version: str = "", action: str = "", **kwargs: Any
    ) -> HttpResponseBase:
        if not version:
            raise HostingError("no_version")
        if version != "1":
            raise HostingError("invalid_version")
        if not action:
            raise HostingError("no_action")
        raise HostingError("invalid_action")

    get = put = patch = delete = post
