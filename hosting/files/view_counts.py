"""Counting views: once a visit, and only by people."""

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
# Words that identify crawlers and link previewers.
MACHINES = re.compile(
    r"bot\b|crawl|spider|slurp|preview|facebookexternalhit|embedly|whatsapp|mastodon|pleroma"
    r"|lighthouse|pingdom|uptime|monitor",
    re.IGNORECASE,
)


def count(request: HttpRequest, file: HostedFile, member: User | None) -> None:
    """Count this view of `file`, unless it is the owner's, a repeat in one visit, or not a person's."""
    if not _is_look(request) or (member is not None and member.pk == file.owner_id):
        return
    if cache.add(_visit(request, file), 1, VISIT_SECONDS):
        warmer = trending.after_a_look(file.heat, timezone.now())
        HostedFile.objects.filter(pk=file.pk).update(views=F("views") + 1, heat=warmer)
        file.views += 1


def _is_look(request: HttpRequest) -> bool:
    """Whether a person is viewing: not a HEAD, not a prefetch, not a declared crawler."""
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    ahead = "prefetch" in purpose or "prerender" in purpose
    is_machine = MACHINES.search(request.headers.get("User-Agent", ""))
    return request.method == "GET" and not ahead and not is_machine


def _visit(request: HttpRequest, file: HostedFile) -> str:
    """An anonymous key for this visitor and this file."""
    agent = request.headers.get("User-Agent", "")
    network = client_ip.network_of(client_ip.address_of(request))
    seen = f"{file.pk}\n{network}\n{agent}"
    return f"visit:{salted_hmac('hosting.visits', seen).hexdigest()}"
