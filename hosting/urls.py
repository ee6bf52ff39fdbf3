"""The addresses of the pages and of the bytes."""

from django.urls import path, re_path

from hosting.storage import FOLDERS
from hosting.views.about import api, favicon, robots
from hosting.views.health import health
from hosting.views.home import home
from hosting.views.keys import keys, revoke_key
from hosting.views.media import media
from hosting.views.oembed import oembed
from hosting.views.removal import delete, delete_link
from hosting.views.upload import upload
from hosting.views.viewer import viewer

# The first words of direct links.
LINKS = "|".join(FOLDERS)
# The first words of view pages, and the id that their addresses end in, behind a slug of any script.
ROUTES = "image|video"
ID = "[A-Za-z0-9]{11}(?:[A-Za-z0-9]{13})?"

urlpatterns = [
    path("", home, name="home"),
    path("upload", upload, name="upload"),
    path("api-v1", api, name="api"),
    path("settings/keys", keys, name="keys"),
    path("settings/keys/<int:pk>/revoke", revoke_key, name="revoke-key"),
    path("oembed/", oembed, name="oembed"),
    path("oembed", oembed),
    re_path(rf"^(?P<route>{ROUTES})/(?P<name>(?:[^/]+\.)?{ID})/?\Z", viewer, name="viewer"),
    re_path(rf"^(?P<route>{ROUTES})/(?P<public_id>{ID})/delete/?\Z", delete, name="delete"),
    re_path(
        rf"^(?P<route>{ROUTES})/(?P<public_id>{ID})/delete/(?P<token>[^/]+)/?\Z",
        delete_link,
        name="delete-link",
    ),
    path("robots.txt", robots, name="robots"),
    path("favicon.ico", favicon, name="favicon"),
    path("healthz", health, name="health"),
    re_path(rf"^(?P<path>(?:{'|'.join(FOLDERS)})/.+)$", media, name="media"),
]
