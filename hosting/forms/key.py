"""A new API key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey


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
