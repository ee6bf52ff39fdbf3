"""A new API key."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey
from accounts.scopes import PRESETS, SCOPES

USUAL, CHOSEN = "usual", "chosen"
# The names of PRESETS as people read them, and their own choice.
RIGHTS = {
    USUAL: _("Everything except creating keys (default)"),
    "uploader": _("Upload only"),
    "reader": _("Read only"),
    "everything": _("Everything"),
    CHOSEN: _("What I choose below"),
}


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("Where you will use it, for example “ShareX at home”."),
    )
    kind = forms.ChoiceField(
        label=_("Type"),
        choices=ApiKey.Kind.choices,
        initial=ApiKey.Kind.LIVE,
        help_text=_("Files uploaded with a test key are never listed."),
    )
    rights = forms.ChoiceField(
        label=_("What it may do"),
        choices=list(RIGHTS.items()),
        required=False,
        help_text=_(
            "Give a program no more access than it needs: anyone who finds the key can do everything it allows."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Chosen here"),
        choices=list(SCOPES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ends_on = forms.DateField(
        label=_("Works until"),
        required=False,
        help_text=_("The last day, in UTC. Empty: no end date."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_ends_on(self) -> date | None:
        day: date | None = self.cleaned_data["ends_on"]
        if day is not None and day < datetime.now(UTC).date():
            raise ValidationError(_("This day has passed."))
        return day

    def clean(self) -> None:
        if self.cleaned_data.get("rights") == CHOSEN and not self.cleaned_data.get("scopes"):
            self.add_error("scopes", _("Choose at least one."))

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid form, in the words of `accounts.keys.create`."""
        values = self.cleaned_data
        rights, day = values["rights"] or USUAL, values["ends_on"]
        return {
            "name": values["name"],
            "kind": values["kind"],
            "scopes": values["scopes"] if rights == CHOSEN else PRESETS[rights],
            "ends_at": datetime.combine(day, time.max, UTC) if day else None,
        }
