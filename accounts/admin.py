"""The admin's pages of plans, keys, guests' rights and usage, and the sign-in to the whole admin.

Members themselves are administered in `hosting.admin.user`: their page counts and deletes files, of which
this app knows nothing.
"""

from __future__ import annotations

from typing import Any

# Its registrations must have happened before one of them is replaced below.
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401
from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.conf import settings
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import events, keys, quotas
from accounts.counting import SPANS
from accounts.models import AccountEvent, ApiKey, GuestAccess, Plan, Usage


def _lacks_factor(request: HttpRequest) -> bool:
    """Whether the user is staff without a second factor on a site that requires one for staff."""
    user = request.user
    return settings.STAFF_TWO_FACTOR and user.is_staff and not is_mfa_enabled(user)


def _has_permission(request: HttpRequest) -> bool:
    return _is_staff(request) and not _lacks_factor(request)


def _login(request: HttpRequest, **context: Any) -> HttpResponse:
    """The site's own sign-in: its second factor and its limit of attempts hold for administrators too."""
    if request.user.is_authenticated and _lacks_factor(request):
        text = gettext("The administration requires two-factor sign-in: switch it on first.")
        messages.warning(request, text)
        return redirect("mfa_index")
    response: HttpResponse = _sign_in(request, **context)
    return response


_is_staff = admin.site.has_permission
_sign_in = secure_admin_login(admin.site.login)
admin.site.has_permission = _has_permission  # type: ignore[method-assign]
admin.site.login = _login  # type: ignore[method-assign, assignment]


def _title() -> str:
    return gettext("%(site)s administration") % {"site": settings.SITE_NAME}


# In each reader's language, so not before there is one.
admin.site.site_header = admin.site.site_title = lazy(_title, str)()


class SavesOnlyChanges(admin.ModelAdmin):
    """Writes the columns that the form changed and no other.

    A whole row written back would undo what the site counted while the form was open in memory: the storage
    of a member, the views of a file.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = obj._meta.concrete_fields
        changed = {column.name for column in columns if column.name in form.changed_data}
        if changed:
            clocks = {column.name for column in columns if getattr(column, "auto_now", False)}
            obj.save(update_fields=changed | clocks)


class ReadOnly(admin.ModelAdmin):
    """A read-only list that the site itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


RATES = tuple(f"uploads_per_{name}" for name in SPANS)


@admin.register(Plan)
class PlanAdmin(SavesOnlyChanges):
    """Plans; exactly one is the default, which an action changes and nothing removes."""

    list_display = (
        "name", "is_default", "storage", "file", "daily_compressions",
        "live_requests_per_minute", "test_requests_per_minute",
    )  # fmt: skip
    search_fields = ("name",)
    readonly_fields = ("is_default",)
    actions = ("make_default",)

    @admin.display(description=_("storage"), ordering="storage_limit")
    def storage(self, plan: Plan) -> str:
        return filesizeformat(plan.storage_limit)

    @admin.display(description=_("one file"), ordering="file_limit")
    def file(self, plan: Plan) -> str:
        return filesizeformat(plan.file_limit)

    @admin.action(description=_("Make default plan"), permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        if len(plans := queryset[:2]) != 1:
            self.message_user(request, gettext("Select one plan."), messages.ERROR)
            return
        quotas.make_default(plans[0])
        self.log_change(request, plans[0], "Made the default plan.")
        self.message_user(
            request, gettext("New accounts now get the plan “%(plan)s”.") % {"plan": plans[0]}
        )

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        is_default = obj is not None and obj.is_default
        return not is_default and super().has_delete_permission(request, obj)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly):
    """Keys without their secrets, which only their owners ever saw. They end by being revoked."""

    list_display = (
        "prefix", "name", "user", "kind", "created_at", "last_used_at", "revoked_at"
    )  # fmt: skip
    list_filter = ("kind", ("revoked_at", admin.EmptyFieldListFilter), "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("=prefix", "name", "user__username")
    search_help_text = _("Visible part of the key, its name, or its owner's name")
    show_full_result_count = False
    date_hierarchy = "created_at"
    fields = (
        "prefix", "name", "user", "kind", "scopes", "created_at", "ends_at", "last_used_at",
        "last_used_from", "revoked_at",
    )  # fmt: skip
    actions = ("revoke",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        text = gettext(
            "Members create their own keys; `manage.py create_api_key USERNAME` creates one "
            "for scripts. The secret is shown once and never stored."
        )
        return super().changelist_view(request, {"subtitle": text, **(extra_context or {})})

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    @admin.action(description=_("Revoke the keys"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        revoke(self, request, queryset)


def revoke(page: admin.ModelAdmin, request: HttpRequest, rows: QuerySet[ApiKey]) -> None:
    """Revoke these keys, and report and log it on `page`."""
    living = list(rows.filter(revoked_at=None))
    for key in living:
        keys.revoke(key)
        events.record(key.user, AccountEvent.Kind.KEY_REVOKED, None, str(key))
        page.log_change(request, key, "Revoked.")
    text = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", len(living))
    page.message_user(request, text % {"count": len(living)})


@admin.register(GuestAccess)
class GuestAccessAdmin(SavesOnlyChanges):
    """The only row of guests' rights: its list is its form."""

    fields = (
        "enabled", "api_enabled", "key", "file_limit", "keep_for", "url_uploads",
        *RATES, "total_per_hour", "total_per_day", "pixel_limit", "frame_limit",
    )  # fmt: skip
    readonly_fields = ("key",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:accounts_guestaccess_change", keys.guest_access().pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: GuestAccess | None = None) -> bool:
        return False


@admin.register(AccountEvent)
class AccountEventAdmin(ReadOnly):
    """The log of account events; read-only everywhere, including here."""

    list_display = ("created_at", "user", "kind", "count", "detail", "ip")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__username", "=ip")
    show_full_result_count = False
    date_hierarchy = "created_at"


@admin.register(Usage)
class UsageAdmin(ReadOnly):
    """Usage by user and day."""

    list_display = ("day", "user", "metric", "count")
    list_filter = ("metric",)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    show_full_result_count = False
    date_hierarchy = "day"


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """Second factors, to delete for members who lost theirs. The secrets are never shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


# Providers come from the environment, and their tokens are not kept.
for model in (SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)


@admin.register(SocialAccount)
class ExternalAccountAdmin(ReadOnly):
    """Accounts of elsewhere that open members' accounts, to delete for members who cannot."""

    list_display = ("user", "provider", "uid", "date_joined", "last_login")
    list_filter = ("provider",)
    list_select_related = ("user",)
    search_fields = ("user__username", "=uid")
    fields = ("user", "provider", "uid", "date_joined", "last_login")

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
