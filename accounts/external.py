"""Signing in by accounts of elsewhere: one OpenID Connect provider, named in the environment.

An address that the provider tells opens no account that exists here. Who owns both signs in here first and then
connects them; so neither a provider that lies nor an address that somebody else once had takes an account over.
"""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger(__name__)

# What the provider says of itself is kept for a while: anybody may press the button, and pages wait for it.
DISCOVERY, DISCOVERY_SECONDS = "/.well-known/openid-configuration", 300
ERROR_PAGE = "socialaccount/authentication_error.html"


@dataclass(frozen=True)
class Connected:
    """An account of elsewhere that opens a member's: its name there, and when it was connected and used."""

    provider: str
    name: str
    connected_at: datetime
    used_at: datetime


def is_offered() -> bool:
    """Whether the site has a provider."""
    return bool(settings.OIDC_SERVER_URL)


def login_path() -> str:
    """Where signing in at the provider begins."""
    return reverse("openid_connect_login", kwargs={"provider_id": settings.OIDC_ID})


def accounts_of(user: User) -> list[SocialAccount]:
    """The rows of `user` that the site's provider, as it is now, can open."""
    rows = SocialAccount.objects.filter(user=user, provider=settings.OIDC_ID)
    return list(rows) if is_offered() else []


def connected(user: User) -> list[Connected]:
    """The same, for a page."""
    return [
        Connected(settings.OIDC_NAME, name_of(row), row.date_joined, row.last_login)
        for row in accounts_of(user)
    ]


def name_of(row: SocialAccount) -> str:
    """What its owner knows it by: the address or name that the provider gave."""
    claims = row.extra_data.get("userinfo") or row.extra_data.get("id_token") or {}
    names = (claims.get(claim) for claim in ("email", "preferred_username", "name"))
    return str(next(filter(None, names), row.uid))[:200]


def used_by(request: HttpRequest, user: User) -> str | None:
    """The uid of the account of elsewhere that opened this session, or None."""
    for record in reversed(get_authentication_records(request, user)):
        if record.get("method") == "socialaccount":
            return str(record["uid"])
    return None


def disconnect_all(user: User, *, but: str | None = None) -> int:
    """Let no account of elsewhere open `user`'s any more; return how many did.

    but: the uid of one that stays.
    """
    rows = SocialAccount.objects.filter(user=user).exclude(uid=but or "")
    return int(rows.delete()[0])


class ExternalAccountAdapter(DefaultSocialAccountAdapter):
    """Who may sign up by the provider, and what of its answers is believed."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(settings.SIGN_UP_OPEN or settings.OIDC_SIGN_UP)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        answer = sociallogin.account.extra_data
        subjects = {
            part.get("sub") for part in (answer.get("userinfo"), answer.get("id_token")) if part
        }
        if len(subjects) > 1:
            # OpenID Connect Core 5.3.2: then what the one tells is not about whom the other names.
            logger.warning("%s names two people in one answer", settings.OIDC_SERVER_URL)
            raise ImmediateHttpResponse(render(request, ERROR_PAGE, status=401))
        for address in sociallogin.email_addresses:
            # Some providers write "false".
            address.verified = address.verified is True
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            if request.user.is_authenticated:
                # allauth saves the whole row, and an upload that finishes meanwhile would not count: a column
                # that is not loaded is not saved.
                del request.user.storage_used
        elif not sociallogin.is_existing and self._is_known(sociallogin):
            text = _(
                "There is an account with your address. Sign in to it, then connect %(provider)s."
            )
            messages.info(request, text % {"provider": settings.OIDC_NAME})
            connecting = urlencode(
                {"process": AuthProcess.CONNECT, "next": reverse("socialaccount_connections")}
            )
            after = urlencode({"next": f"{login_path()}?{connecting}"})
            raise ImmediateHttpResponse(redirect(f"{reverse('account_login')}?{after}"))

    def _is_known(self, sociallogin: SocialLogin) -> bool:
        """Whether provider and site have both seen that an address is its owner's: else it tells nothing."""
        verified = [one.email for one in sociallogin.email_addresses if one.verified]
        return any(
            EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
            for email in verified
        )

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        plain = {name: " ".join(str(value).split()) for name, value in data.items() if value}
        user: User = super().populate_user(request, sociallogin, plain)
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        **_: Any,
    ) -> None:
        logger.warning(
            "signing in at %s failed: %s %s", settings.OIDC_SERVER_URL, error, exception or ""
        )

    def get_requests_session(self) -> requests.Session:
        return ProviderSession()


class ProviderSession(requests.Session):
    """Requests to the provider: one that is down or answers nonsense is a page and not a fault."""

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        key = f"oidc:{hashlib.sha256(url.encode()).hexdigest()}" if url.endswith(DISCOVERY) else ""
        if key and (kept := cache.get(key)):
            return _answer_of(kept)
        kwargs.setdefault("timeout", app_settings.REQUESTS_TIMEOUT)
        try:
            answer = super().request(method, url, *args, **kwargs)
            if method.upper() == "GET":
                answer.raise_for_status()
            if answer.ok and not isinstance(answer.json(), dict):
                raise requests.exceptions.InvalidJSONError("not an object")
        except requests.RequestException as error:
            logger.warning("%s does not answer: %s", settings.OIDC_SERVER_URL, error)
            page = render(context.request, ERROR_PAGE, status=503)
            raise ImmediateHttpResponse(page) from error
        if key:
            cache.set(key, answer.text, DISCOVERY_SECONDS)
        return answer


def _answer_of(text: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer.encoding, answer.raw = 200, "utf-8", io.BytesIO(text.encode())
    return answer
