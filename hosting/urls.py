"""The addresses of the pages and of the bytes."""

from django.urls import include, path, re_path

from hosting.pages import AT_ROOT
from hosting.storage.objects import FOLDERS
from hosting.views import albums, docs, explore, profile
from hosting.views.about import api, favicon, robots
from hosting.views.health import health, ready
from hosting.views.home import home
from hosting.views.likes import like
from hosting.views.media import media
from hosting.views.moderation import members, queue, reports
from hosting.views.oembed import oembed
from hosting.views.pages import page
from hosting.views.removal import delete, delete_link
from hosting.views.reporting import report_album, report_file
from hosting.views.sitemap import sitemap
from hosting.views.theme import choose_theme
from hosting.views.upload import resumed, upload
from hosting.views.viewer import viewer

# The first words of direct links.
LINKS = "|".join(FOLDERS)
# The first words of view pages, and the id that their addresses end in, behind a slug of any script.
ROUTES = "image|video"
ID = "[A-Za-z0-9]{11}(?:[A-Za-z0-9]{13})?"
# What a username looks like (accounts.usernames).
NAME = "[A-Za-z0-9][A-Za-z0-9_-]{2,31}"

urlpatterns = [
    path("", home, name="home"),
    path("upload", upload, name="upload"),
    re_path(r"^upload/(?P<public_id>[A-Za-z0-9]{24})\Z", resumed, name="resumed"),
    path("api-v1", api, name="api"),
    re_path(r"^api/docs/?\Z", docs.overview, name="docs"),
    re_path(r"^api/docs/(?P<name>\w+)/?\Z", docs.reference, name="docs-api"),
    path("settings/theme", choose_theme, name="theme"),
    path("", include("hosting.member_urls")),
    path("oembed/", oembed, name="oembed"),
    path("oembed", oembed),
    re_path(rf"^(?P<route>{ROUTES})/(?P<name>(?:[^/]+\.)?{ID})/?\Z", viewer, name="viewer"),
    re_path(rf"^(?P<route>{ROUTES})/(?P<public_id>{ID})/delete/?\Z", delete, name="delete"),
    re_path(
        rf"^(?P<route>{ROUTES})/(?P<public_id>{ID})/delete/(?P<token>[^/]+)/?\Z",
        delete_link,
        name="delete-link",
    ),
    re_path(rf"^(?P<route>{ROUTES})/(?P<public_id>{ID})/like\Z", like, name="like"),
    re_path(rf"^(?P<route>{ROUTES})/(?P<public_id>{ID})/report\Z", report_file, name="report-file"),
    re_path(rf"^album/(?P<public_id>{ID})/report\Z", report_album, name="report-album"),
    path("explore", explore.explore, name="explore"),
    re_path(r"^category/(?P<url_key>[-\w]+)/?\Z", explore.category, name="category"),
    path("tag/<str:name>", explore.tag, name="tag"),
    path("search", explore.search, name="search"),
    re_path(rf"^album/(?P<name>(?:[^/]+\.)?{ID})/?\Z", albums.album, name="album"),
    re_path(rf"^album/(?P<public_id>{ID})/codes\Z", albums.codes, name="album-codes"),
    re_path(rf"^album/(?P<public_id>{ID})/download\Z", albums.download, name="album-download"),
    *(path(slug, page, {"slug": slug}, name=f"page-{slug}") for slug in AT_ROOT),
    path("page/<slug:slug>", page, name="page"),
    path("moderation", queue.moderation, name="moderation"),
    path("moderation/decide", queue.decide, name="decide"),
    path("moderation/undo", queue.undo, name="undo-decision"),
    path("moderation/reports", reports.reports, name="reports"),
    path("moderation/reports.csv", reports.counts_csv, name="report-counts"),
    path("moderation/reports/<slug:kind>/<slug:public_id>", reports.close, name="close-reports"),
    path("moderation/members/<str:username>", members.member, name="moderated-member"),
    path(
        "moderation/members/<str:username>/decide",
        members.decide_of_member,
        name="decide-of-member",
    ),
    path("moderation/appeals", queue.appeals, name="appeals"),
    path("moderation/appeals/<slug:public_id>", queue.answer_appeal, name="answer-appeal"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("favicon.ico", favicon, name="favicon"),
    path("healthz", health, name="health"),
    path("readyz", ready, name="ready"),
    re_path(rf"^(?P<path>(?:{'|'.join(FOLDERS)})/.+)$", media, name="media"),
    # Last: anything but a reserved word may be a username. Without a slash at the end, so that they do not
    # capture the addresses below them.
    re_path(rf"^(?P<username>{NAME})\Z", profile.profile, name="profile"),
    re_path(rf"^(?P<username>{NAME})/(?P<part>albums|likes)\Z", profile.profile, name="profile"),
]
