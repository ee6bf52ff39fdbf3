"""What owners read of decisions: on the site, and by mail."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from hosting.delivery import links
from hosting.models import Decision
from hosting.moderation import mails
from hosting.moderation.actions import FILE_ACTIONS, MEMBER_ACTIONS, action_of

# Decisions that their owners read of; the others are the moderators' own business.
NOTIFYING = [
    name
    for actions in (FILE_ACTIONS, MEMBER_ACTIONS)
    for name, action in actions.items()
    if action.notifies
]


def of(member: User) -> QuerySet[Decision]:
    """The decisions that `member` reads of, the newest first."""
    return Decision.objects.filter(member=member, action__in=NOTIFYING)


def unseen(member: User) -> int:
    """How many of them the member has not seen yet."""
    return of(member).filter(seen_at=None).count()


def is_appealable(decision: Decision) -> bool:
    """Whether its owner may still appeal it."""
    return action_of(decision).appealable and not decision.appeal and decision.undone_at is None


def label_of(decision: Decision) -> str:
    """What was done, as moderators choose it."""
    return str(action_of(decision).label)


def past_of(decision: Decision) -> str:
    """What was done, as its owner reads it."""
    return str(action_of(decision).past)


def send_of(decision: Decision) -> None:
    """Mail the owner once this transaction has committed; without an address, the site alone says it."""
    member = decision.member
    if member is None or not member.email:
        return
    key = decision.pk
    transaction.on_commit(lambda: _send(key), robust=True)


def _send(key: int) -> None:
    decision = Decision.objects.select_related("member", "reason").get(pk=key)
    member = decision.member
    if member is None:
        return
    mails.send(
        "decision",
        member.email,
        member.language,
        decision=decision,
        past=action_of(decision).past,
        member=member,
        link=links.absolute(reverse("notices")),
    )
