"""Which usernames may be taken.

A profile lives at `/{username}`, so every first word of the site's own addresses is reserved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

RESERVED = set(
    """
    1 about account accounts admin administrator album albums api api-v1 app category categories compress
    compressed connect contact convert converted dashboard delete docs download edit embed explore faq favicon
    files following guest healthz help home i image images img jobs json legal login logout me media moderate
    moderation new oembed page pages password plugin popular privacy profile random readyz recent redirect
    register report reports result robots root rss sdk search settings share signin signup site sitemap static
    status support system tag tags terms tools trending upload uploads user users v v1 v2 video videos vitrine
    webhooks webmanifest well-known www
    """.split()
)


def reserve(words: Iterable[str]) -> None:
    """Take `words` from what members may be called: the first words of an app's own addresses."""
    RESERVED.update(words)


def refuse_reserved(username: str) -> None:
    """Raise ValidationError where `username` is a word of the site's own addresses."""
    if username.lower() in RESERVED:
        raise ValidationError(_("This name is reserved. Choose another."), code="reserved")


USERNAME_VALIDATORS: list[Callable[[str], None]] = [
    MinLengthValidator(3),
    MaxLengthValidator(32),
    RegexValidator(
        r"\A[A-Za-z0-9][A-Za-z0-9_-]*\Z",
        _("Use letters, digits, - and _, and start with a letter or a digit."),
    ),
    refuse_reserved,
]
