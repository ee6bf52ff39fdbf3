"""How often a password may be tried: per account and address, per address, and far more per account alone.

Five wrong passwords from anywhere must not keep an account's owner out. So attempts count per address and
account, whichever of its names was used. Many addresses together are stopped by a limit of the account alone,
which does not apply to a browser that has signed in to it before: that has a separate limit.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from allauth.account.utils import filter_users_by_email
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import client_ip, counting
from accounts.counting import Limits
from accounts.models import User

DEVICE_COOKIE = "known_device"
DEVICE_SECONDS = 365 * 24 * 3600

# Wrong passwords: of one address, or one known browser, for one account.
OF_ONE: Limits = {"minute": 5, "hour": 30, "day": 100}
# Of one address for whatever accounts: an office's mornings fit in.
OF_ADDRESS: Limits = {"minute": 30, "hour": 200, "day": 1000}
# Of all unknown browsers for one account.
OF_ACCOUNT: Limits = {"hour": 200, "day": 1000}


@dataclass(frozen=True)
class Attempt:
    """A try that was counted before the slow hash is made: many at once are as many."""

    subjects: tuple[str, ...]

    def forgive(self) -> None:
        """Count it no more: the password was right."""
        for subject in self.subjects:
            counting.take_back(subject)


def begin(request: HttpRequest, credentials: Mapping[str, str]) -> Attempt | None:
    """Count a try at the account that `credentials` name; None where too many were wrong lately."""
    user = account_of(credentials)
    account, network = _name(user, credentials), client_ip.network_of(client_ip.address_of(request))
    limits: dict[str, Limits]
    if user is not None and (device := _device(request, user)):
        limits = {f"{account} device {device}": OF_ONE}
    else:
        limits = {
            f"{account} {network}": OF_ONE,
            f"sign-in from {network}": OF_ADDRESS,
            f"{account} all": OF_ACCOUNT,
        }
    counted = Attempt(())
    for subject, own in limits.items():
        if counting.count(subject, own) is not None:
            counted.forgive()
            return None
        counted = Attempt((*counted.subjects, subject))
    return counted


def remember(response: HttpResponse, user: User) -> None:
    """Let this browser be known to `user`'s account, until its password changes."""
    device = secrets.token_hex(8)
    response.set_cookie(
        DEVICE_COOKIE,
        f"{user.pk}.{device}.{_proof(user, device)}",
        max_age=DEVICE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_attempts(user: User) -> None:
    """Setting a new password resets the attempts."""
    counting.forget(f"{_name(user, {})} ")


def account_of(credentials: Mapping[str, str]) -> User | None:
    """The account of that name or mail address, which count as one; None where it is none or several.

    Anybody may have signed up with an address that nobody has confirmed: of several accounts none may stand for
    the others, whose passwords are tried with the same words.
    """
    name, email = credentials.get("username", ""), credentials.get("email", "")
    user = User.objects.filter(username__iexact=name).first() if name else None
    if user is None and (email or "@" in name):
        found = filter_users_by_email(email or name, prefer_verified=True)
        user = found[0] if len(found) == 1 else None
    return user


def _name(user: User | None, credentials: Mapping[str, str]) -> str:
    if user is not None:
        return f"sign-in {user.pk}"
    login = (credentials.get("username") or credentials.get("email") or "").strip().lower()
    return f"sign-in {hashlib.sha256(login.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _device(request: HttpRequest, user: User) -> str:
    """The name of the browser where it is known to the account, or ""."""
    number, _, rest = request.COOKIES.get(DEVICE_COOKIE, "").partition(".")
    device, _, proof = rest.partition(".")
    known = number == str(user.pk) and constant_time_compare(proof, _proof(user, device))
    return device[:16] if known else ""


def _proof(user: User, device: str) -> str:
    said = f"{user.pk}:{device}:{user.password}"
    return salted_hmac("accounts.known_device", said, algorithm="sha256").hexdigest()
