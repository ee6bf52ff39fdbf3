"""The views of the account: `/api/v2/account…`."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts import events, keys
from accounts.models import AccountEvent, ApiKey
from accounts.scopes import ACCOUNT, READ
from hosting.api.native import fields
from hosting.api.native.account import requests, responses
from hosting.api.native.account.responses import AccountObject, CreatedKey, KeyObject
from hosting.api.native.view import NativeView
from hosting.catalogue.listing import ORDERS
from hosting.errors import HostingError

# mypy: disable-error-code="override"


class Account(NativeView):
    """`GET /account`: limits and usage."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": READ}
    answers = {"get": (200, AccountObject)}

    def get(self, request: Request) -> HttpResponseBase:
        return JsonResponse(responses.account(self.requester.caller, self.requester.member()))


class KeyView(NativeView):
    """The base: a test key knows of test keys alone."""

    @property
    def own(self) -> QuerySet[ApiKey]:
        rows = ApiKey.objects.filter(user=self.requester.member())
        return rows.filter(kind=ApiKey.Kind.TEST) if self.requester.caller.is_test else rows


class Keys(KeyView):
    """`/account/keys`: make, and list."""

    http_method_names = ["get", "head", "post", "options"]
    scopes = {"get": READ, "post": ACCOUNT}
    accepts = {"get": fields.PageQuery, "post": requests.NewKey}
    answers = {"get": (200, KeyObject), "post": (201, CreatedKey)}
    lists = frozenset({"get"})
    shown_once = frozenset({"secret"})
    asks_again = frozenset({"post"})

    def get(self, request: Request) -> HttpResponseBase:
        own, values = self.own, self.values
        found, links = self.page(own, values, ORDERS["recent"])
        return self.many(found, links)

    def post(self, request: Request) -> HttpResponseBase:
        member, values = self.requester.member(), self.values
        if self.requester.caller.is_test and values["kind"] != ApiKey.Kind.TEST:
            raise HostingError("forbidden.test_key", param="kind")
        if ApiKey.objects.filter(user=member, revoked_at=None).count() >= requests.MOST_KEYS:
            raise HostingError("too_many_keys", number=requests.MOST_KEYS)
        maker = self.requester.caller.key
        key, secret = keys.create(member, made_by=maker, **values)
        events.record(member, AccountEvent.Kind.KEY_MADE, request._request, str(key))
        return self.one(key, status=201, location=f"/api/v2/account/keys/{key.pk}", secret=secret)


class OneKey(KeyView):
    """`/account/keys/{id}`: look, and revoke."""

    http_method_names = ["get", "head", "delete", "options"]
    scopes = {"get": READ, "delete": ACCOUNT}
    answers = {"get": (200, KeyObject), "delete": (204, None)}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        return self.one(self._find(id))

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        key = self._find(id)
        self.check_version(key, KeyObject)
        keys.revoke(key)
        events.record(key.user, AccountEvent.Kind.KEY_REVOKED, request._request, str(key))
        return HttpResponse(status=204)

    def _find(self, id: str) -> ApiKey:
        if (key := self.own.filter(pk=int(id)).first()) is None:
            raise HostingError("not_found.key")
        return key
