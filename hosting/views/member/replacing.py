"""Replacing the bytes of one of the member's files: by a quarter turn, or by another file."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from accounts import client_ip
from accounts.errors import AccountError
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import replacing
from hosting.sources import source
from hosting.storage import objects
from hosting.views.home import upload_limits
from hosting.views.member import own
from hosting.views.visitor import caller_of
from processing import ProcessingError

# Clockwise, as the domain turns.
ANGLES = {"left": 270, "right": 90}


@login_required
@require_POST
def rotate_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """A quarter to the left or to the right."""
    file, angle = own.file(request, public_id), ANGLES.get(request.POST.get("turn", ""))
    if angle is None:
        raise Http404
    return _answer(
        request,
        public_id,
        lambda: replacing.rotate(caller_of(request), file, angle, ip=client_ip.address_of(request)),
        _("The picture was rotated. It has a new direct link."),
    )


# Exempt only until the body is known to be whole; see hosting.views.upload.
@csrf_exempt
@login_required
@require_POST
def replace_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """Replace the file's bytes: its page, title and other details stay."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.META.get("vitrine.body_too_large") or length > settings.MAX_REQUEST_BYTES:
        return render(request, "413.html", upload_limits(caller_of(request)), status=413)
    if request.META.get("vitrine.no_space"):
        messages.error(request, translated(objects.no_space().message))
        return redirect("edit-file", public_id)
    return _replace(request, public_id)


@csrf_protect
def _replace(request: HttpRequest, public_id: str) -> HttpResponse:
    file, part = own.file(request, public_id), request.FILES.get("file")
    if part is None:
        messages.error(request, _("Choose a file first."))
        return redirect("edit-file", public_id)
    return _answer(
        request,
        public_id,
        lambda: replacing.replace(
            caller_of(request),
            file,
            source.from_upload(part.file, part.name or ""),  # type: ignore[arg-type]
            ip=client_ip.address_of(request),
        ),
        _("The file was replaced. It has a new direct link."),
    )


def _answer(
    request: HttpRequest, public_id: str, work: Callable[[], object], done: str
) -> HttpResponse:
    """Do it, and show the result on the file's edit page."""
    try:
        work()
    except (HostingError, AccountError, ProcessingError) as error:
        messages.error(request, translated(error.message))
    else:
        messages.success(request, done)
    return redirect("edit-file", public_id)
