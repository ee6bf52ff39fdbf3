"""ACTIONS: everything that can be decided of a file or of a member, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hosting.models import Decision, HostedFile

Columns = dict[str, Any]
Review, Withheld = HostedFile.Review, HostedFile.Withheld


@dataclass(frozen=True)
class FileAction:
    """An action on a file.

    columns: what it writes, from the locked row. label: what moderators choose; past: what the owner reads.
    notifies: whether the owner hears of it. right: the permission of `hosting` that it needs.
    """

    label: str | Promise
    past: str | Promise
    columns: Callable[[HostedFile], Columns]
    notifies: bool = True
    appealable: bool = True
    right: str = "change_hostedfile"


@dataclass(frozen=True)
class MemberAction:
    """An action on a member; fields as of FileAction."""

    label: str | Promise
    past: str | Promise
    columns: Callable[[User], Columns]
    notifies: bool = True
    appealable: bool = True
    right: str = "moderate_members"


def _out_of_sight(withheld: str) -> Callable[[HostedFile], Columns]:
    # A file that was put away already keeps the day from which its time in the bin counts.
    return lambda file: {
        "withheld": withheld,
        "removed_at": file.removed_at or timezone.now(),
        "charged": 0,
    }


FILE_ACTIONS: Mapping[str, FileAction] = {
    "approve": FileAction(
        _("Approve"), _("approved"), lambda file: {"review": Review.APPROVED},
        notifies=False, appealable=False,
    ),
    "reject": FileAction(_("Reject"), _("rejected"), lambda file: {"review": Review.REJECTED}),
    "hide": FileAction(
        _("Hide until reviewed"), _("hidden until a moderator has looked at it"),
        lambda file: {"review": Review.WAITING}, appealable=False,
    ),
    "mark_nsfw": FileAction(
        _("Mark as NSFW"), _("marked as NSFW"), lambda file: {"nsfw": True}
    ),
    "mark_safe": FileAction(
        _("Mark as safe"), _("marked as safe"), lambda file: {"nsfw": False},
        notifies=False, appealable=False,
    ),
    "remove": FileAction(
        _("Remove"), _("removed"), _out_of_sight(Withheld.REMOVED), right="delete_hostedfile"
    ),
    "lock": FileAction(
        _("Remove and lock"), _("removed"), _out_of_sight(Withheld.LOCKED),
        right="delete_hostedfile",
    ),
}  # fmt: skip

MEMBER_ACTIONS: Mapping[str, MemberAction] = {
    "warn": MemberAction(_("Warn"), _("You were warned"), lambda user: {}),
    "trust": MemberAction(
        _("Trust"), _("Your uploads no longer wait for approval"),
        lambda user: {"is_trusted": True, "is_always_queued": False}, appealable=False,
    ),
    "distrust": MemberAction(
        _("Stop trusting"), _("Your uploads may wait for approval"),
        lambda user: {"is_trusted": False}, notifies=False, appealable=False,
    ),
    "unlist": MemberAction(
        _("Unlist new uploads"), _("Your new uploads are unlisted"),
        lambda user: {"is_unlisted_by_default": True},
    ),
    "queue": MemberAction(
        _("Queue all uploads"), _("Your uploads wait for approval"),
        lambda user: {"is_always_queued": True},
    ),
    "freeze": MemberAction(
        _("Freeze uploads"), _("Your account may not upload"),
        lambda user: {"uploads_frozen": True},
    ),
    "suspend": MemberAction(
        _("Suspend"), _("Your account was suspended and its files are hidden"),
        lambda user: {"suspended_at": user.suspended_at or timezone.now(), "is_settling": True},
    ),
}  # fmt: skip


def action_of(decision: Decision) -> FileAction | MemberAction:
    """The row of what was decided."""
    if decision.file_public_id:
        return FILE_ACTIONS[decision.action]
    return MEMBER_ACTIONS[decision.action]
