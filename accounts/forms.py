"""allauth's forms in the words of this site."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _


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
