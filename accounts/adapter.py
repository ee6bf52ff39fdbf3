"""How allauth behaves on this site: who may sign up, and what is saved of a user."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import client_ip, encryption, events, external, sign_in
from accounts.models import AccountEvent, User
from accounts.sessions import SIGNED_IN_AT

# The way to reauthenticate by an account of elsewhere.
EXTERNAL = "external"


@dataclass(frozen=True)
class Site:
    """The site's name and host in mails."""

    domain: str
    name: str


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up can be closed; wrong passwords count; password changes save one column; mails are translated."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address as the rest of the site knows it; allauth's limits cut it to a /64 themselves."""
        if (address := client_ip.address_of(request)) is None:
            raise PermissionDenied
        return address

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        request.session[SIGNED_IN_AT] = time.time()

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.set_password(password)
        # Not the whole row, which holds the used storage: an upload that finishes meanwhile would not count.
        user.save(update_fields=["password"])
        if isinstance(user, User):
            sign_in.forget_attempts(user)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Attempts are counted by `sign_in`, and not by allauth, whose limit keeps an account's owner out."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        attempt = sign_in.begin(request, credentials)
        user: AbstractBaseUser | None = None
        if attempt is not None:
            user = super().authenticate(request, **credentials)
            if user is not None:
                attempt.forgive()
                return user
        if (account := sign_in.account_of(credentials)) is not None:
            events.record_failure(account, AccountEvent.Kind.SIGN_IN_FAILED, request)
        if attempt is None:
            raise self.validation_error("too_many_login_attempts")
        return None

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        sign_in.remember(response, user)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after signing in: allauth itself counts only reauthentications.

        Raises ReauthenticationRequired where the member can only sign in elsewhere again: allauth lets it pass.
        """
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        signed_in_at = self.request.session.get(SIGNED_IN_AT, 0.0)
        if time.time() - signed_in_at < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        methods = self.get_reauthentication_methods(self.request.user)
        if methods and all(method["id"] == EXTERNAL for method in methods):
            raise ReauthenticationRequired
        return True

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """allauth's, in this site's words, and signing in elsewhere again."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            if method["id"] == "mfa_reauthenticate:webauthn":
                method["description"] = _("Use a passkey")
        if user.is_authenticated and external.accounts_of(user):
            text = _("Sign in with %(name)s") % {"name": settings.OIDC_NAME}
            methods.append({"id": EXTERNAL, "description": text, "url": external.login_path()})
        return methods

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        """By what usernames are made of here."""
        before = [text.partition("@")[0] if text else text for text in txts]
        name: str = super().generate_unique_username(before, regex or r"[^A-Za-z0-9_\s-]")
        return name

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The mail in the language of its recipient, if a member; else in that of the request.

        Its links lead to SITE_URL, whatever host the request used: allauth builds them from the request.
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


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets encrypted; the site's name on the devices that hold passkeys, and what new ones are called."""

    def encrypt(self, text: str) -> str:
        return encryption.encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; one that cannot be read any more becomes one that nobody knows, and so fits no code."""
        try:
            return encryption.decrypted(encrypted_text)
        except encryption.Unreadable:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)d") % {"number": number}
