"""The options of an upload through the home page's form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.keys import Caller
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import tags
from hosting.files.options import UploadOptions
from hosting.forms.expirations import CHOICES, EXPIRATIONS, key_of, shorter_than
from hosting.forms.file import PRIVACIES, TAGS_HINT, words
from hosting.models import Album, Category, Privacy
from hosting.models.file import DESCRIPTION_LENGTH, TITLE_LENGTH

MOST_PIXELS = 65_500


class UploadForm(forms.Form):
    """The options of one upload. The files themselves are in the request's FILES.

    It starts with the member's own defaults. Albums and categories are named as in the API.
    """

    url = forms.URLField(
        label=_("Or from a URL"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=TITLE_LENGTH,
        help_text=_("Used for every file in this upload. Leave empty to use the file names."),
    )
    album = forms.ModelChoiceField(
        Album.objects.none(),
        label=_("Album"),
        required=False,
        empty_label=_("No album"),
        to_field_name="public_id",
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=_("Category"),
        required=False,
        empty_label=_("No category"),
        to_field_name="url_key",
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=2000,
        help_text=TAGS_HINT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    privacy = forms.ChoiceField(label=_("Privacy"), required=False, choices=PRIVACIES)
    expires = forms.ChoiceField(label=_("Auto-delete"), required=False, choices=CHOICES)
    width = forms.IntegerField(
        label=_("Width in pixels"),
        required=False,
        min_value=1,
        max_value=MOST_PIXELS,
        help_text=_("Wider pictures are scaled down in proportion."),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    nsfw = forms.BooleanField(
        label=_("Not safe for work (NSFW)"),
        required=False,
        help_text=_("Blurred until the viewer chooses to see it."),
    )

    def __init__(self, *args: Any, caller: Caller, urls: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not urls:
            del self.fields["url"]
        self._choose("category", Category.objects.order_by("name"))
        if caller.user is None:
            del self.fields["album"], self.fields["privacy"], self.fields["tags"]
            if most := caller.guest_access.keep_for:
                self.fields["expires"].choices = shorter_than(most)  # type: ignore[attr-defined]
            return
        self._choose("album", Album.objects.filter(owner=caller.user))
        self.fields["privacy"].initial = caller.user.default_privacy
        self.fields["expires"].initial = key_of(caller.user.default_keep)

    def _choose(self, name: str, rows: Any) -> None:
        """Offer `rows` as choices; without any, remove the field."""
        if rows.exists():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    def clean_tags(self) -> tuple[str, ...]:
        """The words, as files have them."""
        try:
            return tags.clean(words(self.cleaned_data["tags"]))
        except HostingError as error:
            raise ValidationError(translated(error.message)) from error

    def options(self, ip: str | None) -> UploadOptions:
        """The valid form in the words of the domain. Fields that were not sent have the member's defaults."""
        values = self.cleaned_data
        expires = values["expires"]
        if "expires" not in self.data:
            expires = self.fields["expires"].initial or ""
        privacy = self.fields["privacy"].initial if "privacy" in self.fields else Privacy.PUBLIC
        return UploadOptions(
            title=" ".join(values["title"].split()),
            description=values["description"],
            tags=values.get("tags", ()),
            album=values.get("album"),
            category=values.get("category"),
            privacy=values.get("privacy") or privacy,
            expires_in=EXPIRATIONS[expires][1],
            width=values["width"],
            nsfw=values["nsfw"],
            ip=ip,
        )
