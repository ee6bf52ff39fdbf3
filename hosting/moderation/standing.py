"""Members' standing: suspending one hides all their files, lifting it brings back what was there.

The account's column is the truth, and is written first: from then on its keys and sessions open nothing. Its
files follow in batches; what is interrupted is marked (`User.is_settling`) and resumed by `sweep`.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from hosting import queueing
from hosting.files import visibility
from hosting.models import HostedFile

logger = logging.getLogger(__name__)

# How long a request itself hides or shows files; a worker does the rest.
INLINE_SECONDS = 10.0
SWEEP = "hosting.tasks.settle_standing"
Withheld = HostedFile.Withheld


def withheld_of(owner: User | None, wanted: str = "") -> str:
    """`wanted`, or `suspended` where nothing stronger withholds a suspended member's file."""
    if wanted in ("", Withheld.SUSPENDED):
        suspended = owner is not None and owner.suspended_at is not None
        return Withheld.SUSPENDED if suspended else Withheld.NO
    return wanted


def settle_on_commit(key: int) -> None:
    """Hide or show the files of a marked member once this transaction has committed."""
    transaction.on_commit(lambda: _settle_or_send(key), robust=True)


def settle(key: int, *, until: float = float("inf")) -> bool:
    """Hide or show the files of a marked member; return whether that is finished.

    until: the `time.monotonic()` after which no batch is started.
    """
    while (member := User.objects.filter(pk=key, is_settling=True).first()) is not None:
        keys = list(_unsettled(member).values_list("pk", flat=True)[: visibility.BATCH])
        if keys:
            visibility.change_each(keys, _columns)
        else:
            with transaction.atomic():
                held = User.objects.select_for_update().get(pk=key)
                if not _unsettled(held).exists():
                    User.objects.filter(pk=key).update(is_settling=False)
        if time.monotonic() >= until:
            return not User.objects.filter(pk=key, is_settling=True).exists()
    return True


def sweep(*, seconds: float) -> bool:
    """Continue with all marked members, for about the given time; return whether every one was visited."""
    until = time.monotonic() + seconds
    for key in User.objects.filter(is_settling=True).order_by("pk").values_list("pk", flat=True):
        try:
            if not settle(key, until=until):
                return False
        except Exception:
            logger.exception("the files of member %d could not be hidden or shown", key)
    return True


def send_sweep() -> None:
    """Have a worker continue."""
    queueing.send(SWEEP)


def _unsettled(member: User) -> QuerySet[HostedFile]:
    wrong = Withheld.NO if member.suspended_at is not None else Withheld.SUSPENDED
    return HostedFile.every.filter(owner=member, withheld=wrong).order_by("pk")


def _columns(file: HostedFile) -> dict[str, Any]:
    # The owner as the database has it now: the row may have been lifted or suspended meanwhile.
    owner = User.objects.filter(pk=file.owner_id).first() if file.owner_id else None
    file.withheld = withheld_of(owner, file.withheld)
    return {"withheld": file.withheld, "is_approved": file.approval}


def _settle_or_send(key: int) -> None:
    if not settle(key, until=time.monotonic() + INLINE_SECONDS):
        send_sweep()
