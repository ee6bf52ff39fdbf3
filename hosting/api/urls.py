"""DIALECTS: every API that the site speaks, each with its own addresses from the root."""

from django.urls import include, path

DIALECTS = {
    "chevereto": "hosting.api.chevereto.urls",
    "imghippo": "hosting.api.imghippo.urls",
}

urlpatterns = [path("", include(urls)) for urls in DIALECTS.values()]
