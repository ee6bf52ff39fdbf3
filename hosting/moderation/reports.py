"""Visitors' reports of files and albums: made, grouped by thing, and answered by what is then decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts import attempts
from accounts.client_ip import network_of
from accounts.models import User
from hosting import audit
from hosting.audit import SYSTEM, Actor, Subject
from hosting.errors import HostingError, TooManyTries
from hosting.models import Album, HostedFile, ModerationRules, Reason, Report
from hosting.moderation import decisions, outcomes

# Reports of one sender, and for how long they count.
TRIES, TRIES_SECONDS = 20, 3600
# The share of a sender's decided reports that were upheld, from which the sender is trusted.
ACCURATE = 0.5


@dataclass
class Reported:
    """A file or an album with its open reports, as moderators see it."""

    file: HostedFile | None
    album: Album | None
    reports: list[Report] = field(default_factory=list)
    accuracy: float = 0.0

    @property
    def worst(self) -> Reason:
        """The gravest reason among the reports: the first in the operator's list."""
        return min((report.reason for report in self.reports), key=lambda one: one.position)


def report(
    thing: HostedFile | Album,
    reason: Reason,
    *,
    reporter: User | None,
    address: str | None,
    text: str = "",
    email: str = "",
    notice: Mapping[str, str] | None = None,
) -> Report:
    """Report a file or an album, once for each sender while the report is open.

    notice: the fields of a formal one. Raises HostingError where the sender has an open report of it, or has
    made too many.
    """
    sender = f"user:{reporter.pk}" if reporter is not None else network_of(address) or "unknown"
    if not attempts.admitted(f"report:{sender}", TRIES, TRIES_SECONDS):
        raise TooManyTries(TRIES_SECONDS)
    named = {"file": thing} if isinstance(thing, HostedFile) else {"album": thing}
    try:
        with transaction.atomic():
            made = Report.objects.create(
                **named, reason=reason, reporter=reporter, sender=sender, text=text, email=email,
                notice=dict(notice or {}),
            )  # fmt: skip
    except IntegrityError as error:
        raise HostingError("conflict.reported") from error
    if isinstance(thing, HostedFile):
        _hide_if_many(thing)
    return made


def accuracies(senders: Collection[str]) -> dict[str, float]:
    """The share of each sender's decided reports that were upheld, of those of whom any was decided."""
    upheld = Count("pk", filter=Q(state=Report.State.UPHELD))
    decided = Report.objects.filter(sender__in=senders).exclude(state=Report.State.OPEN)
    counted = decided.order_by().values_list("sender").annotate(upheld=upheld, all=Count("pk"))
    return {sender: right / number for sender, right, number in counted}


def open_ones(most: int = 50) -> list[Reported]:
    """What is reported, the gravest reason first, then by how accurate its reporters were, then the oldest."""
    # The gravest are read first: no flood of others keeps them from the page.
    rows = Report.objects.filter(state=Report.State.OPEN)
    rows = rows.order_by("reason__position", "created_at")
    rows = rows.select_related("reason", "reporter", "album__owner", "file__owner")
    found: dict[tuple[str, int | None], Reported] = {}
    for one in rows.prefetch_related("file__variants")[: most * 20]:
        key = ("file", one.file_id) if one.file_id else ("album", one.album_id)
        found.setdefault(key, Reported(one.file, one.album)).reports.append(one)
    known = accuracies(_senders(found.values()))
    for thing in found.values():
        shares = [known[one.sender] for one in thing.reports if one.sender in known]
        thing.accuracy = sum(shares) / len(shares) if shares else ACCURATE
    order = sorted(found.values(), key=lambda thing: (thing.worst.position, -thing.accuracy))
    return order[:most]


def dismiss(thing: HostedFile | Album, actor: Actor) -> int:
    """Close the open reports of something that stays as it is; a file that they had hidden is shown again."""
    if isinstance(thing, HostedFile) and thing.review == HostedFile.Review.WAITING:
        return _closed_by(decisions.decide(thing, "approve", actor), thing)
    with transaction.atomic():
        count = outcomes.close(_open_of(thing), Report.State.DISMISSED)
        audit.record(actor, "dismiss reports", _subject_of(thing), after={"reports": count})
    return count


def uphold(album: Album, actor: Actor) -> int:
    """Close the open reports of an album after something was done about it."""
    with transaction.atomic():
        count = outcomes.close(_open_of(album), Report.State.UPHELD)
        audit.record(actor, "uphold reports", _subject_of(album), after={"reports": count})
    return count


def by_month() -> list[tuple[str, str, str, int]]:
    """How many reports there were: month (2026-11), reason, state, number."""
    rows = Report.objects.annotate(month=TruncMonth("created_at")).values_list(
        "month", "reason__code", "state"
    )
    counted = rows.annotate(number=Count("pk")).order_by("month", "reason__code", "state")
    return [(f"{month:%Y-%m}", reason, state, number) for month, reason, state, number in counted]


def overdue() -> list[Report]:
    """Open reports that nobody decided in the time of the rules, and of which nobody was reminded."""
    hours = ModerationRules.current().remind_after_hours
    until = timezone.now() - timedelta(hours=hours)
    rows = Report.objects.filter(state=Report.State.OPEN, created_at__lt=until, reminded_at=None)
    return list(rows.select_related("reason")[:1000])


def remind() -> int:
    """Mail the moderators once about each overdue report; return how many there were."""
    late = overdue()
    if late:
        outcomes.mail_moderators(len(late))
        Report.objects.filter(pk__in=[one.pk for one in late]).update(reminded_at=timezone.now())
    return len(late)


def _hide_if_many(file: HostedFile) -> None:
    """Hide a file with enough trusted reports, until a moderator has looked at it."""
    most = ModerationRules.current().hide_after_reports
    # What a moderator has approved is not hidden by visitors.
    if most is None or file.review:
        return
    members = dict(_open_of(file).values_list("sender", "reporter_id"))
    known = accuracies(members)
    trusted = [one for one, member in members.items() if _is_trusted(known.get(one), member)]
    if len(trusted) >= most:
        with transaction.atomic():
            # Locked: a moderator who approves it at this moment comes before or after, and is not overruled.
            rows = HostedFile.every.select_for_update(of=("self",))
            if rows.filter(pk=file.pk, review=HostedFile.Review.NONE).first() is not None:
                decisions.decide(file, "hide", SYSTEM, text=f"{len(trusted)} reports")


def _is_trusted(share: float | None, member: int | None) -> bool:
    """Members until their reports prove wrong; guests once a report of theirs proved right."""
    return member is not None if share is None else share >= ACCURATE


def _open_of(thing: HostedFile | Album) -> Any:
    named = {"file": thing} if isinstance(thing, HostedFile) else {"album": thing}
    return Report.objects.filter(Q(**named), state=Report.State.OPEN)


def _closed_by(decision: Any, file: HostedFile) -> int:
    return Report.objects.filter(decision=decision, file=file).count()


def _senders(things: Any) -> set[str]:
    return {one.sender for thing in things for one in thing.reports}


def _subject_of(thing: HostedFile | Album) -> Subject:
    if isinstance(thing, HostedFile):
        return Subject.file(thing)
    return Subject("album", thing.public_id, thing.owner.get_username())
