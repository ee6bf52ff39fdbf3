"""What a refusal says, in the reader's language.

The domain refuses in English, because that is what APIs answer and what is stored of a job; only pages
translate. A sentence without values is looked up as it is. One with values is found by its pattern: those of
errors.ERRORS, and those of accounts and processing, which are listed here. `scripts/messages.py` collects all
of them for the translators, and a test holds them complete.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop

from hosting.errors import sentences

# Sentences with values in braces, as accounts and processing raise them.
OF_OTHERS = (
    gettext_noop(
        "Your storage is full: your account can hold {limit} MB. "
        "Delete files to make room; your existing files stay available."
    ),
    gettext_noop("Daily limit exceeded: {limit} a day. It resets at midnight UTC."),
    gettext_noop(
        "Too many requests: this key may make {limit} a minute. Try again in {seconds} s."
    ),
    gettext_noop("This key may not do this: it lacks the scope {scope}."),
    gettext_noop("Too many uploads: at most {limit} a minute. Try again later."),
    gettext_noop("Too many uploads: at most {limit} an hour. Try again later."),
    gettext_noop("Too many uploads: at most {limit} a day. Try again later."),
    gettext_noop("Too many uploads: at most {limit} a week. Try again later."),
    gettext_noop("Too many uploads: at most {limit} in 30 days. Try again later."),
    gettext_noop("The site cannot accept more from guests right now. Try again later, or sign in."),
    gettext_noop("The file is larger than {size} MB."),
    gettext_noop("{format} cannot be written."),
    gettext_noop("{format} has no quality setting."),
    gettext_noop("{format} supports sides of at most {side} pixels, not {width}x{height}."),
    gettext_noop("There is no format named “{name}”."),
    gettext_noop("The file is not in a supported format ({formats})."),
    gettext_noop("A side is longer than {side} pixels: {width}x{height}."),
    gettext_noop("The picture has more than {limit} megapixels: {width}x{height}."),
    gettext_noop("The animation has more than {limit} frames."),
    gettext_noop(
        "The animation has more than {limit} megapixels in total: {width}x{height}, {frames} frames."
    ),
    gettext_noop("The animation is too large to be changed: {width}x{height}, {frames} frames."),
    gettext_noop("The animation is too large to be re-encoded: {width}x{height}, {frames} frames."),
    gettext_noop("The video is longer than {seconds} seconds."),
    gettext_noop("Videos in {codec} are not supported."),
    gettext_noop("The drawing is larger than {size} MB."),
    gettext_noop(
        "Converting Word documents needs LibreOffice on the server: the Debian package {package}."
    ),
)
# 1,000 or 1.5 or 1.5 MB
NUMBER = re.compile(r"\d[\d,]*(\.\d+)?( [KMG]?B)?")


def translated(message: str) -> str:
    """`message` in the active language; as it is where there is no translation of it."""
    if (given := gettext(message)) != message:
        return given
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(message):
            values = {name: _local(value) for name, value in found.groupdict().items()}
            return gettext(sentence).format(**values)
    return message


def _local(value: str) -> str:
    """A number as the active language writes it; any other value as it is."""
    if not NUMBER.fullmatch(value):
        return value
    plain, _comma, unit = value.replace(",", "").partition(" ")
    text = number_format(plain, use_l10n=True, force_grouping="," in value)
    return f"{text} {unit}" if unit else text


def with_values() -> list[str]:
    """Every sentence that has values in it."""
    return [sentence for sentence in sentences() if "{" in sentence] + list(OF_OTHERS)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each sentence with a pattern that matches it with its values filled in."""
    return [
        (
            sentence,
            re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL),
        )
        for sentence in with_values()
    ]
