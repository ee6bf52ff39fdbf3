"""Where pictures may be fetched from by URL: an administrator's table of hosts, and the site itself.

For the APIs that promise no more than that; `fetch` is what keeps a fetch out of the server's own network.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings

from hosting.errors import HostingError
from hosting.models import AllowedOrigin


def only_allowed() -> Callable[[str], None]:
    """What refuses every other host, for `sources.from_url`: asked again after each redirect."""
    origins = list(AllowedOrigin.objects.filter(enabled=True))
    own = {urlsplit(url).hostname for url in (settings.SITE_URL, settings.FILES_URL)}

    def allow(host: str) -> None:
        if host not in own and not any(origin.matches(host) for origin in origins):
            raise HostingError("forbidden_origin")

    return allow


def require_https(url: str) -> None:
    """Raise HostingError for a URL that is not https, unless its host is one that the operator trusts."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise HostingError("invalid_url.unreadable", param="url") from error
    trusted = {f"{host}:{port}", host} & set(settings.FETCH_TRUSTED_HOSTS)
    if parts.scheme.lower() != "https" and not trusted:
        raise HostingError("unsupported_scheme.https", param="url")
