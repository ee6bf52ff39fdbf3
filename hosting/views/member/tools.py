"""The processing tools: choose a picture and what to do with it, and take the result."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import client_ip
from accounts.errors import AccountError
from hosting.backends import networks
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import editing
from hosting.files.editing import Changes
from hosting.files.limits import limits_for
from hosting.forms import TOOL_FORMS, ToolForm
from hosting.jobs import tools as toolbox
from hosting.jobs.tools import TOOLS
from hosting.models import HostedFile, Job
from hosting.sources.source import Source, from_upload
from hosting.views import passing
from hosting.views.home import upload_limits
from hosting.views.member import own
from hosting.views.visitor import caller_of
from processing import ProcessingError

# How many of the member's newest files are offered.
OFFERED = 12


@login_required
@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    """The list of tools."""
    return render(request, "hosting/dashboard/tools.html", {"tools": TOOL_FORMS.values()})


# Exempt only until the body is known to be whole; see hosting.views.upload.
@csrf_exempt
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tool(request: HttpRequest, name: str) -> HttpResponse:
    """One tool's form, and its result."""
    if name not in TOOL_FORMS:
        raise Http404
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    too_much = request.META.get("vitrine.body_too_large") or length > settings.MAX_REQUEST_BYTES
    if request.method == "POST":
        try:
            passing.refuse_if_no_work(request)
        except passing.PASSING as error:
            messages.error(request, translated(error.message))
            answer = _page(request, TOOL_FORMS[name](), status=passing.status_of(error))
            return passing.marked(answer, error)
    try:
        request.POST  # noqa: B018 - reading it parses the body
    except (TooManyFilesSent, TooManyFieldsSent):
        too_much = True
    if too_much:
        return render(request, "413.html", upload_limits(caller_of(request)), status=413)
    return _tool(request, name)


@csrf_protect
def _tool(request: HttpRequest, name: str) -> HttpResponse:
    kind = TOOL_FORMS[name]
    if request.method != "POST":
        return _page(request, kind(initial={"file": request.GET.get("file", "")}))
    form = kind(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        source = _source(request, form)
        done = toolbox.use(
            caller_of(request),
            name,
            source,
            form.parameters(),
            ip=client_ip.address_of(request),
        )
    except (HostingError, AccountError, ProcessingError) as error:
        known = error.param in form.fields
        form.add_error(error.param if known else None, translated(error.message))
        return passing.marked(_page(request, form, status=passing.status_of(error)), error)
    if isinstance(done, Job):
        return redirect("own-job", done.public_id)
    return redirect(f"/tools/result/{done.public_id}?from={name}&was={source.size}")


def _source(request: HttpRequest, form: ToolForm) -> Source:
    if (part := form.cleaned_data.get("upload")) is not None:
        return from_upload(part.file, part.name or "")
    file = own.files(own.member(request)).filter(public_id=form.cleaned_data["file"]).first()
    if file is None:
        raise HostingError("unknown_file", param="upload")
    try:
        return toolbox.source_of(file)
    except FileNotFoundError as error:
        raise HostingError("unknown_file.bytes", param="upload") from error


def _page(request: HttpRequest, form: ToolForm, *, status: int = 200) -> HttpResponse:
    accepted = own.files(own.member(request)).filter(format__in=TOOLS[form.name].accepts)
    wanted = str(form["file"].value() or "")
    chosen = accepted.filter(public_id=wanted).first() if wanted else None
    offered = [one for one in accepted[:OFFERED] if one != chosen]
    limit = limits_for(caller_of(request)).bytes
    context = {
        "form": form,
        "chosen": chosen,
        "offered": [*([chosen] if chosen else []), *offered],
        "max_bytes": limit,
        "is_job": bool(TOOLS[form.name].job),
        "network": networks.status() if form.name == "remove-background" else None,
    }
    return render(request, "hosting/dashboard/tool.html", context, status=status)


@login_required
@never_cache
@require_safe
def result(request: HttpRequest, public_id: str) -> HttpResponse:
    """A tool's result: to download, to keep, or to leave until it expires."""
    file = own.file(request, public_id)
    was, name = request.GET.get("was", ""), request.GET.get("from", "")
    before = int(was) if was.isascii() and was.isdigit() and len(was) < 15 else 0
    context = {
        "file": file,
        "before": before,
        "saved": round(100 - 100 * file.size / before) if before > file.size else 0,
        "tool": TOOL_FORMS.get(name),
    }
    return render(request, "hosting/dashboard/result.html", context)


@login_required
@require_POST
def keep_result(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep a result among the member's files."""
    file: HostedFile = own.file(request, public_id)
    editing.edit(file, Changes(expires_at=None))
    messages.success(request, _("Saved to your files."))
    return redirect("edit-file", public_id)
