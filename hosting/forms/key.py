"""A new API key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey


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
