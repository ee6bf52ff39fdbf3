"""What goes with the files of one upload."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.keys import Caller
from hosting.forms.expirations import CHOICES, EXPIRATIONS, key_of
from hosting.forms.file import PRIVACIES
from hosting.models import Album, Privacy
from hosting.models.file import TITLE_LENGTH
from hosting.uploads import UploadOptions


class UploadForm(forms.Form):
    """What goes with the files of one upload. The files themselves are in the request's FILES.

    A member's own defaults stand in it from the start.
    """

    url = forms.URLField(
        label=_("Or from an address"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=TITLE_LENGTH,
        help_text=_("For every file of this upload. Left empty, each is named after its file."),
    )
    album = forms.ModelChoiceField(
        Album.objects.none(), label=_("Album"), required=False, empty_label=_("No album")
    )
    privacy = forms.ChoiceField(label=_("Who may see it"), required=False, choices=PRIVACIES)
    expires = forms.ChoiceField(label=_("Delete by itself"), required=False, choices=CHOICES)
    nsfw = forms.BooleanField(
        label=_("Not safe for work"),
        required=False,
        help_text=_("Shown blurred until somebody asks for it."),
    )

    def __init__(self, *args: Any, caller: Caller, urls: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not urls:
            del self.fields["url"]
        if caller.user is None:
            del self.fields["album"], self.fields["privacy"]
            return
        albums = Album.objects.filter(owner=caller.user)
        if albums.exists():
            self.fields["album"].queryset = albums  # type: ignore[attr-defined]
        else:
            del self.fields["album"]
        self.fields["privacy"].initial = caller.user.default_privacy
        self.fields["expires"].initial = key_of(caller.user.default_keep)

    def options(self, ip: str | None) -> UploadOptions:
        """The valid form in the words of the domain. What was not sent at all is as the member likes it."""
        told = self.cleaned_data
        expires = told["expires"]
        if "expires" not in self.data:
            expires = self.fields["expires"].initial or ""
        privacy = self.fields["privacy"].initial if "privacy" in self.fields else Privacy.PUBLIC
        return UploadOptions(
            title=" ".join(told["title"].split()),
            album=told.get("album"),
            privacy=told.get("privacy") or privacy,
            expires_in=EXPIRATIONS[expires][1],
            nsfw=told["nsfw"],
            ip=ip,
        )
