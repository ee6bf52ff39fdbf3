"""The addresses of ImgSmaller's API."""

from django.urls import re_path

from hosting.api.imgsmaller.views import Compress, Download, Info, Result, Unknown

urlpatterns = [
    re_path(r"^api/v1/info/?$", Info.as_view(), name="imgsmaller-info"),
    re_path(r"^api/v1/compress/?$", Compress.as_view(), name="imgsmaller-compress"),
    re_path(r"^result/(?P<key>[0-9A-Za-z]{1,64})/?$", Result.as_view(), name="imgsmaller-result"),
    re_path(r"^result(?:/[\s\S]*)?$", Unknown.as_view()),
    re_path(r"^download/(?P<number>\d{1,16})/?$", Download.as_view(), name="imgsmaller-download"),
    re_path(r"^download(?:/[\s\S]*)?$", Unknown.as_view()),
    re_path(r"^api/v1(?:/[\s\S]*)?$", Unknown.as_view()),
]
