"""Deciding of files and members, undoing it exactly, and appeals.

A decision, what it changes, the audit entry and the owner's notice are one transaction. Bytes follow by
`visibility`, as for any other change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import quotas
from accounts.models import User
from hosting import audit
from hosting.audit import Actor, Subject
from hosting.errors import HostingError
from hosting.files import visibility
from hosting.models import Claim, Decision, HostedFile, Reason
from hosting.models.public_id import make_public_id
from hosting.moderation import notices, outcomes, standing
from hosting.moderation.actions import FILE_ACTIONS, MEMBER_ACTIONS, action_of

Columns = dict[str, Any]
# Columns that hold a moment; JSON has texts for them.
MOMENTS = frozenset({"removed_at", "suspended_at"})


def decide(
    file: HostedFile,
    action: str,
    actor: Actor,
    *,
    reason: Reason | None = None,
    text: str = "",
    batch: str = "",
) -> Decision:
    """Do one of FILE_ACTIONS to `file`, for `reason` with a `text` of the moderator's own.

    Raises HostingError where the file is gone.
    """
    kind = FILE_ACTIONS[action]
    with transaction.atomic():
        before, after, held = _write(file.pk, kind.columns)
        decision = Decision.objects.create(
            action=action,
            file=held,
            file_public_id=held.public_id,
            file_title=held.title,
            member_id=held.owner_id,
            reason=reason,
            text=text,
            made_by=actor.user,
            channel=actor.channel,
            batch=batch,
            before=before,
            after=after,
        )
        if held.withheld or held.review != HostedFile.Review.WAITING:
            Claim.objects.filter(file=held).delete()
        outcomes.settle(decision)
        _log(actor, action, Subject.file(held), decision)
        if kind.notifies:
            notices.send_of(decision)
    for name in ("review", "withheld", "removed_at", "charged", "nsfw", "is_approved", "area"):
        setattr(file, name, getattr(held, name))
    return decision


def decide_each(
    files: Iterable[HostedFile],
    action: str,
    actor: Actor,
    *,
    reason: Reason | None = None,
    text: str = "",
    batch: str = "",
) -> list[Decision]:
    """Do the same to each of `files` that still exists, as one batch that can be undone as one.

    batch: an id for it, to have other decisions in it too.
    """
    batch, made = batch or make_public_id(), []
    for file in files:
        # One that was deleted meanwhile needs no decision any more.
        with suppress(HostingError):
            made.append(decide(file, action, actor, reason=reason, text=text, batch=batch))
    return made


def decide_of_member(
    member: User,
    action: str,
    actor: Actor,
    *,
    reason: Reason | None = None,
    text: str = "",
    batch: str = "",
) -> Decision:
    """Do one of MEMBER_ACTIONS to `member`. Raises HostingError for staff and for accounts that are gone."""
    kind = MEMBER_ACTIONS[action]
    with transaction.atomic():
        held = User.objects.select_for_update().filter(pk=member.pk).first()
        if held is None:
            raise HostingError("not_found.member")
        if held.is_staff or held.is_superuser:
            raise HostingError("forbidden.staff")
        new = kind.columns(held)
        before = {name: getattr(held, name) for name in new}
        User.objects.filter(pk=held.pk).update(**new)
        decision = Decision.objects.create(
            action=action,
            member=held,
            reason=reason,
            text=text,
            made_by=actor.user,
            channel=actor.channel,
            batch=batch,
            before=_as_json(before),
            after=_as_json(new),
        )
        _log(actor, action, Subject.member(held), decision)
        if kind.notifies:
            notices.send_of(decision)
        if new.get("is_settling"):
            standing.settle_on_commit(held.pk)
    member.refresh_from_db(fields=list(new) or ["is_trusted"])
    return decision


def undo(decision: Decision, actor: Actor) -> None:
    """Write back what was there before.

    Raises HostingError where it was undone already, where its file is gone, or where something changed the
    same since: then a later decision stands.
    """
    with transaction.atomic():
        held = Decision.objects.select_for_update().filter(pk=decision.pk, undone_at=None).first()
        if held is None:
            raise HostingError("conflict.undone")
        subject = _undo_of_file(held) if held.file_public_id else _undo_of_member(held)
        held.undone_at, held.undone_by = timezone.now(), actor.user
        if held.appeal == Decision.Appeal.OPEN:
            held.appeal = Decision.Appeal.GRANTED
        held.save(update_fields=["undone_at", "undone_by", "appeal"])
        audit.record(actor, f"undo {held.action}", subject, before=held.after, after=held.before)
        notices.send_of(held)
    decision.refresh_from_db()


def undo_batch(batch: str, actor: Actor) -> int:
    """Undo the decisions made in one go, the last one first; return how many could be undone."""
    count = 0
    for decision in Decision.objects.filter(batch=batch, undone_at=None).order_by("-pk"):
        with suppress(HostingError):
            undo(decision, actor)
            count += 1
    return count


def appeal(decision: Decision, text: str) -> None:
    """The owner's one appeal. Raises HostingError where it was made already, or nothing is to be appealed."""
    if not action_of(decision).appealable:
        raise HostingError("conflict.no_appeal")
    rows = Decision.objects.filter(pk=decision.pk, appeal="", undone_at=None)
    changed = rows.update(appeal=Decision.Appeal.OPEN, appeal_text=text, appealed_at=timezone.now())
    if not changed:
        raise HostingError("conflict.appealed")
    decision.refresh_from_db()


