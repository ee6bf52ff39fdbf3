"""The context of every page's template."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hosting import pages
from hosting.backends import networks
from hosting.forms import THEMES
from hosting.views.theme import theme_of


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name and address, whether people may sign up, its languages and texts."""
    return {
        "site_name": settings.SITE_NAME,
        "site_version": settings.VERSION,
        "site_url": settings.SITE_URL,
        "sign_up_open": settings.SIGN_UP_OPEN,
        "external_name": settings.OIDC_NAME if settings.OIDC_SERVER_URL else "",
        "languages": settings.LANGUAGES,
        # Asked for when a page shows them: a template calls what it can.
        "site_pages": pages.links,
        "site_network": networks.status,
        "theme": theme_of(request),
        "themes": THEMES,
    }
