"""An album: a new one, or the details of an existing one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hosting.albums.editing import DESCRIPTION_LENGTH, NAME_LENGTH, AlbumChanges
from hosting.models import Album, HostedFile, Privacy
from hosting.unset import UNSET

# How many of its newest files are offered as the cover.
COVERS = 24


class AlbumForm(forms.Form):
    """Name, description, parent, privacy with its password, and for an existing album the cover."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    parent = forms.ChoiceField(label=_("Parent album"), required=False)
    privacy = forms.ChoiceField(
        label=_("Privacy"),
        choices=[
            (Privacy.PUBLIC.value, _("Public (listed)")),
            (Privacy.UNLISTED.value, _("Anyone with the link")),
            (Privacy.PASSWORD.value, _("Anyone with the password")),
            (Privacy.PRIVATE.value, _("Only you")),
        ],
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    cover = forms.ChoiceField(label=_("Cover"), required=False, widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, owner: User, album: Album | None = None, parent: str = "", **kwargs: Any
    ) -> None:
        initial = {"privacy": Privacy.PUBLIC, "parent": parent}
        if album is not None:
            initial = {
                "name": album.name,
                "description": album.description,
                "parent": album.parent.public_id if album.parent else "",
                "privacy": album.wanted_privacy,
                "cover": album.cover.public_id if album.cover else "",
            }
        super().__init__(*args, **{"initial": initial, **kwargs})
        self._album = album
        others = Album.objects.filter(owner=owner)
        if album is not None:
            others = others.exclude(pk=album.pk)
        self._parents = {one.public_id: one for one in others}
        self.fields["parent"].choices = [  # type: ignore[attr-defined]
            ("", _("None (top level)")), *((key, one.name) for key, one in self._parents.items()),
        ]  # fmt: skip
        self.covers = _covers(album) if album is not None else []
        if self.covers:
            self.fields["cover"].choices = [  # type: ignore[attr-defined]
                ("", _("Newest file")), *((one.public_id, one.display_title) for one in self.covers),
            ]  # fmt: skip
        else:
            del self.fields["cover"]
        self.fields["password"].help_text = (
            _("Leave empty to keep the current one.")
            if album is not None and album.password
            else _("For the privacy setting “Anyone with the password”.")
        )

    def changes(self) -> AlbumChanges:
        """The valid form in the words of the domain."""
        values = self.cleaned_data
        cover = next((one for one in self.covers if one.public_id == values.get("cover")), None)
        return AlbumChanges(
            name=values["name"],
            description=values["description"],
            privacy=values["privacy"],
            password=values["password"] or UNSET,
            parent=self._parents.get(values["parent"]),
            cover=cover if self.covers else UNSET,
        )


def _covers(album: Album) -> list[HostedFile]:
    """The files offered as the album's cover; always including the current one."""
    newest = album.files.alive().filter(kind=HostedFile.Kind.IMAGE)
    found = list(newest.prefetch_related("variants")[:COVERS])
    if album.cover is not None and album.cover not in found:
        found.insert(0, album.cover)
    return found
