"""Members: their limits and usage, locking out and readmitting, deleting with everything that is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import quotas
from accounts.admin import SavesOnlyChanges
from accounts.models import ApiKey, Plan, User
from hosting import audit
from hosting.admin import columns
from hosting.admin.removal import Belongings, WholeRemoval
from hosting.audit import Subject, by_admin
from hosting.members import closing
from hosting.models import Album, Decision, HostedFile, Job
from hosting.moderation import decisions

# What moderators decided, by decisions that can be undone.
STANDING = (
    "is_trusted", "is_always_queued", "is_unlisted_by_default", "uploads_frozen", "suspended_at"
)  # fmt: skip
# Fields that make a member staff: only superusers may change them.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class MemberForm(UserChangeForm):
    """What the staff may change of a member."""

    def _get_validation_exclusions(self) -> set[str]:
        # The first administrator is called "admin", which members cannot choose: an existing name stays valid.
        unchanged = set() if "username" in self.changed_data else {"username"}
        return super()._get_validation_exclusions() | unchanged  # type: ignore[misc, no-any-return]


class MemberPasswordForm(AdminPasswordChangeForm):
    """A new password, saved without the other columns."""

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit=False)
        if commit:
            # Not the whole row, whose count of used storage may change meanwhile.
            user.save(update_fields=["password"])
        return user


@admin.register(User)
class UserAdmin(WholeRemoval, SavesOnlyChanges, auth_admin.UserAdmin):
    """Django's page of users, with the site's limits and counts."""

    form = MemberForm
    change_password_form = MemberPasswordForm
    list_display = (
        "username", "email", "plan", "storage", "files_column", "is_active", "is_staff",
        "date_joined", "last_login",
    )  # fmt: skip
    list_filter = ("is_active", "is_staff", "plan", "date_joined", "groups")
    list_select_related = ("plan",)
    search_fields = ("username", "email", "first_name", "last_name")
    ordering = ("-pk",)
    show_full_result_count = False
    date_hierarchy = "date_joined"
    actions = ("ban_members", "let_in_again")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (_("Personal information"), {"fields": ("first_name", "last_name", "email", "language")}),
        (
            _("Limits"),
            {"fields": ("plan", "own_storage_limit", "own_daily_compressions", "allowed_domain")},
        ),
        (
            _("Usage"),
            {"fields": ("storage", "files_column", "albums_column", "keys_column")},
        ),
        (_("Moderation"), {"fields": STANDING}),
        (_("Permissions"), {"fields": RIGHTS}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = (
        "storage", "files_column", "albums_column", "keys_column", "last_login", "date_joined", *STANDING
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        default = Plan.objects.filter(is_default=True).values("storage_limit")
        return rows.annotate(
            file_count=columns.count_of(HostedFile.every.all(), "owner"),
            # quotas.allowance in SQL: otherwise it would be a query a row.
            storage_limit=Coalesce("own_storage_limit", "plan__storage_limit", Subquery(default)),
        )

    # --- What is shown

    @admin.display(description=_("storage"), ordering="storage_used")
    def storage(self, user: User) -> str:
        limit: int = getattr(user, "storage_limit", None) or quotas.allowance(user).storage
        return f"{columns.size(user.storage_used)} / {columns.size(limit)}"

    @admin.display(description=_("files"), ordering="file_count")
    def files_column(self, user: User) -> SafeString:
        return columns.files_link(getattr(user, "file_count", 0), owner=user.username)

    @admin.display(description=_("albums"))
    def albums_column(self, user: User) -> SafeString:
        url = f"{reverse('admin:hosting_album_changelist')}?owner__id__exact={user.pk}"
        return columns.link(url, user.albums.count())

    @admin.display(description=_("API keys"))
    def keys_column(self, user: User) -> SafeString:
        url = f"{reverse('admin:accounts_apikey_changelist')}?user__id__exact={user.pk}"
        return columns.link(url, user.api_keys.count())

    # --- Permissions

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fixed = tuple(super().get_readonly_fields(request, obj))
        return fixed if _has_all_rights(request) else (*fixed, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # A moderator with an administrator's password would be one.
        reaches = obj is None or _has_all_rights(request) or not _is_staff(obj)
        return reaches and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        reaches = obj is None or _has_all_rights(request) or not _is_staff(obj)
        # Administrators cannot delete themselves here, so that one is always left.
        return reaches and obj != request.user and super().has_delete_permission(request, obj)

    # --- What is done

    def remove(self, request: HttpRequest, obj: User) -> None:
        audit.record(by_admin(acting(request)), "destroy", Subject.member(obj))
        closing.delete_user(obj)

    def belongings(self, pks: Sequence[int]) -> list[Belongings]:
        return [
            Belongings(HostedFile.every.filter(owner__in=pks)),
            Belongings(Album.objects.filter(owner__in=pks)),
            Belongings(ApiKey.objects.filter(user__in=pks), guarded=False),
            Belongings(Job.objects.filter(owner__in=pks), guarded=False),
        ]

    @admin.action(
        description=_("Ban: suspend the accounts and hide their files"), permissions=["change"]
    )
    def ban_members(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        ban(self, request, User.objects.filter(pk__in=queryset.order_by().values("pk")))

    @admin.action(description=_("Unban"), permissions=["change"])
    def let_in_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        shut_out = Q(is_active=False) | Q(suspended_at__isnull=False)
        banned = list(queryset.filter(shut_out, is_staff=False, is_superuser=False))
        for user in banned:
            User.objects.filter(pk=user.pk).update(is_active=True)
            made = Decision.objects.filter(member=user, action="suspend", undone_at=None)
            if (decision := made.first()) is not None:
                decisions.undo(decision, by_admin(acting(request)))
            self.log_change(request, user, "Let in again.")
        text = ngettext("%(count)d account unbanned.", "%(count)d accounts unbanned.", len(banned))
        self.message_user(request, text % {"count": len(banned)})


def ban(page: admin.ModelAdmin, request: HttpRequest, users: QuerySet[User]) -> None:
    """Suspend these accounts: their keys open nothing, their files are hidden. The staff's are left alone."""
    members = list(users.filter(suspended_at=None, is_staff=False, is_superuser=False))
    for user in members:
        decisions.decide_of_member(user, "suspend", by_admin(acting(request)))
        page.log_change(request, user, "Banned.")
    text = ngettext("%(count)d account banned.", "%(count)d accounts banned.", len(members))
    page.message_user(request, text % {"count": len(members)})


def acting(request: HttpRequest) -> User:
    """The member of staff of a request to the admin."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def _has_all_rights(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _is_staff(user: User) -> bool:
    return user.is_staff or user.is_superuser
