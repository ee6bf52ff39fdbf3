"""The times after which a file may be deleted automatically."""

from __future__ import annotations

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

# The keys are Chevereto's.
EXPIRATIONS: dict[str, tuple[str | Promise, timedelta | None]] = {
    "": (_("Never"), None),
    "PT5M": (_("After 5 minutes"), timedelta(minutes=5)),
    "PT30M": (_("After 30 minutes"), timedelta(minutes=30)),
    "PT1H": (_("After 1 hour"), timedelta(hours=1)),
    "PT12H": (_("After 12 hours"), timedelta(hours=12)),
    "P1D": (_("After 1 day"), timedelta(days=1)),
    "P3D": (_("After 3 days"), timedelta(days=3)),
    "P1W": (_("After 1 week"), timedelta(weeks=1)),
    "P1M": (_("After 1 month"), timedelta(days=30)),
    "P3M": (_("After 3 months"), timedelta(days=91)),
    "P6M": (_("After 6 months"), timedelta(days=182)),
    "P1Y": (_("After 1 year"), timedelta(days=365)),
}
CHOICES = [(key, label) for key, (label, _span) in EXPIRATIONS.items()]


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def shorter_than(most: timedelta) -> list[tuple[str, str | Promise]]:
    """The choices of a guest whose files are deleted after `most` anyway."""
    offered = [(key, label) for key, (label, span) in EXPIRATIONS.items() if span and span < most]
    return [("", _after(most)), *offered]


def deleted_after(span: timedelta) -> str:
    """A sentence of its own, in whole days, or in hours below two days."""
    days, hours = span // DAY, max(1, span // HOUR)
    if days >= 2:
        return ngettext("Deleted after %(count)d day.", "Deleted after %(count)d days.", days) % {
            "count": days
        }
    return ngettext("Deleted after %(count)d hour.", "Deleted after %(count)d hours.", hours) % {
        "count": hours
    }


def _after(span: timedelta) -> str:
    days, hours = span // DAY, max(1, span // HOUR)
    if days >= 2:
        return ngettext("After %(count)d day", "After %(count)d days", days) % {"count": days}
    return ngettext("After %(count)d hour", "After %(count)d hours", hours) % {"count": hours}


def key_of(span: timedelta | None) -> str:
    """The key of `span`; "" where it has none."""
    return next((key for key, (_label, one) in EXPIRATIONS.items() if one == span), "")
