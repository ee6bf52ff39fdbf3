"""Page: a text of the operator's own, in Markdown: terms, privacy, contact and what else there is to say."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Page(models.Model):
    """One text in one language; "" is for readers of every language without its own text."""

    slug = models.CharField(
        _("address"), max_length=40, validators=[RegexValidator(r"\A[a-z0-9][a-z0-9-]*\Z")],
        help_text=_(
            "about, terms, privacy and contact appear at /about and so on, all others at "
            "/page/…; use lower-case letters, digits and -."
        ),
    )  # fmt: skip
    language = models.CharField(
        _("language"), max_length=8, blank=True, choices=settings.LANGUAGES,
        help_text=_("Leave empty to show it in every language that has no version of its own."),
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=80)
    body = models.TextField(
        _("text"), max_length=100_000,
        help_text=_("Markdown: # headings, **bold**, [text](https://address), - lists. No HTML."),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(
        _("position"), default=10, help_text=_("Its position among the footer links.")
    )
    is_published = models.BooleanField(_("published"), default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("position", "slug")
        constraints = (
            models.UniqueConstraint(fields=["slug", "language"], name="one_page_of_a_language"),
        )

    def __str__(self) -> str:
        return self.title
