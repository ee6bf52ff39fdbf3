"""Creating and changing webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import ApiKey, User
from hosting.errors import HostingError
from hosting.models import Webhook
from hosting.sources import fetch

MOST_WEBHOOKS = 10


def create(
    owner: User,
    *,
    is_test: bool,
    url: str,
    events: Iterable[str],
    description: str = "",
    made_by: ApiKey | None = None,
) -> Webhook:
    """A new webhook of `owner`, for the events of either live or test keys. Raises HostingError.

    made_by: the calling key; the webhook ends with it.
    """
    if Webhook.objects.standing().filter(owner=owner).count() >= MOST_WEBHOOKS:
        raise HostingError("too_many_webhooks", number=MOST_WEBHOOKS)
    return Webhook.objects.create(
        owner=owner,
        is_test=is_test,
        url=_checked(url),
        events=_known(events),
        description=description,
        made_by=made_by,
    )


def edit(
    webhook: Webhook, changes: Mapping[str, Any], *, changed_by: ApiKey | None = None
) -> Webhook:
    """Change url, events, description or enabled; enabling clears its failures. Raises HostingError.

    changed_by: the calling key; None for a person. The webhook ends with the key that chose its address, and a
    person's webhook with the key that changes anything of it.
    """
    new: dict[str, Any] = {}
    if "url" in changes or webhook.made_by_id is None:
        new["made_by"] = changed_by
    if "url" in changes:
        new["url"] = _checked(changes["url"])
    if "events" in changes:
        new["events"] = _known(changes["events"])
    if "description" in changes:
        new["description"] = changes["description"]
    if "enabled" in changes:
        new |= {"enabled": changes["enabled"], "disabled_reason": ""}
        if changes["enabled"]:
            new["failing_since"] = None
    for name, value in new.items():
        setattr(webhook, name, value)
    # A delivery that fails meanwhile writes other columns of the same row.
    webhook.save(update_fields=list(new))
    return webhook


def disable_all(owner: User, reason: str) -> int:
    """Switch off every webhook of `owner`; return how many were on. reason: shown with each of them."""
    enabled = Webhook.objects.filter(owner=owner, enabled=True)
    return enabled.update(enabled=False, disabled_reason=reason)


def _checked(url: str) -> str:
    try:
        fetch.check(url)
    except fetch.FetchError as error:
        error.param = "url"
        raise
    return url.strip()


def _known(events: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(events))
    if not wanted or not set(wanted) <= set(Webhook.Event.values):
        raise HostingError("invalid_events", names=", ".join(Webhook.Event.values))
    return wanted
