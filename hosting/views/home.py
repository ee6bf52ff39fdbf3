"""The first page: the upload form, and the newest public pictures."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.keys import Caller
from hosting.files import embeds
from hosting.files.limits import limits_for
from hosting.forms import UploadForm
from hosting.forms.expirations import EXPIRATIONS, deleted_after
from hosting.models import HostedFile
from hosting.views.visitor import caller_of, may_name_urls, may_upload
from processing import FORMATS

RECENT = 30


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The upload form over the newest public pictures."""
    caller = caller_of(request)
    return page(request, caller, UploadForm(caller=caller, urls=may_name_urls(caller)))


def page(
    request: HttpRequest, caller: Caller, form: UploadForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    """The page around `form`, with its errors."""
    recent = HostedFile.objects.listed().select_related("owner").prefetch_related("variants")
    context: dict[str, Any] = {
        "form": form,
        "error": error,
        "may_upload": may_upload(caller),
        "recent": list(recent[:RECENT]),
        "blank_codes": embeds.blank(),
        "spans": json.dumps(
            {key: span.total_seconds() for key, (_label, span) in EXPIRATIONS.items() if span}
        ),
        **upload_limits(caller),
    }
    return render(request, "hosting/home.html", context, status=status)


def upload_limits(caller: Caller) -> dict[str, Any]:
    """The limits of `caller`, for people and for the form's script."""
    limit = limits_for(caller).bytes
    span = caller.guest_access.keep_for if caller.is_guest else None
    visual = [format for format in FORMATS.values() if format.visual]
    return {
        "max_bytes": limit,
        "deleted_after": deleted_after(span) if span else "",
        "max_request_bytes": settings.MAX_REQUEST_BYTES,
        "max_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "formats": [one.label for one in visual],
        "accept": ",".join(f".{end}" for one in visual for end in one.extensions),
    }
