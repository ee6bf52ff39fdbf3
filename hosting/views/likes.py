"""The like button of the view page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.http import require_POST

from hosting.delivery import access
from hosting.delivery.access import Access
from hosting.files import likes
from hosting.views.viewer import find
from hosting.views.visitor import member_of, proofs_of


@require_POST
def like(request: HttpRequest, route: str, public_id: str) -> HttpResponse:
    """Like a file that the member may see, or unlike it (`liked=0`)."""
    file, member = find(public_id), member_of(request)
    if access.access(file, member, proofs_of(request)) is not Access.GRANTED:
        raise Http404
    if member is None:
        query = urlencode({"next": file.viewer_path})
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
    (likes.unlike if request.POST.get("liked") == "0" else likes.like)(member, file)
    return redirect(file.viewer_path)
