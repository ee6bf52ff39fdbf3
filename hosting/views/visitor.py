"""The visitor of a page: the signed-in member, or a guest."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.keys import Caller
from accounts.models import User
from hosting.albums import unlocking


def member_of(request: HttpRequest) -> User | None:
    """The signed-in member."""
    return request.user if isinstance(request.user, User) else None


def caller_of(request: HttpRequest) -> Caller:
    """The visitor as the domain's Caller."""
    return Caller(user=member_of(request))


def proofs_of(request: HttpRequest) -> dict[str, str]:
    """The proofs in this visitor's session, by the albums' keys."""
    return unlocking.proofs_in(request.session)


def may_upload(caller: Caller) -> bool:
    """Members may; guests where the site lets them."""
    return not caller.is_guest or caller.guest_access.enabled


def may_name_urls(caller: Caller) -> bool:
    """Whether the server fetches a picture from an address given by `caller`."""
    return not caller.is_guest or caller.guest_access.url_uploads
