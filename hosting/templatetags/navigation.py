"""NAVIGATIONS: the links of the bars on a member's own pages, and the tag that gives them to a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()


@dataclass(frozen=True, slots=True)
class Link:
    """A link to the page `view`.

    below: its pages below it count as this one too; others: further pages. needs: the name of a value of the
    page without which there is no such link.
    """

    view: str
    label: str | Promise
    below: bool = False
    others: tuple[str, ...] = ()
    needs: str = ""

    def leads_to(self, path: str) -> bool:
        """Whether `path` is of this page, or of one that counts as it."""
        address = reverse(self.view)
        return (
            path == address
            or (self.below and path.startswith(f"{address.rstrip('/')}/"))
            or path.startswith(self.others)
        )


NAVIGATIONS: Mapping[str, Sequence[Link]] = {
    "dashboard": (
        Link("dashboard", _("Files"), others=("/dashboard/files/", "/dashboard/selection")),
        Link("own-albums", _("Albums"), below=True),
        Link("tools", _("Tools"), below=True),
        Link("own-jobs", _("Jobs"), below=True),
        Link("usage", _("Usage")),
        Link("profile-settings", _("Settings")),
    ),
    "settings": (
        Link("profile-settings", _("Profile")),
        Link("upload-settings", _("Uploads")),
        Link("keys", _("API keys")),
        Link("domain-settings", _("Allowed domain")),
        Link("account_email", _("Email")),
        Link("account_change_password", _("Password")),
        Link("mfa_index", _("Passkeys, two-factor"), below=True),
        Link("security", _("Security")),
        Link("notices", _("Notices")),
        Link("socialaccount_connections", _("Connected accounts"), needs="external_name"),
        Link("usersessions_list", _("Sessions")),
        Link("data-settings", _("Your data"), others=("/settings/close",)),
        Link("dashboard", _("Dashboard")),
    ),
}


@register.simple_tag(takes_context=True)
def navigation(context: Mapping[str, Any], name: str) -> list[tuple[str, str | Promise, bool]]:
    """The links of that name: each one's address and label, and whether the page that is read is its."""
    path = context["request"].path
    return [
        (reverse(link.view), link.label, link.leads_to(path))
        for link in NAVIGATIONS[name]
        if not link.needs or context.get(link.needs)
    ]
