"""Whose uploads wait for a moderator."""

from __future__ import annotations

from accounts.models import User
from hosting.models import HostedFile, ModerationRules

GUEST, NEW, TRUSTED, STAFF = "guest", "new", "trusted", "staff"


def trust_of(user: User | None) -> str:
    """How far an uploader is trusted: `guest`, `new`, `trusted` or `staff`."""
    if user is None:
        return GUEST
    if user.is_staff:
        return STAFF
    return TRUSTED if user.is_trusted else NEW


def review_kept(file: HostedFile) -> str:
    """The `review` of `file` once it is kept for longer, or published.

    What processing made for a while did not wait; from then on it is a publication like any upload.
    """
    is_passing = file.expires_at is not None and not file.content_hash
    if file.review == HostedFile.Review.NONE and is_passing:
        return review_of(file.owner)
    return file.review


def review_of(user: User | None) -> str:
    """The `review` that an upload of `user` (None: a guest) begins with: waiting, or none."""
    trust = trust_of(user)
    if trust == STAFF:
        return HostedFile.Review.NONE
    if user is not None and user.is_always_queued:
        return HostedFile.Review.WAITING
    waiting = {
        ModerationRules.Queue.OFF: frozenset[str](),
        ModerationRules.Queue.GUESTS: frozenset({GUEST}),
        ModerationRules.Queue.UNTRUSTED: frozenset({GUEST, NEW}),
    }
    queue = ModerationRules.Queue(ModerationRules.current().queue)
    return HostedFile.Review.WAITING if trust in waiting[queue] else HostedFile.Review.NONE
