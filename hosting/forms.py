"""What people type into the site's own forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.keys import Caller
from accounts.models import ApiKey
from hosting.models import Album
from hosting.models.file import TITLE_LENGTH
from hosting.uploads import UploadOptions

# After what time a file may be deleted by itself. The keys are Chevereto's.
EXPIRATIONS: dict[str, tuple[str | Promise, timedelta | None]] = {
    "": (_("Never"), None),
    "PT5M": (_("After 5 minutes"), timedelta(minutes=5)),
    "PT30M": (_("After 30 minutes"), timedelta(minutes=30)),
    "PT1H": (_("After 1 hour"), timedelta(hours=1)),
    "PT12H": (_("After 12 hours"), timedelta(hours=12)),
    "P1D": (_("After 1 day"), timedelta(days=1)),
    "P3D": (_("After 3 days"), timedelta(days=3)),
    "P1W": (_("After 1 week"), timedelta(weeks=1)),
    "P1M": (_("After 1 month"), timedelta(days=30)),
    "P3M": (_("After 3 months"), timedelta(days=91)),
    "P6M": (_("After 6 months"), timedelta(days=182)),
    "P1Y": (_("After 1 year"), timedelta(days=365)),
}


class UploadForm(forms.Form):
    """What goes with the files of one upload. The files themselves are in the request's FILES."""

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
    expires = forms.ChoiceField(
        label=_("Delete by itself"),
        required=False,
        choices=[(key, label) for key, (label, _span) in EXPIRATIONS.items()],
    )
    nsfw = forms.BooleanField(
        label=_("Not safe for work"),
        required=False,
        help_text=_("Shown blurred until somebody asks for it."),
    )

    def __init__(self, *args: Any, caller: Caller, urls: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not urls:
            del self.fields["url"]
        albums = Album.objects.filter(owner=caller.user) if caller.user else Album.objects.none()
        if caller.user is None or not albums.exists():
            del self.fields["album"]
        else:
            self.fields["album"].queryset = albums  # type: ignore[attr-defined]

    def options(self, ip: str | None) -> UploadOptions:
        """The valid form in the words of the domain."""
        told = self.cleaned_data
        return UploadOptions(
            title=" ".join(told["title"].split()),
            album=told.get("album"),
            expires_in=EXPIRATIONS[told["expires"]][1],
            nsfw=told["nsfw"],
            ip=ip,
        )


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Where you use it, such as “ShareX at home”.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=ApiKey.Kind.choices,
        initial=ApiKey.Kind.LIVE,
        help_text=_("What a test key uploads is listed nowhere."),
    )
