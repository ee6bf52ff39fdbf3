"""Files, for moderators: finding, looking, approving, closing, deleting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import SavesOnlyChanges, revoke
from accounts.models import ApiKey, User
from hosting import audit
from hosting.admin import columns
from hosting.admin.filters import ExpiryFilter, FormatFilter, OwnerFilter, SenderFilter
from hosting.admin.removal import Belongings, WholeRemoval
from hosting.admin.user import acting, ban
from hosting.admin.variant import VariantInline
from hosting.audit import Subject, by_admin
from hosting.catalogue import search
from hosting.delivery import links
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import visibility
from hosting.models import Album, HostedFile, Privacy, Variant
from hosting.moderation import decisions, removals


class FileForm(forms.ModelForm):
    """What a moderator may change of a file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        album = self.fields.get("album")
        if isinstance(album, forms.ModelChoiceField):
            # A file can only be in an album of its owner; a guest's file is in none.
            owned = Album.objects.filter(owner=self.instance.owner_id)
            album.queryset = owned if self.instance.owner_id else owned.none()
        for name in {"album", "category"} & set(self.fields):
            # A cross beside the name reads as "take it out", and would delete the album with its files.
            self.fields[name].widget.can_delete_related = False

    def clean_privacy(self) -> str:
        """Refuse password privacy, which would shut everybody out: a file has no password."""
        privacy: str = self.cleaned_data["privacy"]
        if privacy == Privacy.PASSWORD and "privacy" in self.changed_data:
            raise forms.ValidationError(_("Only an album can have a password."))
        return privacy


