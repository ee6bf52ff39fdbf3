"""How allauth behaves on this site: who may sign up, and what is written of a user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import translation


@dataclass(frozen=True)
class Site:
    """What mails say of the site."""

    domain: str
    name: str


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up can be closed; a new password is written alone; mails speak their reader's language."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.set_password(password)
        # Not the whole row, which holds a count of storage: an upload that ends meanwhile would be lost.
        user.save(update_fields=["password"])

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The mail in the language of the member it goes to; else in that of whoever asked for it.

        Its links lead to SITE_URL, whatever name the site was called by: allauth builds them from the request.
        """
        context = {name: self._at_site_url(value) for name, value in context.items()}
        context["current_site"] = Site(urlsplit(settings.SITE_URL).netloc, settings.SITE_NAME)
        values = getattr(context.get("user"), "language", "")
        with translation.override(values or translation.get_language()):
            mail: EmailMessage = super().render_mail(template_prefix, email, context, headers)
        return mail

    def _at_site_url(self, value: Any) -> Any:
        if not isinstance(value, str) or self.request is None:
            return value
        asked = self.request.build_absolute_uri("/")
        is_link = value.startswith(asked)
        return f"{settings.SITE_URL}/{value.removeprefix(asked)}" if is_link else value

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
