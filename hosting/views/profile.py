"""A member's page: the pictures, albums and likes that everybody may see."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.usernames import RESERVED
from hosting.albums import contents
from hosting.models import Album, HostedFile, Like, Privacy
from hosting.views.presenting.gallery import cursor_page, gallery, url

ORDERS = ("recent", "popular", "liked")


@require_safe
def profile(request: HttpRequest, username: str, part: str = "") -> HttpResponse:
    """One of the three parts, at the name's one spelling."""
    member = _find(username)
    if member.username != username:
        return redirect(request.path.replace(f"/{username}", f"/{member.username}", 1))
    context: dict[str, Any] = {"member": member, "part": part, **PARTS[part](request, member)}
    return render(request, "hosting/profile.html", context)


def _find(username: str) -> User:
    """The member with that name, ignoring case; the site's reserved words have no member."""
    member = User.objects.filter(
        username__iexact=username, is_active=True, suspended_at=None
    ).first()
    if member is None or username.lower() in RESERVED:
        raise Http404
    return member


def _pictures(request: HttpRequest, member: User) -> dict[str, Any]:
    rows = HostedFile.objects.listed().filter(owner=member)
    return {"gallery": gallery(request, rows, orders=ORDERS)}


def _albums(request: HttpRequest, member: User) -> dict[str, Any]:
    rows = Album.objects.filter(owner=member, privacy=Privacy.PUBLIC)
    found = cursor_page(request, rows)
    return {"albums": contents.with_covers(found.items), **_links(request, found)}


def _likes(request: HttpRequest, member: User) -> dict[str, Any]:
    rows = Like.objects.filter(user=member, file__in=HostedFile.objects.listed())
    found = cursor_page(request, rows.select_related("file").prefetch_related("file__variants"))
    return {"files": [like.file for like in found.items], **_links(request, found)}


def _links(request: HttpRequest, found: Any) -> dict[str, str | None]:
    return {
        "next_url": url(request, cursor=found.next) if found.next else None,
        "previous_url": url(request, cursor=found.previous) if found.previous else None,
        "first_url": url(request) if request.GET.get("cursor") else None,
    }


PARTS = {"": _pictures, "albums": _albums, "likes": _likes}
