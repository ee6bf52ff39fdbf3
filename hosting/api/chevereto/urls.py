"""The addresses of Chevereto's API 1.1 and of ImgBB's."""

from django.urls import re_path

from hosting.api.chevereto.views import ImgbbUpload, Unknown, Upload

urlpatterns = [
    re_path(r"^api/1(?:\.1)?/upload/?$", Upload.as_view(), name="chevereto-upload"),
    re_path(r"^1/upload/?$", ImgbbUpload.as_view(), name="imgbb-upload"),
    re_path(r"^api/(?P<version>\d[\d.]*)(?:/(?P<action>[\s\S]*))?$", Unknown.as_view()),
    re_path(r"^(?P<version>1)/(?P<action>[\s\S]*)$", Unknown.as_view()),
    re_path(r"^api/?$", Unknown.as_view()),
]
