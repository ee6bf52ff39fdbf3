"""The header that tells what removed a background: its name, its description, and when it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http.response import HttpResponseBase

from hosting.jobs.kinds import background_engine
from hosting.models import Job

ENGINE = "X-Vitrine-Background-Engine"
ENGINE_HEADER: dict[str, Any] = {
    ENGINE: {
        "description": "What removed the background: `grabcut` or a network, such as `rembg u2net`; "
        "` + matting` follows where the edge was refined. Several are separated by commas.",
        "schema": {"type": "string"},
    }
}


def tell(response: HttpResponseBase, jobs: Iterable[Job]) -> HttpResponseBase:
    """The response with the engines of these jobs, where one of them removed a background."""
    engines = dict.fromkeys(engine for job in jobs if (engine := background_engine(job)))
    if engines:
        response[ENGINE] = ", ".join(engines)
    return response
