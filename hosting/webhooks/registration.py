"""Creating and changing webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import User
from hosting.errors import HostingError
from hosting.models import Webhook
from hosting.sources import fetch

MOST_WEBHOOKS = 10


def create(
    owner: User, *, is_test: bool, url: str, events: Iterable[str], description: str = ""
) -> Webhook:
    """A new webhook of `owner`, for what live keys do or for what test keys do. Raises HostingError."""
    if Webhook.objects.filter(owner=owner).count() >= MOST_WEBHOOKS:
        raise HostingError("too_many_webhooks", f"An account has at most {MOST_WEBHOOKS} webhooks.")
    return Webhook.objects.create(
        owner=owner,
        is_test=is_test,
        url=_checked(url),
        events=_known(events),
        description=description,
    )


def edit(webhook: Webhook, changes: Mapping[str, Any]) -> Webhook:
    """Change url, events, description or enabled; enabling forgets that it failed. Raises HostingError."""
    if "url" in changes:
        webhook.url = _checked(changes["url"])
    if "events" in changes:
        webhook.events = _known(changes["events"])
    webhook.description = changes.get("description", webhook.description)
    if "enabled" in changes:
        webhook.enabled = changes["enabled"]
        webhook.disabled_reason = ""
        if webhook.enabled:
            webhook.failing_since = None
    webhook.save()
    return webhook


def _checked(url: str) -> str:
    try:
        fetch.check(url)
    except fetch.FetchError as error:
        raise HostingError(error.code, error.message, "url") from error
    return url.strip()


def _known(events: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(events))
    if not wanted or not set(wanted) <= set(Webhook.Event.values):
        raise HostingError(
            "invalid_events", f"events must be some of {', '.join(Webhook.Event.values)}.", "events"
        )
    return wanted