@admin.register(HostedFile)
class HostedFileAdmin(WholeRemoval, SavesOnlyChanges):
    """The list that moderators live in."""

    form = FileForm
    list_display = (
        "thumbnail", "title_column", "owner_column", "type_column", "bytes", "dimensions",
        "privacy", "is_approved", "nsfw", "created_at", "expires_at", "views",
    )  # fmt: skip
    list_display_links = ("title_column",)
    sortable_by = ("bytes", "created_at", "expires_at", "views")
    list_filter = (
        OwnerFilter, SenderFilter, "kind", FormatFilter, "privacy", "is_approved", "nsfw",
        ExpiryFilter, "created_at", "category", "is_test",
    )  # fmt: skip
    search_fields = (
        "title", "description", "original_filename", "=public_id", "owner__username",
        "^uploader_ip", "=md5", "=source_md5",
    )  # fmt: skip
    search_help_text = _(
        "Title, description, original file name, public id, owner's name, uploader's IP "
        "address, or MD5"
    )
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    # Counting every filter's choices reads the whole table once a choice.
    show_facets = admin.ShowFacets.NEVER
    actions = ("approve", "unapprove", "mark_nsfw", "mark_safe", "ban_owners", "revoke_keys")
    autocomplete_fields = ("tags",)
    inlines = (VariantInline,)
    fieldsets = (
        (None, {"fields": ("preview", "title", "description", "album", "category", "tags")}),
        (
            _("Privacy"),
            {
                "fields": (
                    "privacy", "is_approved", "review", "withheld", "nsfw", "expires_at",
                    "kept_until", "area",
                )
            },
        ),
        (_("Links"), {"fields": ("view_page", "direct_link")}),
        (
            _("Origin"),
            {
                "fields": (
                    "owner_column", "api_key", "is_test", "dialect", "uploader_ip",
                    "original_filename", "created_at",
                )
            },
        ),
        (
            _("Technical"),
            {
                "classes": ("collapse",),
                "fields": (
                    "public_id", "kind", "format", "bytes", "dimensions", "frames", "duration",
                    "is_360", "views", "likes", "path", "md5", "source_md5", "content_hash",
                    "charged", "exif",
                ),
            },
        ),
    )  # fmt: skip
    readonly_fields = (
        "preview", "area", "review", "withheld", "view_page", "direct_link",
        "owner_column", "api_key", "is_test", "dialect", "uploader_ip", "original_filename",
        "created_at", "public_id", "kind", "format",
        "bytes", "dimensions", "frames", "duration", "views", "likes", "path", "md5", "source_md5",
        "content_hash", "charged", "exif",
    )  # fmt: skip

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: HostedFile | None = None) -> Any:
        """Without the address for those who may not see addresses."""
        if request.user.has_perm("hosting.see_addresses"):
            return self.fieldsets
        return [
            (
                name,
                {**options, "fields": [one for one in options["fields"] if one != "uploader_ip"]},
            )
            for name, options in self.fieldsets
        ]

    def get_search_fields(self, request: HttpRequest) -> Any:
        fields = self.search_fields
        if request.user.has_perm("hosting.see_addresses"):
            return fields
        return [one for one in fields if one != "^uploader_ip"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No filtering by the address either: it would be guessed from what is found."""
        if lookup.startswith("uploader_ip") and not request.user.has_perm("hosting.see_addresses"):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[HostedFile]:
        rows = HostedFile.every.order_by("-created_at", "-pk")
        rows = rows.select_related("owner", "album", "api_key")
        return rows.prefetch_related("variants")

    # --- What is shown

    thumbnail = staticmethod(admin.display(description=_("preview"))(columns.thumbnail))
    preview = staticmethod(admin.display(description=_("preview"))(columns.preview))
    dimensions = staticmethod(admin.display(description=_("dimensions"))(columns.dimensions))

    @admin.display(description=_("title"))
    def title_column(self, file: HostedFile) -> str:
        return file.display_title

    @admin.display(description=_("owner"))
    def owner_column(self, file: HostedFile) -> SafeString | str:
        if file.owner is None:
            return gettext("guest")
        return columns.link(
            reverse("admin:accounts_user_change", args=[file.owner_id]), file.owner.username
        )

    @admin.display(description=_("type"))
    def type_column(self, file: HostedFile) -> str:
        return f"{file.get_kind_display()}, {file.file_format.label}"

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, file: HostedFile) -> str:
        return columns.size(file.size)

    @admin.display(description=_("view page"))
    def view_page(self, file: HostedFile) -> SafeString:
        return columns.link(file.viewer_path, links.absolute(file.viewer_path))

    @admin.display(description=_("direct link"))
    def direct_link(self, file: HostedFile) -> SafeString:
        return columns.link(links.shown_at(file), links.url_of(file))

    def view_on_site(self, file: HostedFile) -> str:
        """The button to the view page."""
        return file.viewer_path

    # --- Permissions

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_ban_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_user")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    # --- What is done

    def save_model(
        self, request: HttpRequest, obj: HostedFile, form: forms.ModelForm, change: bool
    ) -> None:
        columns = {column.name for column in obj._meta.concrete_fields}
        changed = columns.intersection(form.changed_data)
        decided = "is_approved" in changed
        action = "approve" if obj.is_approved else "reject"
        try:
            new = {name: getattr(obj, name) for name in changed - {"is_approved"}}
            with transaction.atomic():
                visibility.change(obj, **new)
                if new:
                    audit.record(
                        by_admin(acting(request)), "edit", Subject.file(obj),
                        before={name: str(form.initial.get(name, "")) for name in sorted(new)},
                        after={name: str(form.cleaned_data.get(name, "")) for name in sorted(new)},
                    )  # fmt: skip
            if decided:
                decisions.decide(obj, action, by_admin(acting(request)))
        except HostingError as error:
            self.message_user(request, translated(error.message), messages.ERROR)

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        # The search index includes its tags.
        search.index(form.instance)

    def remove(self, request: HttpRequest, obj: HostedFile) -> None:
        removals.destroy(obj, by_admin(acting(request)))

    def belongings(self, pks: Sequence[int]) -> list[Belongings]:
        return [Belongings(Variant.objects.filter(file__in=pks), guarded=False)]

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[HostedFile]) -> None:
        self._decide(request, queryset.exclude(review=HostedFile.Review.APPROVED), "approve")

    @admin.action(
        description=_("Reject: visible only to the owner and staff"), permissions=["change"]
    )
    def unapprove(self, request: HttpRequest, queryset: QuerySet[HostedFile]) -> None:
        self._decide(request, queryset.exclude(review=HostedFile.Review.REJECTED), "reject")

    @admin.action(description=_("Mark as NSFW"), permissions=["change"])
    def mark_nsfw(self, request: HttpRequest, queryset: QuerySet[HostedFile]) -> None:
        self._decide(request, queryset.exclude(nsfw=True), "mark_nsfw")

    @admin.action(description=_("Mark as safe"), permissions=["change"])
    def mark_safe(self, request: HttpRequest, queryset: QuerySet[HostedFile]) -> None:
        self._decide(request, queryset.exclude(nsfw=False), "mark_safe")

    @admin.action(description=_("Ban the owners"), permissions=["ban"])
    def ban_owners(self, request: HttpRequest, queryset: QuerySet[HostedFile]) -> None:
        ban(self, request, User.objects.filter(pk__in=queryset.order_by().values("owner")))

    @admin.action(description=_("Revoke the keys used to upload"), permissions=["revoke"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[HostedFile]) -> None:
        used = queryset.order_by().values("api_key")
        revoke(self, request, ApiKey.objects.filter(pk__in=used))

    def _decide(self, request: HttpRequest, queryset: QuerySet[HostedFile], action: str) -> None:
        # A transaction a file: with a bucket, moving the bytes takes longer than others may wait.
        files = queryset.iterator(200)
        made = decisions.decide_each(files, action, by_admin(acting(request)))
        for decision in made:
            if decision.file is not None:
                marks = decision.after | {"is_approved": decision.file.is_approved}
                self.log_change(request, decision.file, f"Marked {marks}.")
        text = ngettext("%(count)d file changed.", "%(count)d files changed.", len(made))
        self.message_user(request, text % {"count": len(made)})
