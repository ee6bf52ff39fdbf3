"""A member's own files: the list, one of them, and many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import client_ip
from hosting.catalogue import listing
from hosting.delivery import archives
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import bulk_editing, deletion, editing
from hosting.files.similar import similar
from hosting.forms import FileForm, FilterForm, SelectionForm
from hosting.models import HostedFile
from hosting.views.member import own

PAGE = 48


@login_required
@never_cache
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The member's files, a page at a time, with the actions for the selected ones."""
    user = own.member(request)
    form = FilterForm(request.GET, owner=user)
    rows = form.narrowed(own.files(user))
    try:
        page = listing.page(rows, cursor=request.GET.get("cursor", ""), size=PAGE, order=form.order)
    except HostingError as error:
        raise Http404 from error
    values = {name: form.value_of(name) for name in form.fields if form.value_of(name)}
    context = {
        "form": form,
        "files": page.items,
        "next": _link(values, page.next),
        "previous": _link(values, page.previous),
        "as_list": form.value_of("view") == "list",
        "here": request.get_full_path(),
        "most": bulk_editing.MOST,
    }
    return render(request, "hosting/dashboard/files.html", context)


def _link(values: dict[str, str], cursor: str | None) -> str:
    return f"?{urlencode({**values, 'cursor': cursor})}" if cursor else ""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """All the details of one file."""
    user, file = own.member(request), own.file(request, public_id)
    form = FileForm(request.POST or None, file=file, owner=user)
    if request.method == "POST" and form.is_valid():
        try:
            editing.edit(file, form.changes())
        except HostingError as error:
            form.add_error(
                error.param if error.param in form.fields else None, translated(error.message)
            )
        else:
            messages.success(request, _("“%(title)s” was saved.") % {"title": file.display_title})
            return redirect(_back(request))
    context = {"form": form, "file": file, "back": _back(request), "similar": similar(file)}
    return render(request, "hosting/dashboard/file.html", context)


@dataclass(frozen=True)
class Selection:
    """The member's files that a form names, in the order of the list."""

    files: list[HostedFile]
    back: str


def _selection(request: HttpRequest) -> Selection:
    wanted = request.POST.getlist("file")[: bulk_editing.MOST]
    rows = own.files(own.member(request)).filter(public_id__in=wanted)
    return Selection(list(rows.prefetch_related("tags")), _back(request))


@login_required
@never_cache
@require_POST
def selection(request: HttpRequest) -> HttpResponseBase:
    """The list's action on the selected files: asks first, and runs once it is confirmed."""
    chosen, action = _selection(request), request.POST.get("action", "")
    if action not in ACTIONS:
        raise Http404
    if not chosen.files:
        messages.warning(request, _("Select at least one file first."))
        return redirect(chosen.back)
    return ACTIONS[action](request, chosen)


def _change(request: HttpRequest, chosen: Selection) -> HttpResponse:
    confirmed = "confirmed" in request.POST
    form = SelectionForm(request.POST if confirmed else None, owner=own.member(request))
    if confirmed and form.is_valid():
        try:
            done, refused = bulk_editing.change(chosen.files, form.changes())
        except HostingError as error:
            form.add_error("add_tags", translated(error.message))
        else:
            if done:
                text = ngettext("%(n)d file was updated.", "%(n)d files were updated.", done)
                messages.success(request, text % {"n": done})
            for one in refused:
                messages.error(request, f"{one.file.display_title}: {translated(one.message)}")
            return redirect(chosen.back)
    return _ask(request, chosen, "change", form=form)


def _delete(request: HttpRequest, chosen: Selection) -> HttpResponse:
    if "confirmed" not in request.POST:
        return _ask(request, chosen, "delete")
    done = deletion.delete_many(chosen.files)
    text = ngettext("%(n)d file was deleted.", "%(n)d files were deleted.", done)
    messages.success(request, text % {"n": done})
    return redirect(chosen.back)


def _download(request: HttpRequest, chosen: Selection) -> HttpResponseBase:
    """Runs without confirmation, since it changes nothing."""
    pieces = archives.stream(archives.entries_by_title(chosen.files))
    try:
        turn = archives.InTurn(pieces, client_ip.address_of(request))
    except archives.NoTurn as error:
        messages.error(request, translated(error.message))
        return redirect(chosen.back)
    response = StreamingHttpResponse(turn, content_type="application/zip")
    name = f"files-{timezone.localdate().isoformat()}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


ACTIONS = {"change": _change, "delete": _delete, "download": _download}


def _ask(request: HttpRequest, chosen: Selection, action: str, **more: Any) -> HttpResponse:
    context = {"files": chosen.files, "back": chosen.back, "action": action, **more}
    return render(request, f"hosting/dashboard/selection_{action}.html", context)


def _back(request: HttpRequest) -> str:
    """The list that the member came from; never any other address."""
    back = request.POST.get("back") or request.GET.get("back") or ""
    path = back.partition("?")[0]
    return back if path == "/dashboard" and back.isprintable() else "/dashboard"
