"""The admin as a browser uses it, and files as it finds them, for every test of the admin."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.models import User
from hosting.models import HostedFile, Variant
from hosting.storage import objects
from tests.factories import HostedFileFactory, picture

FILES, ALBUMS = "/admin/hosting/hostedfile/", "/admin/hosting/album/"
HOSTILE = "<script>alert('x')</script>"
CHARGED = 1000

# pytest-django's way to have done what waits for the commit that a test never makes.
Committing = Callable[..., AbstractContextManager[Any]]


def stored(owner: User | None = None, **more: Any) -> HostedFile:
    """A file with a thumbnail and a kept original, bytes and all, counted to its owner."""
    charged = CHARGED if owner else 0
    file: HostedFile = HostedFileFactory.create(owner=owner, charged=charged, **more)
    path = f"{file.path.rpartition('.')[0]}.original.tif"
    file.variants.create(name=Variant.ORIGINAL, format="tiff", path=path, size=5)
    objects.put(objects.GUARDED, path, picture(8, 8))
    if owner:
        User.objects.filter(pk=owner.pk).update(storage_used=F("storage_used") + charged)
    return file


def in_public(file: HostedFile) -> int:
    """How many of the file's objects lie where anybody is sent them."""
    return len([1 for area, path in objects.walk() if area == objects.PUBLIC and _of(file, path)])


def anywhere(file: HostedFile) -> int:
    """How many of the file's objects there are at all."""
    return len([1 for _, path in objects.walk() if _of(file, path)])


def _of(file: HostedFile, path: str) -> bool:
    return path.startswith(f"{file.path.rpartition('.')[0]}.")


def page_of(thing: Any, purpose: str = "change") -> str:
    """The address of a page of `thing`: change, delete or history."""
    opts = thing._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{purpose}", args=[thing.pk])


def form_of(client: Client, thing: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send from the page of `thing` with these changes."""
    context = client.get(page_of(thing)).context
    form = context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    if when := sent.pop("expires_at", None):
        sent |= {"expires_at_0": f"{when:%Y-%m-%d}", "expires_at_1": f"{when:%H:%M:%S}"}
    for inline in context["inline_admin_formsets"]:
        prefix = inline.formset.prefix
        sent |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return {name: value for name, value in (sent | changes).items() if value not in (None, False)}


def save(client: Client, thing: Any, **changes: Any) -> Any:
    """Change `thing` on its page."""
    return client.post(page_of(thing), form_of(client, thing, **changes))


def act(client: Client, name: str, *things: Any, **more: Any) -> Any:
    """Choose the action `name` for `things` in their list."""
    opts = things[0]._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    chosen = {"action": name, "_selected_action": [thing.pk for thing in things], **more}
    return client.post(url, chosen, follow=True)


def shown(client: Client, query: str = "") -> set[HostedFile]:
    """What the list of files holds for `query`."""
    return set(client.get(f"{FILES}?{query}").context["cl"].result_list)