def deny_appeal(decision: Decision, actor: Actor, text: str = "") -> None:
    """Let a decision stand that its owner appealed, with an answer to them; granting it is `undo`.

    Raises HostingError.
    """
    with transaction.atomic():
        rows = Decision.objects.filter(pk=decision.pk, appeal=Decision.Appeal.OPEN)
        if not rows.update(appeal=Decision.Appeal.DENIED):
            raise HostingError("conflict.appealed")
        decision.refresh_from_db()
        if text:
            # The owner reads it below what was written with the decision.
            decision.text = "\n\n".join(filter(None, (decision.text, text)))
            decision.save(update_fields=["text"])
        audit.record(actor, "deny appeal", _subject_of(decision), text=text)
        notices.send_of(decision)


def _write(
    key: int, columns_of: Callable[[HostedFile], Columns]
) -> tuple[Columns, Columns, HostedFile]:
    """Write columns to the file and move its bytes; what the columns were, and are, as JSON.

    Locks the file, its owner's account, and its album, in the order in which deletions and uploads do.
    """
    rows = HostedFile.every.select_for_update(of=("self",)).select_related("owner")
    if (held := rows.filter(pk=key).first()) is None:
        raise HostingError("not_found.gone")
    new = columns_of(held)
    before = {name: getattr(held, name) for name in new}
    if held.owner_id is not None and "charged" in new:
        difference = new["charged"] - held.charged
        # What staff removed counts for nobody; put back, it counts again, whatever the limit.
        quotas.give_back(held.owner_id, max(0, -difference))
        quotas.take(held.owner_id, max(0, difference))
    for name, value in new.items():
        setattr(held, name, value)
    changed = visibility.change_each([key], lambda _: new | {"is_approved": held.approval})[0]
    changed.owner = held.owner
    return _as_json(before), _as_json(new), changed


def _undo_of_file(decision: Decision) -> Subject:
    if decision.file_id is None:
        raise HostingError("not_found.gone")

    def columns(row: HostedFile) -> Columns:
        if _as_json({name: getattr(row, name) for name in decision.after}) != decision.after:
            raise HostingError("conflict.changed_since")
        back = _from_json(decision.before)
        if "withheld" in back:
            back["withheld"] = standing.withheld_of(row.owner, back["withheld"])
        return back

    return Subject.file(_write(decision.file_id, columns)[2])


def _undo_of_member(decision: Decision) -> Subject:
    if decision.member_id is None:
        raise HostingError("not_found.member")
    member = User.objects.select_for_update().get(pk=decision.member_id)
    now = _as_json({name: getattr(member, name) for name in decision.after})
    now.pop("is_settling", None)
    if any(decision.after[name] != value for name, value in now.items()):
        raise HostingError("conflict.changed_since")
    back = _from_json(decision.before)
    if "is_settling" in back:
        back["is_settling"] = True
    if back:
        User.objects.filter(pk=member.pk).update(**back)
    if "is_settling" in back:
        standing.settle_on_commit(member.pk)
    return Subject.member(member)


def _subject_of(decision: Decision) -> Subject:
    owner = decision.member.get_username() if decision.member is not None else ""
    if decision.file_public_id:
        return Subject("file", decision.file_public_id, owner)
    return Subject("user", owner, owner)


def _log(actor: Actor, action: str, subject: Subject, decision: Decision) -> None:
    audit.record(
        actor,
        action,
        subject,
        reason=decision.reason.code if decision.reason is not None else "",
        text=decision.text,
        before=decision.before,
        after=decision.after,
    )


def _as_json(columns: Mapping[str, Any]) -> Columns:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in columns.items()
    }


def _from_json(columns: Mapping[str, Any]) -> Columns:
    return {
        name: parse_datetime(value) if name in MOMENTS and value else value
        for name, value in columns.items()
    }
