"""The audit log: what staff, the command line and the site itself did. Rows are added here and changed nowhere.

Each row's digest is an HMAC, by a key that follows from SECRET_KEY, over its content and the digest before it.
So who can write to the database but does not know SECRET_KEY can change, remove or insert no row unseen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from hosting.models import AuditEntry, HostedFile, ModerationRules

BATCH = 2000
SALT = "hosting.audit"


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff, or nobody by name (the command line, the site itself)."""

    user: User | None
    channel: str

    @property
    def name(self) -> str:
        """The name in the log."""
        return self.user.get_username() if self.user is not None else ""


COMMAND_LINE = Actor(None, "command line")
SYSTEM = Actor(None, "system")


def by_site(user: User) -> Actor:
    """A member of staff on the site's own pages."""
    return Actor(user, "site")


def by_admin(user: User) -> Actor:
    """A member of staff in the admin."""
    return Actor(user, "admin")


def by_api(user: User) -> Actor:
    """A member of staff by a program."""
    return Actor(user, "api")


@dataclass(frozen=True)
class Subject:
    """What something was done to. kind: its noun; name: its public id, name or value."""

    kind: str
    name: str
    owner: str = ""
    address: str | None = None
    content_hash: str = ""

    @classmethod
    def file(cls, file: HostedFile) -> Subject:
        """A file, with what still identifies it when it is gone."""
        owner = file.owner.get_username() if file.owner is not None else ""
        return cls("file", file.public_id, owner, file.uploader_ip, file.content_hash)

    @classmethod
    def member(cls, user: User) -> Subject:
        """An account."""
        return cls("user", user.get_username(), user.get_username())


def record(
    actor: Actor,
    action: str,
    subject: Subject,
    *,
    reason: str = "",
    text: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry, in the transaction of what it is about. before, after: values that JSON can hold."""
    with transaction.atomic():
        # One writer at a time: the row of the rules exists once and serves as the lock.
        ModerationRules.locked()
        last = AuditEntry.objects.order_by("-number").first()
        entry = AuditEntry(
            number=last.number + 1 if last is not None else 1,
            created_at=timezone.now(),
            actor=actor.user,
            actor_name=actor.name,
            channel=actor.channel,
            action=action,
            kind=subject.kind,
            subject=subject.name[:100],
            owner_name=subject.owner,
            address=subject.address,
            content_hash=subject.content_hash,
            reason=reason,
            text=text,
            before=dict(before or {}),
            after=dict(after or {}),
        )
        entry.digest = _digest(entry, last.digest if last is not None else "", settings.SECRET_KEY)
        entry.save(force_insert=True)
    return entry


def verify() -> AuditEntry | None:
    """The first entry whose content or place is not what was recorded, or None where all are right.

    The last rows being cut off is not found: compare the number of rows with a copy.
    """
    number, digest = 0, ""
    while rows := list(AuditEntry.objects.filter(number__gt=number).order_by("number")[:BATCH]):
        for row in rows:
            if row.number != number + 1 or not _is_right(row, digest):
                return row
            number, digest = row.number, row.digest
    return None


def _is_right(entry: AuditEntry, before: str) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(entry.digest, _digest(entry, before, key)) for key in keys)


def _digest(entry: AuditEntry, before: str, secret: str) -> str:
    content = {
        "number": entry.number,
        "created_at": entry.created_at.isoformat(),
        "actor": entry.actor_name,
        "channel": entry.channel,
        "action": entry.action,
        "kind": entry.kind,
        "subject": entry.subject,
        "owner": entry.owner_name,
        "content_hash": entry.content_hash,
        "reason": entry.reason,
        "text": entry.text,
        "before": entry.before,
        "after": entry.after,
    }
    text = before + json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return salted_hmac(SALT, text, secret=secret, algorithm="sha256").hexdigest()


def fingerprint() -> str:
    """The log's length and last digest in one line, to keep elsewhere: it shows rows cut off at the end."""
    last = AuditEntry.objects.order_by("-number").first()
    text = f"{last.number}:{last.digest}" if last is not None else "0:"
    return f"{text.partition(':')[0]} {hashlib.sha256(text.encode()).hexdigest()[:16]}"
