"""How allauth behaves on this site: who may sign up, and what is written of a user."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import translation

# When the session began, in seconds since 1970.
SIGNED_IN_AT = "signed_in_at"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up can be closed; a new password is written alone; mails speak their reader's language."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        request.session[SIGNED_IN_AT] = time.time()

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.set_password(password)
        # Not the whole row, which holds a count of storage: an upload that ends meanwhile would be lost.
        user.save(update_fields=["password"])

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not again where somebody has just signed in: allauth counts only what was asked a second time."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        signed_in_at = self.request.session.get(SIGNED_IN_AT, 0.0)
        return bool(time.time() - signed_in_at >= app_settings.REAUTHENTICATION_TIMEOUT)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The mail in the language of the member it goes to; else in that of whoever asked for it."""
        values = getattr(context.get("user"), "language", "")
        with translation.override(values or translation.get_language()):
            mail: EmailMessage = super().render_mail(template_prefix, email, context, headers)
        return mail

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        super().send_notification_mail(
            template_prefix, user, {**(context or {}), "user": user}, email
        )
