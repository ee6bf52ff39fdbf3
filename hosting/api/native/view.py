"""NativeView: what this API's views share: callers, parameters, and the form of objects and lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts import client_ip, rates
from accounts.errors import AccountSuspended, NoKey
from accounts.keys import Caller
from accounts.models import User
from accounts.rates import Window
from hosting.api.engines import ENGINE
from hosting.api.native import errors, idempotency, payload
from hosting.api.native.access import Requester
from hosting.api.native.authentication import (
    KEYS,
    PROOF,
    SAFE,
    proofs,
    refuse_forged,
    refuse_if_not_recent,
)
from hosting.api.native.fields import Nothing
from hosting.api.native.idempotency import (
    KEPT_HEADERS,
    LONGEST_KEY,
    REPLAYED,
    Answer,
    Replayed,
    Turn,
)
from hosting.api.native.payload import Payload
from hosting.api.native.versions import names, tag_of
from hosting.api.problems import Problem, limit_headers
from hosting.api.view import OPEN, DialectView, refuse_without_turn
from hosting.catalogue import listing
from hosting.catalogue.listing import Order
from hosting.delivery.links import absolute
from hosting.error_messages import translated
from hosting.errors import HostingError

# mypy: disable-error-code="override, type-arg"

# What scripts of other sites may send and read; an asterisk does not cover Authorization.
SENT = f"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-API-Key, X-CSRFToken, {PROOF}"
READ = (
    "ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
    f"Content-Language, {REPLAYED}, {ENGINE}"
)

Row = TypeVar("Row", bound=Model)
# The status and the serializer of a method's answer; None for an answer without a body.
Shape = tuple[int, type[Serializer] | None]


class NativeView(DialectView):
    """The base of this API's views.

    accepts: what a method reads, from the query for GET and DELETE, from the body for the others. answers: what
    it returns. lists: the methods that return a page of such objects.
    """

    accepts: ClassVar[Mapping[str, type[Serializer]]] = {}
    answers: ClassVar[Mapping[str, Shape]] = {}
    lists: ClassVar[frozenset[str]] = frozenset()
    # Members of an answer that are shown only once, and so are null in a replay.
    shown_once: ClassVar[frozenset[str]] = frozenset()
    # The methods that ask a session for the password again where it was not given recently.
    asks_again: ClassVar[frozenset[str]] = frozenset()
    # Whether its requests count to those that a key may make in a minute.
    is_counted: ClassVar[bool] = True

    requester: Requester
    visitor: object = None
    payload: Payload = Payload()
    window: Window | None = None
    turn: Turn | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Keep the signed-in user: DRF, which does not authenticate here, removes it from the request."""
        super().setup(request, *args, **kwargs)
        self.visitor = getattr(request, "user", None)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Identify and count the caller before the body is read: refusals stay cheap."""
        self.refuse_other_methods(request)
        refuse_without_turn(request)
        APIView.initial(self, request, *args, **kwargs)
        if request.method == "OPTIONS":
            return
        plain = request._request
        caller, has_key = self._identify(request, plain)
        self.requester = Requester(
            caller,
            has_key,
            client_ip.address_of(plain),
            proofs(request, plain, with_session=not has_key),
        )
        self.refuse_work(request, caller)
        if request.method not in SAFE | {"DELETE"}:
            self.read(plain)
        if request.method == "POST":
            self._begin(request)

    def read(self, plain: HttpRequest) -> None:
        """Read the body. Raises NoKey for more than anybody may send, and what `payload.read` raises."""
        if (
            self.requester.caller.is_guest
            and not self.requester.has_key
            and payload.is_large(plain)
        ):
            raise NoKey
        self.payload = payload.read(plain)

    def _identify(self, request: Request, plain: HttpRequest) -> tuple[Caller, bool]:
        """The caller: by the key where there is one, otherwise by the session of the site's pages."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        if secret := bearer or request.headers.get("X-API-Key", "").strip():
            caller = self.admit(request, secret)
            # What begins work counts as work, of which more may come in a minute.
            if caller.key is not None and self.is_counted and request.method not in self.works:
                self.window = rates.count_request(caller.key, rates.limit_of(caller))
                self.window.refuse_if_spent()
            return caller, True
        if not isinstance(self.visitor, User):
            return Caller(user=None), False
        if self.visitor.suspended_at is not None:
            raise AccountSuspended
        if request.method not in SAFE:
            refuse_forged(plain)
        if self.verb in self.asks_again:
            # DRF, which does not authenticate here, has removed the user from the request.
            plain.user = self.visitor
            refuse_if_not_recent(plain)
        return Caller(user=self.visitor), False

    def _begin(self, request: Request) -> None:
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            return
        if len(key) > LONGEST_KEY:
            raise HostingError("invalid_idempotency_key")
        caller, path = self.requester.caller, request.get_full_path()
        who = (
            f"user {caller.user.pk} {caller.is_test}"
            if caller.user
            else f"guest {self.requester.ip}"
        )
        scope = hashlib.sha256(
            f"{who}\n{request.path}\n{key}".encode("utf-8", "replace")
        ).hexdigest()
        said = hashlib.sha256(f"{path}\n{self.payload.digest()}".encode()).hexdigest()
        match idempotency.begin(scope, said, caller.user):
            case Answer() as answer:
                raise Replayed(answer)
            case Turn() as turn:
                self.turn = turn

    @property
    def verb(self) -> str:
        """The method, in the words of the tables: a HEAD is a GET without its body."""
        method = str(self.request.method).lower()
        return "get" if method == "head" else method

    @property
    def values(self) -> dict[str, Any]:
        """What the request says, as `accepts` reads it. Raises InvalidParameters."""
        kind = self.accepts.get(self.verb, Nothing)
        if self.verb in {"get", "delete"}:
            return payload.parse_query(kind, self.request._request.GET)
        return payload.parse(kind, self.payload.values(kind))

    def one(
        self, thing: Any, *, status: int = 200, location: str = "", **context: Any
    ) -> HttpResponseBase:
        """Answer with one thing, in the form in `answers`, and its version; 304 where the requester has it."""
        shape = self.answers[self.verb][1]
        assert shape is not None  # noqa: S101, the table says otherwise
        answer = shape(thing, context={"requester": self.requester, **context}).data
        tag = tag_of(answer, shape)
        if self.request.method in SAFE and names(self.request.headers.get("If-None-Match"), tag):
            response: HttpResponse = HttpResponse(status=304)
        else:
            response = JsonResponse(answer, status=status)
        response["ETag"] = tag
        if location:
            response["Location"] = absolute(location)
        return response

    def check_version(self, thing: Any, shape: type[Serializer], **context: Any) -> None:
        """Raise HostingError where If-Match names another version than that of `thing`."""
        wanted = self.request.headers.get("If-Match")
        if wanted is None:
            return
        # Weak tags never match here (RFC 9110, 13.1.1).
        strong = ",".join(tag for tag in wanted.split(",") if not tag.strip().startswith("W/"))
        values = shape(thing, context={"requester": self.requester, **context}).data
        if not names(strong, tag_of(values, shape)):
            raise HostingError("precondition_failed")

    def page(
        self, rows: QuerySet[Row], values: Mapping[str, Any], order: Order
    ) -> tuple[list[Row], dict[str, str | None]]:
        """The rows of the page that was asked for, and the links to those beside it. Raises HostingError."""
        found = listing.page(
            rows, cursor=values.get("cursor", ""), size=values["size"], order=order
        )
        return found.items, {"next": self._link(found.next), "previous": self._link(found.previous)}

    def many(
        self, things: list[Any], links: Mapping[str, str | None] | None = None, **context: Any
    ) -> HttpResponseBase:
        """Answer with several things."""
        shape = self.answers[self.verb][1]
        assert shape is not None  # noqa: S101, the table says otherwise
        data = shape(things, many=True, context={"requester": self.requester, **context}).data
        return JsonResponse({"data": data, "links": links or {"next": None, "previous": None}})

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = self.request._request.GET.copy()
        query["cursor"] = cursor
        return absolute(f"{self.request.path}?{query.urlencode()}")

    def say(self, message: str) -> str:
        """A refusal in the reader's language where a page of the site asks, in English for programs."""
        headers = self.request.headers
        language = getattr(self.request._request, "reader_language", None)
        if language is None or "X-CSRFToken" not in headers or KEYS & set(headers):
            return message
        with translation.override(language):
            return translated(message)

    def render_problem(self, problem: Problem) -> HttpResponseBase:
        sent = next((way for way in errors.WAYS if way in self.payload.names), errors.SOURCE)
        status, answer = errors.render(problem, sent)
        if (values := self.say(problem.message)) != problem.message:
            answer["detail"] = values
        response = JsonResponse(answer, status=status, content_type=errors.MEDIA_TYPE)
        if status == 401:
            response["WWW-Authenticate"] = "Bearer"
        return response

    def handle_exception(self, exc: Exception) -> HttpResponseBase:
        if isinstance(exc, Replayed):
            answer = exc.answer
            response = HttpResponse(answer.body, "application/json", answer.status)
            for name, value in {**answer.headers, REPLAYED: "true"}.items():
                response[name] = value
            return response
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Headers"] = SENT
        response["Access-Control-Expose-Headers"] = READ
        response["Vary"] = "Authorization, X-API-Key, Cookie"
        if response.has_header("ETag") and request.method in SAFE:
            response["Cache-Control"] = "private, no-cache"
        if (window := self.window) is not None:
            values = limit_headers(window.limit, window.remaining, window.seconds)
            for name, value in values.items():
                response.headers.setdefault(name, value)
        if self.turn is not None:
            self._keep(self.turn, response)
        return response

    def _keep(self, turn: Turn, response: HttpResponseBase) -> None:
        """Keep a successful answer for repeated requests; a failed request may be tried again."""
        if not isinstance(response, HttpResponse) or not 200 <= response.status_code < 300:
            idempotency.release(turn)
            return
        body = response.content.decode()
        if self.shown_once and body:
            body = json.dumps({**json.loads(body), **dict.fromkeys(self.shown_once)})
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        idempotency.finish(turn, Answer(response.status_code, headers, body))


class Unknown(NativeView):
    """Every other address below `/api/v2`; a mistyped address does not count as a request."""

    is_counted = False
    scopes = dict.fromkeys(("get", "post", "put", "patch", "delete"), OPEN)

    def get(self, request: Request, **_: Any) -> HttpResponseBase:
        raise HostingError("not_found.address")

    post = put = patch = delete = get
