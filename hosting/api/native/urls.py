"""The addresses of the native API."""

from django.urls import URLPattern, re_path

from hosting.api.native.account.views import Account, Keys, OneKey
from hosting.api.native.albums.views import Albums, OneAlbum, Unlock
from hosting.api.native.files.views import Bulk, File, Files, Like, Replace, Rotate
from hosting.api.native.jobs.views import Jobs, OneJob, Retry
from hosting.api.native.taxonomy.views import Categories, OneCategory, Tags
from hosting.api.native.uploads.views import OneUpload, Uploads
from hosting.api.native.view import NativeView, Unknown
from hosting.api.native.webhooks.views import Deliveries, OneWebhook, Redeliver, Webhooks

ID = "(?P<id>[A-Za-z0-9]{11,24})"


def _at(path: str, view: type[NativeView], name: str) -> URLPattern:
    return re_path(rf"^api/v2/{path}/?\Z", view.as_view(), name=f"native-{name}")


urlpatterns = [
    _at("files", Files, "files"),
    _at("files/bulk", Bulk, "files-bulk"),
    _at(f"files/{ID}", File, "file"),
    _at(f"files/{ID}/rotate", Rotate, "file-rotate"),
    _at(f"files/{ID}/replace", Replace, "file-replace"),
    _at(f"files/{ID}/like", Like, "file-like"),
    _at("albums", Albums, "albums"),
    _at(f"albums/{ID}", OneAlbum, "album"),
    _at(f"albums/{ID}/unlock", Unlock, "album-unlock"),
    _at("categories", Categories, "categories"),
    _at(r"categories/(?P<name>[-\w]{1,32})", OneCategory, "category"),
    _at("tags", Tags, "tags"),
    _at("jobs", Jobs, "jobs"),
    _at(f"jobs/{ID}", OneJob, "job"),
    _at(f"jobs/{ID}/retry", Retry, "job-retry"),
    _at("uploads", Uploads, "uploads"),
    _at(f"uploads/{ID}", OneUpload, "partial-upload"),
    _at("account", Account, "account"),
    _at("account/keys", Keys, "keys"),
    _at(r"account/keys/(?P<id>\d{1,18})", OneKey, "key"),
    _at("webhooks", Webhooks, "webhooks"),
    _at(f"webhooks/{ID}", OneWebhook, "webhook"),
    _at(f"webhooks/{ID}/deliveries", Deliveries, "deliveries"),
    _at(
        f"webhooks/{ID}/deliveries/(?P<delivery>[A-Za-z0-9]{{11,24}})/redeliver",
        Redeliver,
        "redeliver",
    ),
    re_path(r"^api/v2(?:/[\s\S]*)?$", Unknown.as_view()),
]
