"""The addresses of Imghippo's API."""

from django.urls import re_path

from hosting.api.imghippo.operations import OPERATIONS
from hosting.api.imghippo.views import Delete, Process, Unknown, Upload

NAMES = "|".join(OPERATIONS)

urlpatterns = [
    re_path(r"^v1/upload/?$", Upload.as_view(), name="imghippo-upload"),
    re_path(r"^v1/delete/?$", Delete.as_view(), name="imghippo-delete"),
    re_path(rf"^v1/(?P<name>{NAMES})/?$", Process.as_view(), name="imghippo-process"),
    re_path(r"^v1(?:/[\s\S]*)?$", Unknown.as_view()),
]
