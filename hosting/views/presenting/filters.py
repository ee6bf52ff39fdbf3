"""A search's filters besides its words: the choices of its form, and the condition of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hosting.models import HostedFile
from processing import FORMATS

Label = str | Promise
# Computed per request: "a day ago" is a different moment each time.
Condition = Callable[[], Q]


@dataclass(frozen=True)
class Filter:
    """One choice of the form. name: of the parameter. choices: by value, the label and the filter applied."""

    name: str
    label: Label
    choices: Mapping[str, tuple[Label, Condition]]


@dataclass(frozen=True)
class Chosen:
    """A Filter as shown in a form: `value` is "" where nothing was chosen."""

    name: str
    label: Label
    value: str
    options: list[tuple[str, Label]]


def _wide(pixels: int) -> tuple[Label, Condition]:
    return _("{pixels} pixels or more"), lambda: Q(width__gte=pixels)


def _younger(label: Label, days: int) -> tuple[Label, Condition]:
    return label, lambda: Q(created_at__gte=timezone.now() - timedelta(days=days))


def _of(name: str) -> Condition:
    return lambda: Q(format=name)


FILTERS = (
    Filter(
        "format",
        _("Format"),
        {name: (one.label, _of(name)) for name, one in FORMATS.items() if one.visual},
    ),
    Filter(
        "shape",
        _("Orientation"),
        {
            "landscape": (_("Landscape"), lambda: Q(width__gt=F("height"))),
            "portrait": (_("Portrait"), lambda: Q(width__lt=F("height"))),
            "square": (_("Square"), lambda: Q(width=F("height"))),
        },
    ),
    Filter("width", _("Width"), {str(pixels): _wide(pixels) for pixels in (1280, 1920, 3840)}),
    Filter(
        "age",
        _("Uploaded"),
        {
            "day": _younger(_("Past 24 hours"), 1),
            "week": _younger(_("Past week"), 7),
            "month": _younger(_("Past month"), 31),
            "year": _younger(_("Past year"), 366),
        },
    ),
)
NAMES = tuple(one.name for one in FILTERS)


def narrowed(
    request: HttpRequest, rows: QuerySet[HostedFile]
) -> tuple[QuerySet[HostedFile], list[Chosen]]:
    """Those of `rows` that the request's parameters leave, and the form's fields; Http404 for other values."""
    fields = []
    for one in FILTERS:
        value = request.GET.get(one.name, "")
        if value:
            if value not in one.choices:
                raise Http404
            rows = rows.filter(one.choices[value][1]())
        options: list[tuple[str, Label]] = [
            (key, str(label).format(pixels=key)) for key, (label, _left) in one.choices.items()
        ]
        fields.append(Chosen(one.name, one.label, value, options))
    return rows, fields
