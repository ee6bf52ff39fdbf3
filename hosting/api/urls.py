"""The addresses of every API of DIALECTS, and of the documents that describe them."""

from django.urls import include, path

from hosting.api.dialects import by_precedence

# Their descriptions come first: `/api/…` is a Chevereto address.
urlpatterns = [
    path("", include("hosting.api.schema.urls")),
    *(path("", include(f"hosting.api.{name}.urls")) for name in by_precedence()),
]
