"""Every address of the site, put together from the apps."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("hosting.api.urls")),
    path("", include("hosting.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
