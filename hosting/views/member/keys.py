"""A member's API keys, and settings for third-party programs with a key in them."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import events
from accounts import keys as api_keys
from accounts.errors import AccountError
from accounts.models import AccountEvent, ApiKey
from hosting.forms import KeyForm
from hosting.members.client_settings import CLIENTS
from hosting.views.visitor import member_of


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True, app="allauth.account")
def keys(request: HttpRequest) -> HttpResponse:
    """The list with the form for one more. A new key's secret is on the page that answers, and nowhere else.

    The first page that a member sees shows the test key that every account has.
    """
    form, secret, member = KeyForm(request.POST or None), "", member_of(request)
    if request.method == "POST" and member and form.is_valid():
        row, secret = api_keys.create(member, **form.chosen)
        events.record(member, AccountEvent.Kind.KEY_MADE, request, str(row))
        form = KeyForm()
    # Nobody has seen a prefetched page yet.
    seen = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    first = api_keys.first_test_key(member) if member and seen else ""
    rows = ApiKey.objects.filter(user=member).order_by("revoked_at", "-created_at")
    context = {
        "form": form,
        "secret": secret,
        "first_test_key": first,
        "clients": CLIENTS,
        "active": [row for row in rows if row.revoked_at is None],
        "revoked": [row for row in rows if row.revoked_at is not None],
    }
    return render(request, "hosting/keys.html", context)


@login_required
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of the member's own keys."""
    key = get_object_or_404(ApiKey, pk=pk, user=member_of(request))
    api_keys.revoke(key)
    events.record(key.user, AccountEvent.Kind.KEY_REVOKED, request, str(key))
    messages.success(request, _("The key “%(name)s” was revoked.") % {"name": key.name})
    return redirect("keys")


@login_required
@never_cache
@sensitive_post_parameters("key")
@require_POST
def client_settings(request: HttpRequest, name: str) -> HttpResponse:
    """A program's settings with the key that the page has just shown: it is in the form, and kept nowhere."""
    if name not in CLIENTS:
        raise Http404
    client, secret = CLIENTS[name], request.POST.get("key", "")
    try:
        caller = api_keys.identify(secret)
    except AccountError as error:
        raise Http404 from error
    if caller.user is None or caller.user != member_of(request):
        raise Http404
    response = HttpResponse(
        client.settings_for(secret), content_type=f"{client.mime}; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{client.filename}"'
    return response
