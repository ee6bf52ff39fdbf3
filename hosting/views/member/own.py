"""The subject of a member's page: their own file, album or job. Another's is 404, as if it did not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from hosting.models import Album, HostedFile, Job
from hosting.models.file import FileQuerySet
from hosting.views.visitor import member_of


def member(request: HttpRequest) -> User:
    """The signed-in member; views that call this are for members only."""
    if (user := member_of(request)) is None:
        raise Http404
    return user


def files(user: User) -> FileQuerySet:
    """The member's files that are not past their time, with what lists show of them."""
    own = HostedFile.objects.alive().filter(owner=user)
    return own.select_related("album", "category").prefetch_related("variants")


def file(request: HttpRequest, public_id: str) -> HostedFile:
    """The member's file of that id."""
    return get_object_or_404(files(member(request)).prefetch_related("tags"), public_id=public_id)


def album(request: HttpRequest, public_id: str) -> Album:
    """The member's album of that id."""
    rows = Album.objects.select_related("parent", "cover")
    return get_object_or_404(rows, owner=member(request), public_id=public_id)


def job(request: HttpRequest, public_id: str) -> Job:
    """The member's job of that id."""
    rows = Job.objects.select_related("result", "result__album")
    return get_object_or_404(rows, owner=member(request), public_id=public_id)
