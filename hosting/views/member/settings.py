"""A member's settings: the profile, upload defaults, exporting the data, closing the account."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import client_ip
from accounts.models import User
from hosting import plain_text
from hosting.delivery.archives import InTurn
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.forms import ClosingForm, DefaultsForm, DomainForm, ProfileForm
from hosting.members import closing
from hosting.members import export as exports
from hosting.views.language import remember
from hosting.views.member import own
from hosting.views.theme import keep_theme, theme_of


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The member's name, language and colours; e-mail and password have pages of their own."""
    user = own.member(request)
    form = ProfileForm(request.POST or None, user=user, theme=theme_of(request))
    if request.method != "POST" or not form.is_valid():
        return render(request, "hosting/settings/profile.html", {"form": form})
    language = form.cleaned_data["language"]
    _update(user, first_name=plain_text.line(form.cleaned_data["first_name"]), language=language)
    if language:
        translation.activate(language)
    messages.success(request, _("Your profile was saved."))
    response = redirect("profile-settings")
    if "theme" in form.data:
        keep_theme(response, form.cleaned_data["theme"])
    remember(response, language)
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def defaults(request: HttpRequest) -> HttpResponse:
    """The defaults of the member's uploads on the site."""
    user = own.member(request)
    form = DefaultsForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        _update(user, default_privacy=form.cleaned_data["privacy"], default_keep=form.keep)
        messages.success(request, _("Your upload defaults were saved."))
        return redirect("upload-settings")
    return render(request, "hosting/settings/uploads.html", {"form": form})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def domain(request: HttpRequest) -> HttpResponse:
    """The one domain from which programs may have pictures fetched."""
    user = own.member(request)
    form = DomainForm(request.POST or None, initial={"domain": user.allowed_domain})
    if request.method == "POST" and form.is_valid():
        _update(user, allowed_domain=form.cleaned_data["domain"])
        messages.success(request, _("The allowed domain was saved."))
        return redirect("domain-settings")
    return render(request, "hosting/settings/domain.html", {"form": form})


@login_required
@never_cache
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Exporting everything, and closing the account."""
    return _data(request, ClosingForm(user=own.member(request)))


def _data(request: HttpRequest, form: ClosingForm, *, status: int = 200) -> HttpResponse:
    user = own.member(request)
    context = {"form": form, "files": user.files.count(), "albums": user.albums.count()}
    return render(request, "hosting/settings/data.html", context, status=status)


@login_required
@never_cache
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything as one zip, made while it is sent."""
    user = own.member(request)
    try:
        pieces = InTurn(exports.export(user), client_ip.address_of(request))
    except HostingError as error:
        messages.error(request, translated(error.message))
        return redirect("data-settings")
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    name = f"{user.username}-{timezone.localdate().isoformat()}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@never_cache
@require_POST
@reauthentication_required(app="allauth.account")
def close(request: HttpRequest) -> HttpResponse:
    """Delete the account, confirmed by its owner's password."""
    user = own.member(request)
    form = ClosingForm(request.POST, user=user)
    try:
        closing.count_try(user)
        if not form.is_valid():
            return _data(request, form, status=400)
        closing.close(user)
    except HostingError as error:
        form.add_error("password", translated(error.message))
        return _data(request, form, status=400)
    logout(request)
    messages.success(request, _("Your account and everything in it were deleted."))
    return redirect("home")


def _update(user: User, **columns: object) -> None:
    """Write these columns alone: the row also holds a count of storage that others write."""
    User.objects.filter(pk=user.pk).update(**columns)
