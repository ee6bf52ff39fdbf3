"""Counting views: once a visit, and only of people."""

from __future__ import annotations

import re

from django.core.cache import cache
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import client_ip
from accounts.models import User
from hosting.files import trending
from hosting.models import HostedFile

VISIT_SECONDS = 30 * 60
# Words by which crawlers and link previewers name themselves.
MACHINES = re.compile(
    r"bot\b|crawl|spider|slurp|preview|facebookexternalhit|embedly|whatsapp|mastodon|pleroma"
    r"|lighthouse|pingdom|uptime|monitor",
    re.IGNORECASE,
)


def count(request: HttpRequest, file: HostedFile, member: User | None) -> None:
    """Count this look at `file`, unless it is the same visit's, the owner's, or no person's."""
    if not _is_look(request) or (member is not None and member.pk == file.owner_id):
        return
    if cache.add(_visit(request, file), 1, VISIT_SECONDS):
        warmer = trending.after_a_look(file.heat, timezone.now())
        HostedFile.objects.filter(pk=file.pk).update(views=F("views") + 1, heat=warmer)
        file.views += 1


def _is_look(request: HttpRequest) -> bool:
    """Whether a person looks now: no HEAD, no page fetched in advance, no machine that names itself."""
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    ahead = "prefetch" in purpose or "prerender" in purpose
    is_machine = MACHINES.search(request.headers.get("User-Agent", ""))
    return request.method == "GET" and not ahead and not is_machine


def _visit(request: HttpRequest, file: HostedFile) -> str:
    """A name for this visitor at this file that tells nobody who it was."""
    agent = request.headers.get("User-Agent", "")
    seen = f"{file.pk}\n{client_ip.address_of(request)}\n{agent}"
    return f"visit:{salted_hmac('hosting.visits', seen).hexdigest()}"
