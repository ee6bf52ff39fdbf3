"""What the camera wrote, in photographers' words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Exif = Mapping[str, object]
Text = str | Promise


def _camera(exif: Exif) -> Text:
    make, model = _text(exif, "Make"), _text(exif, "Model")
    # Many models begin with their maker's name.
    is_named = make and model.lower().startswith(make.split()[0].lower())
    return model if is_named else f"{make} {model}".strip()


def _focal_length(exif: Exif) -> Text:
    length, film = _number(exif, "FocalLength"), _number(exif, "FocalLengthIn35mmFilm")
    if not length:
        return ""
    alike = film and round(film) != round(length)
    text = f"{length:.3g}\N{NO-BREAK SPACE}mm"
    return f"{text} (35\N{NO-BREAK SPACE}mm: {film:.3g}\N{NO-BREAK SPACE}mm)" if alike else text


def _aperture(exif: Exif) -> Text:
    number = _number(exif, "FNumber")
    return f"f/{number:.3g}" if number else ""


def _exposure(exif: Exif) -> Text:
    seconds = _text(exif, "ExposureTime")
    return f"{seconds}\N{NO-BREAK SPACE}s" if seconds else ""


def _sensitivity(exif: Exif) -> Text:
    number = _number(exif, "ISOSpeedRatings")
    return f"ISO {number:.0f}" if number else ""


def _bias(exif: Exif) -> Text:
    steps = _number(exif, "ExposureBiasValue")
    return f"{steps:+.2g}\N{NO-BREAK SPACE}EV" if steps else ""


def _flash(exif: Exif) -> Text:
    flash = exif.get("Flash")
    if not isinstance(flash, int):
        return ""
    return _("fired") if flash & 1 else _("did not fire")


def _taken(exif: Exif) -> Text:
    written = _text(exif, "DateTimeOriginal")
    try:
        # The camera's own clock, which says nothing of a zone.
        moment = datetime.strptime(written, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return written
    return date_format(moment, "DATETIME_FORMAT")


def _plain(name: str) -> Callable[[Exif], Text]:
    return lambda exif: _text(exif, name)


ROWS: tuple[tuple[Text, Callable[[Exif], Text]], ...] = (
    (_("Camera"), _camera),
    (_("Lens"), _plain("LensModel")),
    (_("Focal length"), _focal_length),
    (_("Aperture"), _aperture),
    (_("Exposure"), _exposure),
    (_("Sensitivity"), _sensitivity),
    (_("Exposure compensation"), _bias),
    (_("Flash"), _flash),
    (_("Taken"), _taken),
    (_("Software"), _plain("Software")),
    (_("Artist"), _plain("Artist")),
    (_("Copyright"), _plain("Copyright")),
)


def labelled(exif: Exif) -> list[tuple[Text, Text]]:
    """Labels and values of the fields present, in the order of ROWS."""
    return [(label, value) for label, read in ROWS if (value := read(exif))]


def _text(exif: Exif, name: str) -> str:
    value = exif.get(name)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _number(exif: Exif, name: str) -> float:
    value = exif.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
