"""The views of what files are sorted by: `/api/v2/categories…` and `/api/v2/tags`."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.scopes import READ
from hosting.api.native.taxonomy import requests
from hosting.api.native.taxonomy.responses import CategoryObject, TagObject
from hosting.api.native.view import NativeView
from hosting.catalogue.listing import Order
from hosting.errors import HostingError
from hosting.files import tags
from hosting.models import Category, HostedFile, Tag

# mypy: disable-error-code="override"


class Categories(NativeView):
    """`GET /categories`: all of them, by name."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": READ}
    answers = {"get": (200, CategoryObject)}
    lists = frozenset({"get"})

    def get(self, request: Request) -> HttpResponseBase:
        return self.many(list(Category.objects.order_by("name")))


class OneCategory(NativeView):
    """`GET /categories/{id or url_key}`."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": READ}
    answers = {"get": (200, CategoryObject)}

    def get(self, request: Request, name: str) -> HttpResponseBase:
        try:
            return self.one(requests.category_of(name))
        except HostingError as error:
            raise HostingError("not_found.category") from error


class Tags(NativeView):
    """`GET /tags`: the newest of files that everybody may see, or those that begin with q."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": READ}
    accepts = {"get": requests.TagQuery}
    answers = {"get": (200, TagObject)}
    lists = frozenset({"get"})

    def get(self, request: Request) -> HttpResponseBase:
        values = self.values
        if "q" in values:
            return self.many(
                [
                    {"name": name}
                    for name in tags.beginning_with(
                        values["q"], self.requester.caller.user, values["size"]
                    )
                ]
            )
        listed = HostedFile.objects.listed().filter(tags=OuterRef("pk"))
        found, links = self.page(
            Tag.objects.filter(Exists(listed)), values, Order("created_at", dated=True)
        )
        return self.many(found, links)
