"""Webhooks: notifying a member's own addresses of events, signed according to Standard Webhooks.

An event becomes a Delivery row for each webhook that wants it, in the transaction of the event itself: a rolled
back event is never sent, and a committed one is sent at least once. Sending is retried with growing pauses for
two days. A webhook that fails or is slow is tried with one delivery at a time, so that a dead address costs
little. All webhooks of one owner are sent to one after another, and share a number of seconds of each minute.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from hosting.models import Delivery, Webhook
from hosting.sources import fetch
from hosting.webhooks.dispatch import send_soon

logger = logging.getLogger(__name__)

# The pause after the first, second, … failed attempt; together about 48 hours.
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 12, 18)),
)
SEND_SECONDS = 10.0
# A slower answer is read, but counts as a failure.
SLOW_SECONDS = 5.0
# Seconds of each minute that the attempts for one owner's webhooks may take together.
OWNER_SECONDS, MINUTE = 30.0, 60
# Longer than an attempt can take: after it, the process that held the delivery is gone.
LEASE = timedelta(seconds=60)
# How much longer other deliveries wait behind a slow webhook.
SLOW_PAUSE = timedelta(minutes=1)
KEPT = timedelta(days=30)
# How long one webhook may hold a worker.
TURN_SECONDS = 20.0
BATCH = 100
GONE = 410


def redeliver(delivery: Delivery) -> Delivery:
    """Send a delivery again, and now, whether delivered, given up or waiting; its message keeps its id."""
    now = timezone.now()
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.PENDING, attempts=0, next_at=now, ended_at=None
        )
        transaction.on_commit(partial(send_soon, delivery.webhook_id))
    delivery.refresh_from_db()
    return delivery


class UnreadableSecret(Exception):
    """The webhook's secret was encrypted under a SECRET_KEY that the site no longer has."""

    message = (
        "SECRET_KEY has changed, so this webhook's secret cannot be read: make the webhook anew."
    )


def sweep() -> int:
    """Have due deliveries sent: after pauses, or lost messages. Returns the number of webhooks.

    Deletes deliveries older than KEPT from the log.
    """
    waiting = Webhook.objects.standing().filter(enabled=True, deliveries__in=_due()).distinct()
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for pk in keys:
        send_soon(pk)
    Delivery.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return len(keys)


def _due() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=Delivery.State.PENDING, next_at__lte=timezone.now())


def deliver(webhook_id: int) -> int:
    """Send one webhook's due deliveries, one after another, for one turn. Returns the number of attempts.

    Does nothing while another worker sends to its owner, or once the owner's time is used up. A slow address
    holds one worker, and for no longer than a turn.
    """
    webhook = Webhook.objects.filter(pk=webhook_id)
    owner = webhook.standing().values_list("owner", flat=True).first()
    if owner is None:
        return 0
    tries, until = 0, time.monotonic() + TURN_SECONDS
    while (
        delivery := _due().filter(webhook=webhook_id).order_by("next_at", "pk").first()
    ) is not None:
        if time.monotonic() >= until:
            send_soon(webhook_id)
            break
        if _spent(owner) >= OWNER_SECONDS:
            _due().filter(webhook__owner=owner).update(next_at=_next_minute())
            break
        now = timezone.now()
        free = Q(busy_until=None) | Q(busy_until__lte=now)
        busy = Webhook.objects.filter(owner=owner, busy_until__gt=now).values("owner")
        if (
            not webhook.filter(free, enabled=True)
            .exclude(owner__in=busy)
            .update(busy_until=now + LEASE)
        ):
            # The process that is sending to this owner gets to this webhook too.
            return tries
        try:
            _try(delivery)
        finally:
            webhook.update(busy_until=None)
        tries += 1
    if tries:
        others = Webhook.objects.filter(owner=owner, enabled=True, deliveries__in=_due())
        for pk in others.exclude(pk=webhook_id).values_list("pk", flat=True).distinct():
            send_soon(pk)
    return tries


