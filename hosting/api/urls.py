"""DIALECTS: every API that the site speaks, each with its own addresses from the root."""

from django.urls import include, path

from hosting.api.dialects import DIALECTS

# What describes them stands first: `/api/…` is a Chevereto address.
urlpatterns = [
    path("", include("hosting.api.schema.urls")),
    *(path("", include(urls)) for urls in DIALECTS.values()),
]
