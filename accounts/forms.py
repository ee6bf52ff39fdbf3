"""allauth's forms in the words of this site."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth as webauthn_auth
from allauth.socialaccount import forms as external_forms
from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import events, external, recent, second_factors
from accounts.models import AccountEvent, User

PASSKEY_NAME_LENGTH = 60


def plain_name(text: str) -> str:
    """A passkey's name on one line, not longer than the log's column."""
    return " ".join(text.split())[:PASSKEY_NAME_LENGTH]


class SaysOnce:
    """Without allauth's placeholders, which only say the labels again."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(SaysOnce, account.LoginForm):
    """Says what is meant by a login: either of the two is taken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or email")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["remember"].label = _("Remember me")


class SignUpForm(SaysOnce, account.SignupForm):
    pass


class AddEmailForm(SaysOnce, account.AddEmailForm):
    pass


class ChangePasswordForm(SaysOnce, account.ChangePasswordForm):
    pass


class PasswordAgainForm(SaysOnce, account.ReauthenticateForm):
    pass


class SetPasswordForm(SaysOnce, account.SetPasswordForm):
    """A first password: it lasts longer than a session, so a session alone does not set one."""

    def save(self) -> None:
        recent.require(context.request)
        super().save()


class DisconnectForm(external_forms.DisconnectForm):
    """The accounts of elsewhere that open this one now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named = [
            (row, external.name_of(row)) for row in external.accounts_of(self.request.user)
        ]
        pks = [row.pk for row, _name in self.named]
        self.accounts = SocialAccount.objects.filter(pk__in=pks)
        self.fields["account"].queryset = self.accounts
        self.provider = settings.OIDC_NAME


class ExternalSignUpForm(SaysOnce, external_forms.SignupForm):
    pass


class ResetPasswordForm(SaysOnce, account.ResetPasswordForm):
    pass


class NewPasswordForm(SaysOnce, account.ResetPasswordKeyForm):
    pass


class CodeForm(SaysOnce, mfa.AuthenticateForm):
    pass


class CodeAgainForm(SaysOnce, mfa.ReauthenticateForm):
    pass


class FirstCodeForm(SaysOnce, totp.ActivateTOTPForm):
    pass


class CredentialField(forms.JSONField):
    """What a passkey answered: an object of a few kilobytes."""

    LENGTH = 64 * 1024

    def to_python(self, value: Any) -> Any:
        text = value if isinstance(value, str) else ""
        try:
            found = super().to_python(text[: self.LENGTH])
        except RecursionError:
            found = None
        return found if isinstance(found, dict) else None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing: an answer is good once, and the page that comes back asks anew."""
        return None

    def prepare_value(self, value: Any) -> str:
        return ""


class CarriesCredential:
    """With a credential that cannot be but an object."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)


class AddPasskeyForm(CarriesCredential, webauthn.AddWebAuthnForm):
    """A passkey, unless its owner wants no more than a second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].widget.attrs |= {
            "maxlength": PASSKEY_NAME_LENGTH,
            "autocomplete": "off",
        }
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = _("Sign in with it alone, without the password")
        alone.help_text = _("The device then asks for its own PIN or a fingerprint.")

    def clean_name(self) -> str:
        return plain_name(super().clean_name())

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean()
        if found.get("credential") and not found.get("passwordless"):
            # Some devices keep every passkey so that it could sign in alone, whatever its owner chose.
            found["credential"] |= second_factors.NOT_ALONE
        return found


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].widget.attrs |= {
            "maxlength": PASSKEY_NAME_LENGTH,
            "autocomplete": "off",
        }

    def clean_name(self) -> str:
        return plain_name(self.cleaned_data["name"])


class PasskeyAloneForm(CarriesCredential, webauthn.LoginWebAuthnForm):
    """Signing in by a passkey alone, which its owner allowed and whose device has checked its owner."""

    def clean_credential(self) -> Authenticator:
        answer = self.cleaned_data["credential"]
        passkey: Authenticator = super().clean_credential()
        # The challenge may come from another page of this session, which needs a second factor only.
        said = webauthn_auth.parse_authentication_response(answer).response
        if not said.authenticator_data.is_user_verified():
            raise get_adapter().validation_error("incorrect_code")
        if not second_factors.signs_in_alone(passkey):
            raise forms.ValidationError(
                _("This passkey needs your password too: sign in with that first.")
            )
        return passkey


class CountsFailures(CarriesCredential):
    """Records a passkey that does not fit the account; allauth tells only of wrong codes."""

    user: User

    def clean_credential(self) -> Authenticator:
        try:
            passkey: Authenticator = super().clean_credential()  # type: ignore[misc]
        except forms.ValidationError:
            events.record_failure(self.user, AccountEvent.Kind.FACTOR_FAILED, context.request)
            raise
        return passkey


class PasskeyForm(CountsFailures, webauthn.AuthenticateWebAuthnForm):
    """A passkey after the password."""


class PasskeyAgainForm(CountsFailures, webauthn.ReauthenticateWebAuthnForm):
    """A passkey before something is changed in the account."""
