"""Albums, for moderators. Members make them; the staff rename, close and delete."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin import SavesOnlyChanges
from hosting import audit
from hosting.admin import columns
from hosting.admin.removal import Belongings, WholeRemoval
from hosting.admin.user import acting
from hosting.albums import deletion
from hosting.audit import Subject, by_admin
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import visibility
from hosting.models import Album, HostedFile, Privacy


class AlbumForm(forms.ModelForm):
    """What a moderator may change of an album."""

    def clean_privacy(self) -> str:
        """Refuse password protection without a password."""
        privacy: str = self.cleaned_data["privacy"]
        if privacy == Privacy.PASSWORD and not self.instance.password:
            raise forms.ValidationError(_("The owner has not set a password for this album."))
        return privacy


@admin.register(Album)
class AlbumAdmin(WholeRemoval, SavesOnlyChanges):
    """Albums with their owners and how much is in them."""

    form = AlbumForm
    list_display = ("name", "owner", "privacy", "files_column", "parent", "created_at")
    list_filter = ("privacy", "created_at")
    list_select_related = ("owner", "parent")
    search_fields = ("name", "description", "=public_id", "owner__username")
    search_help_text = _("Name, description, public id, or owner's name")
    ordering = ("-pk",)
    show_full_result_count = False
    fields = (
        "name", "description", "privacy", "owner", "parent", "files_column", "public_id",
        "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("owner", "parent", "files_column", "public_id", "created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Album]:
        counted = columns.count_of(HostedFile.every.all(), "album")
        rows: QuerySet[Album] = super().get_queryset(request)
        return rows.annotate(file_count=counted)

    @admin.display(description=_("files"), ordering="file_count")
    def files_column(self, album: Album) -> SafeString:
        count: int = album.file_count  # type: ignore[attr-defined]
        return columns.files_link(count, album__id__exact=album.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Album, form: forms.ModelForm, change: bool
    ) -> None:
        columns = {column.name for column in obj._meta.concrete_fields}
        changed = columns.intersection(form.changed_data)
        try:
            visibility.change_album(obj, **{name: getattr(obj, name) for name in changed})
        except HostingError as error:
            self.message_user(request, translated(error.message), messages.ERROR)

    def remove(self, request: HttpRequest, obj: Album) -> None:
        subject = Subject("album", obj.public_id, obj.owner.get_username())
        audit.record(by_admin(acting(request)), "destroy", subject, before={"name": obj.name})
        deletion.delete_album(obj)

    def belongings(self, pks: Sequence[int]) -> list[Belongings]:
        inner = _inner(pks)
        return [
            Belongings(Album.objects.filter(pk__in=inner)),
            Belongings(HostedFile.every.filter(album__in={*pks, *inner})),
        ]


def _inner(pks: Sequence[int]) -> set[int]:
    """The albums below these, at any depth."""
    found: set[int] = set()
    level = set(pks)
    while level:
        below = Album.objects.filter(parent__in=level).values_list("pk", flat=True)
        level = set(below) - found - set(pks)
        found |= level
    return found
