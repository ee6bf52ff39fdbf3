"""The page on which visitors report a file or an album."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import client_ip
from hosting import plain_text
from hosting.delivery import access
from hosting.delivery.access import Access
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.forms.report import ReportForm
from hosting.models import Album, HostedFile
from hosting.moderation import reports
from hosting.views.viewer import find
from hosting.views.visitor import member_of, proofs_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_file(request: HttpRequest, route: str, public_id: str) -> HttpResponse:
    """Report a file that this visitor sees."""
    file = find(public_id)
    if access.access(file, member_of(request), proofs_of(request)) is not Access.GRANTED:
        raise Http404
    return _report(request, file, file.viewer_path, file.display_title)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_album(request: HttpRequest, public_id: str) -> HttpResponse:
    """Report an album that this visitor may open."""
    album = get_object_or_404(Album.objects.select_related("owner"), public_id=public_id)
    if not access.album_opens(album, member_of(request), proofs_of(request)):
        raise Http404
    return _report(request, album, f"/album/{album.public_id}", album.name)


def _report(request: HttpRequest, thing: HostedFile | Album, back: str, title: str) -> HttpResponse:
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reports.report(
                thing,
                form.cleaned_data["reason"],
                reporter=member_of(request),
                address=client_ip.address_of(request),
                text=plain_text.paragraphs(form.cleaned_data["text"]),
                email=form.cleaned_data["email"],
                notice=form.notice,
            )
        except HostingError as error:
            form.add_error(None, translated(error.message))
        else:
            context = {"back": back, "is_done": True}
            return render(request, "hosting/report.html", context)
    context = {"form": form, "back": back, "title": title}
    return render(request, "hosting/report.html", context, status=400 if form.errors else 200)
