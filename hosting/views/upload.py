"""Accepting the home page's form: every file separately, so that a broken one never stops the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from accounts import client_ip
from accounts.errors import AccountError
from accounts.keys import Caller
from hosting.error_messages import translated
from hosting.errors import Duplicate, HostingError
from hosting.files import embeds, resumable
from hosting.files.limits import limits_for
from hosting.files.options import UploadOptions
from hosting.files.uploads import accept
from hosting.forms import UploadForm
from hosting.sources import source
from hosting.sources.source import Source
from hosting.views import passing
from hosting.views.home import page, upload_limits
from hosting.views.presenting.outcomes import Outcome, as_json, delete_url_of, of_partial
from hosting.views.visitor import caller_of, may_name_urls, may_upload
from processing import ProcessingError

logger = logging.getLogger(__name__)

Opener = Callable[[], Source]


# Exempt only until the body is known to be whole: the token is in the body, and the answer to a body that was
# too large to be read must not be "your token is missing". `_take` is protected.
@csrf_exempt
def upload(request: HttpRequest) -> HttpResponse:
    """Where the form goes to."""
    if request.method != "POST":
        return redirect("home")
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.META.get("vitrine.body_too_large") or length > settings.MAX_REQUEST_BYTES:
        return _too_much(request)
    try:
        passing.refuse_if_no_work(request)
    except passing.PASSING as error:
        return _not_now(request, error)
    try:
        request.POST  # noqa: B018 - reading it parses the body
    except (TooManyFilesSent, TooManyFieldsSent):
        return _too_much(request)
    return _take(request)


@csrf_protect
def _take(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    if not may_upload(caller):
        if _for_script(request):
            return _problem(_("Only members can upload here."), 403)
        return render(request, "403.html", {"guests_refused": True}, status=403)
    form = UploadForm(request.POST, caller=caller, urls=may_name_urls(caller))
    if "privacy" in request.POST and "privacy" not in form.fields:
        # A member's form whose session has ended: a file meant to be private would become public.
        ended = _("You have been signed out, so nothing was uploaded. Reload the page.")
        if _for_script(request):
            return _problem(ended, 403)
        return page(request, caller, form, error=ended, status=403)
    valid, files = form.is_valid(), request.FILES.getlist("files")
    if not valid or not (files or form.cleaned_data.get("url")):
        nothing = _("Choose at least one picture or video.") if valid else ""
        if _for_script(request):
            return _problem(nothing or " ".join(_wrong_with(form)), 400)
        return page(request, caller, form, error=nothing, status=400)
    options = form.options(client_ip.address_of(request))
    found = list(_openers(caller, files, form.cleaned_data.get("url", "")))
    return _answer(request, [_accept(caller, name, open_, options) for name, open_ in found])


@require_safe
def resumed(request: HttpRequest, public_id: str) -> HttpResponse:
    """The outcome of an upload in pieces, for the script of the queue."""
    try:
        partial_upload = resumable.find(caller_of(request), public_id)
    except HostingError as error:
        raise Http404 from error
    if partial_upload.file is None:
        raise Http404
    return _as_json_answer([of_partial(partial_upload)])


def _openers(caller: Caller, files: list[UploadedFile], url: str) -> Iterator[tuple[str, Opener]]:
    """The name of each thing that was sent, and how to open it."""
    for part in files:
        name = part.name or _("unnamed file")
        yield name, partial(source.from_upload, part.file, part.name or "")  # type: ignore[arg-type]
    if url:
        yield url, partial(source.from_url, url, max_bytes=limits_for(caller).bytes)


def _accept(caller: Caller, name: str, opener: Opener, options: UploadOptions) -> Outcome:
    try:
        taken = accept(caller, opener(), options)
    except Duplicate as error:
        return Outcome(name, file=error.file)
    except (HostingError, AccountError, ProcessingError) as error:
        is_passing = passing.seconds_of(error) is not None
        return Outcome(name, error=translated(error.message), passing=error if is_passing else None)
    except Exception:  # a fault of ours in one file must not take the others' delete links away
        logger.exception("unforeseen error in an upload")
        return Outcome(name, error=_("Something went wrong on our side."))
    return Outcome(name, taken.file, delete_url_of(taken.file, taken.delete_token))


def _answer(request: HttpRequest, outcomes: list[Outcome]) -> HttpResponse:
    # What nothing came of because of the moment is worth sending again.
    passed = [one.passing for one in outcomes if one.passing]
    if outcomes and len(passed) == len(outcomes):
        return _not_now(request, passed[0])
    if _for_script(request):
        return _as_json_answer(outcomes)
    there = [(one.file, one.delete_url) for one in outcomes if one.file]
    context = {
        "outcomes": outcomes,
        "uploaded": sum(1 for one in outcomes if one.delete_url),
        "failed": sum(1 for one in outcomes if one.error),
        "all_codes": embeds.groups(there) if len(there) > 1 else [],
    }
    response = render(request, "hosting/uploaded.html", context, status=200 if there else 400)
    # The page holds the delete links.
    response["Cache-Control"] = "no-store"
    return response


def _too_much(request: HttpRequest) -> HttpResponse:
    if _for_script(request):
        return _problem(_("This is too much at once."), 413)
    return render(request, "413.html", upload_limits(caller_of(request)), status=413)


def _not_now(request: HttpRequest, error: passing.Refusal) -> HttpResponse:
    """The answer where nothing can be accepted for a while."""
    message, status = translated(error.message), passing.status_of(error)
    if _for_script(request):
        response: HttpResponse = _problem(message, status)
    else:
        caller = caller_of(request)
        form = UploadForm(caller=caller, urls=may_name_urls(caller))
        response = page(request, caller, form, error=message, status=status)
    return passing.marked(response, error)


def _for_script(request: HttpRequest) -> bool:
    """Whether the queue's script asks, and no person's browser."""
    return request.headers.get("Accept", "") == "application/json"


def _as_json_answer(outcomes: list[Outcome]) -> JsonResponse:
    # Understood is 200, whatever became of the files: each has its own answer.
    response = JsonResponse({"outcomes": [as_json(one) for one in outcomes]})
    response["Cache-Control"] = "no-store"
    return response


def _problem(message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)


def _wrong_with(form: UploadForm) -> Iterator[str]:
    """All errors of the form, with the fields' names."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        yield from (f"{label}: {error}" if label else str(error) for error in errors)
