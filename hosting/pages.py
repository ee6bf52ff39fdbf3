"""The site's own texts: the operator's, and the software's defaults where there are none.

About and privacy have default texts, since the data that the software keeps of people is the same everywhere;
terms and contact are the operator's and do not exist until written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hosting import markdown
from hosting.models import Page

# Addresses at the root of the site.
AT_ROOT = ("about", "terms", "privacy", "contact")


@dataclass(frozen=True)
class BuiltIn:
    """A text that comes with the software."""

    title: str | Promise
    template: str
    position: int


BUILT_IN: Mapping[str, BuiltIn] = {
    "about": BuiltIn(_("About"), "hosting/pages/about.html", 1),
    "privacy": BuiltIn(_("Privacy"), "hosting/pages/privacy.html", 3),
}


@dataclass(frozen=True)
class Link:
    """A page as the links at the end of every page name it."""

    slug: str
    title: str | Promise
    position: int

    @property
    def url(self) -> str:
        """Its address."""
        if self.slug in AT_ROOT:
            return reverse(f"page-{self.slug}")
        return reverse("page", args=[self.slug])


def links() -> list[Link]:
    """The pages that exist for the reader's language, in their order."""
    values = {slug: Link(slug, one.title, one.position) for slug, one in BUILT_IN.items()}
    rows = Page.objects.filter(language__in=["", _language()]).order_by("language")
    for row in rows.only("slug", "title", "position", "is_published", "language"):
        if row.is_published:
            values[row.slug] = Link(row.slug, row.title, row.position)
        elif row.language == "":
            # Taken down for everybody, even if the software has a default text.
            values.pop(row.slug, None)
    return sorted(values.values(), key=lambda link: (link.position, link.slug))


def written(slug: str) -> Page | None:
    """The operator's text for the reader's language, or the one for all; None where neither is."""
    rows = Page.objects.filter(slug=slug, language__in=["", _language()])
    return rows.order_by("-language").filter(is_published=True).first()


def is_down(slug: str) -> bool:
    """Whether the operator took the page down for everybody."""
    return Page.objects.filter(slug=slug, language="", is_published=False).exists()


def rendered(page: Page) -> SafeString:
    """The page's text as HTML, safe to show."""
    return markdown.render(page.body, headings=True)


def _language() -> str:
    return (get_language() or "").partition("-")[0]
