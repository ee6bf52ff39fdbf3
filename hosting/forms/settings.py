"""A member's settings of the account itself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hosting.forms.expirations import CHOICES, EXPIRATIONS, key_of
from hosting.forms.file import PRIVACIES

DOMAIN = re.compile(
    r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)

# The site's colours, and their labels; "" follows the system.
THEMES = {"": _("System"), "light": _("Light"), "dark": _("Dark")}


class ProfileForm(forms.Form):
    """The member's public profile, and the site's language and appearance for them."""

    first_name = forms.CharField(
        label=_("Display name"),
        required=False,
        max_length=150,
        help_text=_("Shown on your profile. Optional."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("Browser default")), *settings.LANGUAGES],
    )

    theme = forms.ChoiceField(
        label=_("Theme"),
        required=False,
        choices=list(THEMES.items()),
        help_text=_("Applies to this browser only."),
    )

    def __init__(self, *args: Any, user: User, theme: str, **kwargs: Any) -> None:
        initial = {"first_name": user.first_name, "language": user.language, "theme": theme}
        super().__init__(*args, **{"initial": initial, **kwargs})


class DefaultsForm(forms.Form):
    """The defaults of uploads on the site."""

    privacy = forms.ChoiceField(label=_("Privacy"), choices=PRIVACIES)
    expires = forms.ChoiceField(label=_("Auto-delete"), required=False, choices=CHOICES)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        initial = {"privacy": user.default_privacy, "expires": key_of(user.default_keep)}
        super().__init__(*args, **{"initial": initial, **kwargs})

    @property
    def keep(self) -> timedelta | None:
        """How long uploads are kept; None is for ever."""
        return EXPIRATIONS[self.cleaned_data["expires"]][1]


class DomainForm(forms.Form):
    """The one domain from which programs may have pictures fetched."""

    domain = forms.CharField(
        label=_("Allowed domain"),
        required=False,
        max_length=300,
        help_text=_(
            "The ImgSmaller API may fetch file_url from this domain and its subdomains. Leave "
            "empty to allow none."
        ),
        widget=forms.TextInput(
            attrs={"placeholder": "example.org", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_domain(self) -> str:
        """A whole address is reduced to its domain, and letters beyond ASCII are encoded for DNS."""
        text = str(self.cleaned_data["domain"]).strip().lower()
        if not text:
            return ""
        try:
            host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
            plain = host.rstrip(".").encode("idna").decode()
        except ValueError:
            plain = ""
        if not DOMAIN.fullmatch(plain):
            raise ValidationError(_("This is not a domain name. Enter one like example.org."))
        return plain


class ClosingForm(forms.Form):
    """The member's confirmation that the account is to be deleted: the password, or the name without one."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        if not user.has_usable_password():
            self.fields["password"].label = _("Your username")
            self.fields["password"].widget = forms.TextInput(attrs={"autocomplete": "off"})

    def clean_password(self) -> str:
        given = str(self.cleaned_data["password"])
        if self._user.has_usable_password():
            right = self._user.check_password(given)
        else:
            right = given.strip().lower() == self._user.username.lower()
        if not right:
            raise ValidationError(_("That is not correct. Nothing was deleted."))
        return given
