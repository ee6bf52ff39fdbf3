"""The views of ImgSmaller's API."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts import client_ip, quotas
from accounts.errors import InvalidKey
from accounts.models import User
from accounts.scopes import PROCESS, READ
from hosting.api.imgsmaller import errors, requests, responses
from hosting.api.imgsmaller.responses import Polled
from hosting.api.problems import Problem
from hosting.api.view import OPEN, DialectView
from hosting.delivery.links import Stored
from hosting.delivery.responses import attachment, respond
from hosting.errors import HostingError
from hosting.files.limits import limits_for
from hosting.files.options import ResultOptions
from hosting.jobs import queue
from hosting.models import HostedFile, Job, Privacy
from hosting.storage import paths

KIND = "compress"
COMPRESSIONS = Job.objects.filter(kind=KIND).select_related("result", "result__album")
# What the answer of a poll is made of, in the order of Polled; whole rows took five times as long.
POLLED = Job.objects.filter(kind=KIND).order_by().values_list(
    "state", "number", "parameters", "outcome", "error_message",
    "result__size", "result__format", "result__expires_at", "result__is_approved",
)  # fmt: skip


class ImgSmallerView(DialectView):
    """The base of this dialect's views: where the key is, and how problems are presented."""

    key_fields = ("api_key",)

    def render_problem(self, problem: Problem) -> HttpResponseBase:
        status, answer = errors.render(problem)
        return JsonResponse(answer, status=status)


class Info(ImgSmallerView):
    """`GET /api/v1/info`."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": READ}

    def get(self, request: Request) -> HttpResponseBase:
        user = _member(self.caller(request).user)
        return JsonResponse(responses.info(quotas.compressions_today(user)))


class Compress(ImgSmallerView):
    """`POST /api/v1/compress`."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request) -> HttpResponseBase:
        caller = self.caller(request)
        user = _member(caller.user)
        output, target = requests.output_of(self.body), requests.target_of(self.body)
        quotas.refuse_if_none_left(user)
        source = requests.source_of(self.body, user, limits_for(caller))
        job = queue.submit(
            caller,
            KIND,
            source,
            {"format": requests.OUTPUTS[output], "output": output, "target": target},
            ResultOptions(
                folder=paths.COMPRESSED,
                kind="compressed",
                filename=source.filename,
                privacy=Privacy.PRIVATE,
                seconds=settings.JOB_KEEP_SECONDS,
                ip=client_ip.address_of(request._request),
            ),
            within=partial(quotas.count_compression, user),
        )
        return JsonResponse(responses.queued(job), status=202)


class Result(ImgSmallerView):
    """`GET /result/{key}`: cheap, since it is asked again and again."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": OPEN}

    def get(self, request: Request, key: str) -> HttpResponseBase:
        row = next(iter(POLLED.filter(key=key)[:1]), None)
        if row is None:
            raise HostingError("not_found.result")
        job = Polled(*row)
        if job.state in Job.UNFINISHED:
            return JsonResponse(responses.processing())
        if job.state != Job.State.DONE:
            return JsonResponse(responses.failed(job))
        if not job.is_there:
            raise _gone()
        return JsonResponse(responses.done(job))


class Download(ImgSmallerView):
    """`GET /download/{id}`: the picture, to be saved under its name."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": OPEN}

    def get(self, request: Request, number: int) -> HttpResponseBase:
        job = COMPRESSIONS.filter(number=number).first()
        if job is None:
            raise HostingError("not_found.image")
        file = _result_of(job)
        try:
            response = respond(request._request, Stored.of(file))
        except FileNotFoundError as error:
            raise _gone() from error
        response["Content-Disposition"] = attachment(file)
        return response


class Unknown(ImgSmallerView):
    """Every other address below `/api/v1/`."""

    scopes = dict.fromkeys(("get", "post", "put", "patch", "delete"), OPEN)

    def get(self, request: Request) -> HttpResponseBase:
        raise HostingError("not_found.endpoint")

    post = put = patch = delete = get


def _member(user: User | None) -> User:
    """The account whose limits hold: the guest key has none, and so opens nothing here."""
    if user is None:
        raise InvalidKey
    return user


def _result_of(job: Job) -> HostedFile:
    file = job.result
    if file is None or file.is_expired or not file.is_approved:
        raise _gone()
    return file


def _gone() -> HostingError:
    return HostingError("not_found.expired")
