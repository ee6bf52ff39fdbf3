"""DialectView: what every API dialect's views have in common.

Parse, one domain call, present; any exception in between becomes a Problem, and the dialect's own
`errors.render` makes its answer. A dialect declares where its key is and its renderer; nothing else here
depends on a dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import client_ip, keys, rates
from accounts.counting import Left
from accounts.keys import Caller
from hosting.api import body
from hosting.api.body import Body
from hosting.api.engines import ENGINE
from hosting.api.problems import LIMIT_HEADERS, Problem, from_exception, limit_headers
from hosting.errors import HostingError, no_turn
from hosting.storage import objects


class OneRenderer(BaseContentNegotiation):
    """The dialect says what is sent; a client's Accept header changes nothing."""

    def select_parser(self, request: Request, parsers: Any) -> None:
        return None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


# DRF's stubs promise DRF's Response everywhere; DRF itself takes any of Django's.
# mypy: disable-error-code="override, arg-type"


# The scope of what takes no key.
OPEN = "open"


class DialectView(APIView):
    """The base of every API view."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OneRenderer

    # Where this dialect's clients put the key, the strongest first.
    key_headers: ClassVar[tuple[str, ...]] = ("X-API-Key",)
    key_fields: ClassVar[tuple[str, ...]] = ("key",)
    # What a key must be allowed, by method; OPEN where the address takes no key. HEAD is GET, OPTIONS is open.
    scopes: ClassVar[Mapping[str, str]] = {}
    # The methods that begin work: an upload, a processing call, a job.
    works: ClassVar[frozenset[str]] = frozenset()
    # The remaining work that the caller may begin, once this request has been counted.
    left: Left | None = None
    # What an unforeseen fault may be answered by, once the body could be read.
    body: Body
    _known: tuple[str, Caller] | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read the body before anything else: every way of saying something may be in it."""
        self.refuse_other_methods(request)
        refuse_without_turn(request)
        super().initial(request, *args, **kwargs)
        # Before the body is read: what is refused costs little.
        secret = self.offered(request) if str(request.method) in self.works else ""
        if secret and self._known is None:
            self._known = secret, self._admitted(request, secret)
        self.body = body.read(request._request)

    def refuse_other_methods(self, request: Request) -> None:
        """Raise MethodNotAllowed where the address has no such method, whatever the caller and the body."""
        if str(request.method) not in self.allowed_methods:
            self.http_method_not_allowed(request)

    def render_problem(self, problem: Problem) -> HttpResponseBase:
        """The dialect's answer to `problem`."""
        raise NotImplementedError

    def caller(self, request: Request) -> Caller:
        """The caller, by the key where the dialect's clients put it. Raises NoKey or InvalidKey."""
        secret = self._in_header(request) or self.body.text(*self.key_fields)
        if self._known is not None and self._known[0] == secret:
            return self._known[1]
        return self._admitted(request, secret)

    def offered(self, request: Request) -> str:
        """The key in a header or in the query, which are there before the body is; or ""."""
        query = body.query_of(request._request)
        named = [query.get(name, "").strip() for name in self.key_fields]
        return self._in_header(request) or next(filter(None, named), "")

    def _in_header(self, request: Request) -> str:
        offered = [request.headers.get(name, "").strip() for name in self.key_headers]
        return next(filter(None, offered), "")

    def _admitted(self, request: Request, secret: str) -> Caller:
        caller = self.admit(request, secret)
        self.refuse_work(request, caller)
        return caller

    def admit(self, request: Request, secret: str) -> Caller:
        """The holder of `secret`, where its scopes allow this request. Every dialect's keys go through here.

        Raises NoKey, InvalidKey, GuestsRefused or MissingScope.
        """
        caller = keys.identify(secret, client_ip.address_of(request._request))
        method = str(request.method).lower()
        # A view that names no scope for its method lets no key in: a test finds it first.
        scope = self.scopes["get" if method == "head" else method]
        if scope != OPEN:
            caller.require(scope)
        return caller

    def refuse_work(self, request: Request, caller: Caller) -> None:
        """Raise what keeps `caller` from beginning any work now, where that is what the request is for."""
        if str(request.method) in self.works:
            objects.refuse_if_disk_low()
            address = client_ip.address_of(request._request)
            self.left = rates.refuse_if_spent(caller, address)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:
        problem = from_exception(exc)
        response = self.render_problem(problem)
        for name, value in problem.headers.items():
            response[name] = value
        if isinstance(exc, exceptions.MethodNotAllowed):
            response["Allow"] = ", ".join(self.allowed_methods)
        return response

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Pages of other sites may use the APIs with a key that they were given: there are no cookies in it."""
        return HttpResponse(status=204)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Headers"] = "*"
        response["Access-Control-Allow-Methods"] = ", ".join(self.allowed_methods)
        response["Access-Control-Expose-Headers"] = f"{LIMIT_HEADERS}, {ENGINE}"
        if self.left is not None and not response.has_header("RateLimit-Limit"):
            for name, value in limit_headers(
                self.left.limit, self.left.remaining, self.left.seconds
            ).items():
                response[name] = value
        return response


# What scripts send where they have nothing to say.
NOTHING = frozenset({"", "null", "undefined"})


def text_flag(body: Body, name: str) -> bool:
    """A 0/1 parameter; absent and empty are 0. Raises HostingError for anything else."""
    match body.text(name).lower():
        case "0" | "false":
            return False
        case "1" | "true":
            return True
        case word if word in NOTHING:
            return False
        case _:
            raise HostingError("invalid_{name}.flag", name=name)


def refuse_without_turn(request: Request) -> None:
    """Raise HostingError where the web server had no turn for a request that works on pictures."""
    if error := no_turn(request._request):
        raise error
