"""The addresses of the pages and of the bytes."""

from django.urls import path, re_path

from hosting.views.health import health
from hosting.views.media import media

# The first words of direct links: where files lie by where they came from.
FOLDERS = "images|files|compressed|converted"

urlpatterns = [
    path("healthz", health, name="health"),
    re_path(rf"^(?P<path>(?:{FOLDERS})/.+)$", media, name="media"),
]
