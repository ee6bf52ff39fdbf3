"""The views of webhooks and their log: `/api/v2/webhooks…`."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts import events
from accounts.models import AccountEvent
from accounts.scopes import EDIT, READ
from hosting.api.native import fields
from hosting.api.native.view import NativeView
from hosting.api.native.webhooks import requests
from hosting.api.native.webhooks.responses import CreatedWebhook, DeliveryObject, WebhookObject
from hosting.catalogue.listing import ORDERS
from hosting.errors import HostingError
from hosting.models import Delivery, Webhook
from hosting.webhooks import registration, sending

# mypy: disable-error-code="override"


class WebhookView(NativeView):
    """The base: webhooks are there for their owner alone, of the key's stage."""

    @property
    def own(self) -> QuerySet[Webhook]:
        return Webhook.objects.standing().filter(
            owner=self.requester.member(), is_test=self.requester.caller.is_test
        )

    def find(self, id: str) -> Webhook:
        """The member's webhook of this id."""
        if (webhook := self.own.filter(public_id=id).first()) is None:
            raise HostingError("not_found.webhook")
        return webhook


class Webhooks(WebhookView):
    """`/webhooks`: make, and list."""

    http_method_names = ["get", "head", "post", "options"]
    scopes = {"get": READ, "post": EDIT}
    accepts = {"get": fields.PageQuery, "post": requests.NewWebhook}
    answers = {"get": (200, WebhookObject), "post": (201, CreatedWebhook)}
    lists = frozenset({"get"})
    shown_once = frozenset({"secret"})
    asks_again = frozenset({"post"})

    def get(self, request: Request) -> HttpResponseBase:
        own, values = self.own, self.values
        found, links = self.page(own, values, ORDERS["recent"])
        return self.many(found, links)

    def post(self, request: Request) -> HttpResponseBase:
        member = self.requester.member()
        caller = self.requester.caller
        webhook = registration.create(
            member, is_test=caller.is_test, made_by=caller.key, **self.values
        )
        events.record(member, AccountEvent.Kind.WEBHOOK_MADE, request._request, webhook.url)
        return self.one(webhook, status=201, location=f"/api/v2/webhooks/{webhook.public_id}")


class OneWebhook(WebhookView):
    """`/webhooks/{id}`."""

    http_method_names = ["get", "head", "patch", "delete", "options"]
    scopes = {"get": READ, "patch": EDIT, "delete": EDIT}
    asks_again = frozenset({"patch"})
    accepts = {"patch": requests.WebhookChanges}
    answers = {"get": (200, WebhookObject), "patch": (200, WebhookObject), "delete": (204, None)}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        return self.one(self.find(id))

    def patch(self, request: Request, id: str) -> HttpResponseBase:
        webhook = self.find(id)
        self.check_version(webhook, WebhookObject)
        webhook = registration.edit(webhook, self.values, changed_by=self.requester.caller.key)
        events.record(
            webhook.owner, AccountEvent.Kind.WEBHOOK_CHANGED, request._request, webhook.url
        )
        return self.one(webhook)

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        webhook = self.find(id)
        self.check_version(webhook, WebhookObject)
        webhook.delete()
        return HttpResponse(status=204)


class Deliveries(WebhookView):
    """`GET /webhooks/{id}/deliveries`: the log."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": READ}
    accepts = {"get": fields.PageQuery}
    answers = {"get": (200, DeliveryObject)}
    lists = frozenset({"get"})

    def get(self, request: Request, id: str) -> HttpResponseBase:
        rows, values = Delivery.objects.filter(webhook=self.find(id)), self.values
        found, links = self.page(rows, values, ORDERS["recent"])
        return self.many(found, links)


class Redeliver(WebhookView):
    """`POST /webhooks/{id}/deliveries/{delivery}/redeliver`."""

    http_method_names = ["post", "options"]
    scopes = {"post": EDIT}
    answers = {"post": (202, DeliveryObject)}

    def post(self, request: Request, id: str, delivery: str) -> HttpResponseBase:
        row = Delivery.objects.filter(webhook=self.find(id), public_id=delivery).first()
        if row is None:
            raise HostingError("not_found.delivery")
        return self.one(sending.redeliver(row), status=202)