def _try(delivery: Delivery) -> None:
    status, error, began = None, "", time.monotonic()
    try:
        status = _post(delivery)
        if not 200 <= status < 300:
            error = f"The server responded with status {status}."
    except (fetch.FetchError, UnreadableSecret) as refused:
        error = refused.message
    took = time.monotonic() - began
    _spend(delivery.webhook.owner_id, took)
    delivery.attempts += 1
    _record(delivery, status, error, slow=took > SLOW_SECONDS)


def _spent(owner: int) -> float:
    """Seconds of this minute that attempts for this owner's webhooks took."""
    return float(cache.get(_minute_of(owner), 0.0))


def _spend(owner: int, seconds: float) -> None:
    # One worker at a time sends to an owner, so nothing is lost between reading and writing.
    key = _minute_of(owner)
    cache.set(key, float(cache.get(key, 0.0)) + seconds, 2 * MINUTE)


def _minute_of(owner: int) -> str:
    return f"webhooks:{owner}:{int(time.time()) // MINUTE}"


def _next_minute() -> datetime:
    minute = int(time.time()) // MINUTE + 1
    return datetime.fromtimestamp(minute * MINUTE, UTC)


def _post(delivery: Delivery) -> int:
    now = datetime.now(UTC)
    if not delivery.webhook.secret:
        raise UnreadableSecret
    signature = Signer(delivery.webhook.secret).sign(delivery.message_id, now, delivery.body)
    return fetch.post(
        delivery.webhook.url,
        delivery.body.encode(),
        {
            "Content-Type": "application/json",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        },
        trusted=settings.FETCH_TRUSTED_HOSTS,
        timeout=SEND_SECONDS,
        user_agent=f"Vitrine (+{settings.SITE_URL})",
    )


def _record(delivery: Delivery, status: int | None, error: str, *, slow: bool = False) -> None:
    """Record the result of the attempt, and when the next one is due."""
    now = timezone.now()
    delivery.response_status, delivery.error = status, error[:200]
    webhook = Webhook.objects.filter(pk=delivery.webhook_id)
    others = Delivery.objects.filter(webhook=delivery.webhook_id, state=Delivery.State.PENDING)
    others = others.exclude(pk=delivery.pk)
    with transaction.atomic():
        if not error:
            delivery.state, delivery.ended_at = Delivery.State.DELIVERED, now
            if slow:
                webhook.filter(failing_since=None).update(failing_since=now)
                later = now + SLOW_PAUSE
                others.filter(next_at__lt=later).update(next_at=later)
                _give_up(webhook, status, now)
            elif webhook.filter(failing_since__isnull=False).update(failing_since=None):
                # It works again: send the deliveries that waited for it.
                others.update(next_at=now)
        else:
            webhook.filter(failing_since=None).update(failing_since=now)
            if delivery.attempts > len(PAUSES):
                delivery.state, delivery.ended_at = Delivery.State.FAILED, now
            else:
                delivery.next_at = now + PAUSES[delivery.attempts - 1]
                # The others wait behind this one, the oldest.
                others.filter(next_at__lt=delivery.next_at).update(next_at=delivery.next_at)
            _give_up(webhook, status, now)
        # Nothing is written where the webhook was deleted in between.
        Delivery.objects.filter(pk=delivery.pk).update(
            **{name: getattr(delivery, name) for name in _RECORDED}
        )


_RECORDED = ("state", "attempts", "next_at", "response_status", "error", "ended_at")


def _give_up(webhook: QuerySet[Webhook], status: int | None, now: datetime) -> None:
    """Switch off webhooks that answer 410 Gone, or whose every attempt failed for the whole retry period."""
    if status == GONE:
        webhook.update(enabled=False, disabled_reason="The server said that it is gone (410).")
        return
    long_ago = now - sum(PAUSES, timedelta())
    failed = webhook.filter(enabled=True, failing_since__lte=long_ago)
    failed.update(enabled=False, disabled_reason="It failed at every try for two days.")
