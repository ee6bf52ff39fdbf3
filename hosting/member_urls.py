"""The addresses of a member's own pages."""

from django.urls import path

from hosting.views.language import choose
from hosting.views.member import (
    albums,
    files,
    jobs,
    notices,
    replacing,
    security,
    settings,
    tools,
)
from hosting.views.member.keys import client_settings, keys, revoke_key
from hosting.views.member.usage import usage

urlpatterns = [
    path("dashboard", files.dashboard, name="dashboard"),
    path("dashboard/selection", files.selection, name="selection"),
    path("dashboard/files/<slug:public_id>", files.edit_file, name="edit-file"),
    path("dashboard/files/<slug:public_id>/rotate", replacing.rotate_file, name="rotate-file"),
    path("dashboard/files/<slug:public_id>/replace", replacing.replace_file, name="replace-file"),
    path("dashboard/albums", albums.own_albums, name="own-albums"),
    path("dashboard/albums/new", albums.new_album, name="new-album"),
    path("dashboard/albums/<slug:public_id>", albums.edit_album, name="edit-album"),
    path("dashboard/albums/<slug:public_id>/delete", albums.delete_album, name="delete-album"),
    path("dashboard/jobs", jobs.own_jobs, name="own-jobs"),
    path("dashboard/jobs/<slug:public_id>", jobs.own_job, name="own-job"),
    path("dashboard/jobs/<slug:public_id>/cancel", jobs.cancel_job, name="cancel-job"),
    path("dashboard/jobs/<slug:public_id>/retry", jobs.retry_job, name="retry-job"),
    path("dashboard/usage", usage, name="usage"),
    path("tools", tools.tools, name="tools"),
    path("tools/result/<slug:public_id>", tools.result, name="tool-result"),
    path("tools/result/<slug:public_id>/keep", tools.keep_result, name="keep-result"),
    path("tools/<slug:name>", tools.tool, name="tool"),
    path("settings", settings.profile, name="profile-settings"),
    path("settings/language", choose, name="language"),
    path("settings/uploads", settings.defaults, name="upload-settings"),
    path("settings/keys", keys, name="keys"),
    path("settings/keys/<int:pk>/revoke", revoke_key, name="revoke-key"),
    path("settings/keys/for/<slug:name>", client_settings, name="client-settings"),
    path("settings/notices", notices.notices, name="notices"),
    path("settings/notices/<slug:public_id>/appeal", notices.appeal, name="appeal"),
    path("settings/security", security.security, name="security"),
    path("settings/domain", settings.domain, name="domain-settings"),
    path("settings/data", settings.data, name="data-settings"),
    path("settings/data/export", settings.export, name="export"),
    path("settings/close", settings.close, name="close-account"),
]
