"""Identifying callers by a key, or by the site's session and its CSRF token; and proofs of unlocked albums."""

from __future__ import annotations

import copy

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import CSRFCheck
from rest_framework.request import Request

from accounts import recent
from hosting.albums import unlocking
from hosting.errors import HostingError
from hosting.models import Album

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


PROOF = "X-Album-Proof"


MOST_PROOFS = 10


# A request with one of these headers is from a program.
KEYS = frozenset({"Authorization", "X-Api-Key"})


def refuse_forged(plain: HttpRequest) -> None:
    """Raise HostingError where a session's request may come from another site's page."""
    # Checked as a PUT: for a POST the check would consume the body while looking for a form's field.
    seen = copy.copy(plain)
    seen.method = "PUT"
    check = CSRFCheck(_checked)
    check.process_request(seen)
    if check.process_view(seen, _checked, (), {}):
        raise HostingError("csrf_failed")


def refuse_if_not_recent(plain: HttpRequest) -> None:
    """Raise HostingError where the password of the session's member was not given recently."""
    try:
        recent.require(plain)
    except ReauthenticationRequired as error:
        raise HostingError("reauthentication_required") from error


def _checked(_: HttpRequest) -> HttpResponse:
    """A view that requires the check, to pass to it."""
    return HttpResponse()


def proofs(request: Request, plain: HttpRequest, *, with_session: bool) -> dict[str, str]:
    """The proofs of albums whose password was given, by the albums' keys: of the session and of the header."""
    found: dict[str, str] = {}
    session = getattr(plain, "session", None)
    if with_session and session is not None:
        found.update(unlocking.proofs_in(session))
    sent = dict(
        proof.strip().partition(".")[::2] for proof in request.headers.get(PROOF, "").split(",")
    )
    sent.pop("", None)
    if sent:
        named = Album.objects.filter(public_id__in=list(sent)[:MOST_PROOFS])
        found.update({str(pk): sent[id] for pk, id in named.values_list("pk", "public_id")})
    return found
