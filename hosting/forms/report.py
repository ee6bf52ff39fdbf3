"""A visitor's report of a file or an album."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hosting.models import Reason
from hosting.models.moderation import TEXT_LENGTH

# The fields of a formal notice, as the DMCA (17 U.S.C. 512(c)(3)) and the DSA (article 16) ask for them.
NOTICE = ("name", "contact", "work", "good_faith", "accurate")


class ReportForm(forms.Form):
    """Why, and what a formal notice has to say besides."""

    reason = forms.ModelChoiceField(
        Reason.objects.filter(is_active=True, for_reports=True),
        label=_("Why do you report it?"),
        to_field_name="code",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    text = forms.CharField(
        label=_("What should a moderator know?"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.EmailField(
        label=_("Your email (optional)"),
        required=False,
        help_text=_("To be told what became of your report."),
    )
    formal = forms.BooleanField(
        label=_("This is a formal notice (copyright under the DMCA, or the Digital Services Act)"),
        required=False,
    )
    name = forms.CharField(label=_("Your full name"), required=False, max_length=200)
    contact = forms.CharField(
        label=_("Your postal address and telephone number"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    work = forms.CharField(
        label=_("The work that is infringed, or the law that is broken"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    good_faith = forms.BooleanField(
        label=_("I believe in good faith that this use is not permitted by the owner or the law."),
        required=False,
    )
    accurate = forms.BooleanField(
        label=_("What I say is accurate, and I am the owner or may act for the owner."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """A formal notice is complete."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("formal"):
            for name in (*NOTICE, "email"):
                if not values.get(name):
                    self.add_error(name, _("A formal notice needs this."))
        return values

    @property
    def notice(self) -> dict[str, str]:
        """The fields of a formal notice; empty where it is none."""
        values = self.cleaned_data
        return {name: str(values[name]) for name in NOTICE} if values.get("formal") else {}
