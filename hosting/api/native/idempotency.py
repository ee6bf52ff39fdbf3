"""Running a repeated request only once: the answers to requests that carry an Idempotency-Key.

The first request with a key holds its row while it runs, and keeps its answer there for a day. Later requests
get that answer, if they are identical.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from hosting.errors import HostingError
from hosting.models import Replay

# No request takes this long: a process that held a key for longer was killed.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Answer:
    """What a request was answered: status, the headers that belong to it, the body as text."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Turn:
    """The right to do a request now; give it back by `finish` or `release`."""

    scope: str
    lease: str


def begin(scope: str, digest: str, owner: User | None) -> Turn | Answer:
    """A turn for the first request, its answer for later ones.

    Raises HostingError where the first is unfinished, or was a different request.
    """
    now = timezone.now()
    lease = secrets.token_hex(16)
    Replay.objects.expired().filter(scope=scope).delete()
    try:
        with transaction.atomic():
            Replay.objects.create(
                scope=scope,
                owner=owner,
                digest=digest,
                lease=lease,
                lease_until=now + LEASE,
                created_at=now,
            )
        return Turn(scope, lease)
    except IntegrityError:
        return _later(scope, digest, lease)


def _later(scope: str, digest: str, lease: str) -> Turn | Answer:
    now = timezone.now()
    row = Replay.objects.filter(scope=scope).first()
    if row is not None and row.digest != digest:
        raise HostingError("idempotency_mismatch")
    if row is not None and row.status is not None:
        return Answer(row.status, row.headers, row.body)
    taken = Replay.objects.filter(scope=scope, status=None, lease_until__lte=now)
    if taken.update(lease=lease, lease_until=now + LEASE):
        return Turn(scope, lease)
    raise HostingError("idempotency_in_progress")


def finish(turn: Turn, answer: Answer) -> None:
    """Keep the answer for repeated requests."""
    _held(turn).update(status=answer.status, headers=dict(answer.headers), body=answer.body)


def release(turn: Turn) -> None:
    """Let the next one try: nothing was done."""
    _held(turn).delete()


def _held(turn: Turn) -> QuerySet[Replay]:
    return Replay.objects.filter(scope=turn.scope, lease=turn.lease, status=None)


REPLAYED = "Idempotent-Replayed"


LONGEST_KEY = 255


KEPT_HEADERS = ("Location", "ETag")


class Replayed(Exception):
    """The request was answered before: `answer` is that answer, to send again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
