"""Deleting a file: by its secret link, or by its owner."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from hosting.audit import by_site
from hosting.delivery import access
from hosting.delivery.access import Access
from hosting.files import deletion
from hosting.moderation import removals
from hosting.views.viewer import find
from hosting.views.visitor import member_of


# The token in the address is the only permission needed to delete, and it cannot be forged without knowing it:
# a CSRF token would only shut out people whose browser keeps no cookies.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete_link(request: HttpRequest, route: str, public_id: str, token: str) -> HttpResponse:
    """GET asks, so that no prefetcher or link scanner deletes; POST deletes, expired files too."""
    file = find(public_id)
    # What moderators withhold is kept, whoever has its link.
    if file.withheld or not deletion.opens(file, token):
        raise Http404
    if request.method == "POST":
        deletion.delete_own(file)
        return _secret(render(request, "hosting/deleted.html", {"title": file.display_title}))
    # A picture that this visitor would not be sent leaves a gap; better to show none.
    visible = access.access(file, member_of(request)) is Access.GRANTED
    return _secret(render(request, "hosting/delete.html", {"file": file, "visible": visible}))


@require_POST
def delete(request: HttpRequest, route: str, public_id: str) -> HttpResponse:
    """The owner's or the staff's button on the view page."""
    file, member = find(public_id), member_of(request)
    if member is None or not access.may_delete(member, file):
        raise Http404
    if file.owner_id == member.pk:
        deletion.delete_own(file)
    else:
        removals.destroy(file, by_site(member))
    messages.success(request, _("“%(title)s” has been deleted.") % {"title": file.display_title})
    return redirect("home")


def _secret(response: HttpResponse) -> HttpResponse:
    """Keep the page's address, a secret, to the page."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
