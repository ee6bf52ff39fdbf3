"""An operator sees the uploads that are not finished, and gets their room back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.models import HostedFile, Part, PartialUpload
from hosting.storage import objects
from tests.factories import HostedFileFactory
from tests.hosting.admin.pages import act, page_of

pytestmark = pytest.mark.django_db

UPLOADS = "/admin/hosting/partialupload/"


def begun(owner: User | None, **more: object) -> PartialUpload:
    """An upload of which a first piece has arrived."""
    upload = PartialUpload.objects.create(
        owner=owner, length=3 * 1024**2, offset=1536, metadata={"filename": "sea.mp4"},
        expires_at=timezone.now() + timedelta(days=1), **more,
    )  # fmt: skip
    path = f"uploads/{upload.public_id}/one"
    objects.put(objects.GUARDED, path, b"piece")
    Part.objects.create(upload=upload, start=0, size=1536, path=path)
    return upload


def pieces() -> list[str]:
    return [path for _, path in objects.walk() if path.startswith("uploads/")]


def test_the_list_says_whose_they_are_and_how_far(client: Client, boss: User, alice: User) -> None:
    begun(alice)
    begun(None, ip="192.0.2.7")

    html = client.get(UPLOADS).content.decode()

    for values in ("alice", "guest", "192.0.2.7", "sea.mp4", "1.5\xa0KB / 3.0\xa0MB"):
        assert values in html


def test_deleting_one_gives_its_room_back_and_leaves_the_others(
    client: Client, boss: User, alice: User
) -> None:
    gone, kept = begun(alice), begun(None)

    asking = act(client, "delete_selected", gone)
    assert pieces()
    done = act(client, "delete_selected", gone, post="yes")

    assert b"Are you sure" in asking.content
    assert done.status_code == 200
    assert list(PartialUpload.objects.all()) == [kept]
    assert pieces() == [f"uploads/{kept.public_id}/one"]
    assert client.post(page_of(kept, "delete"), {"post": "yes"}).status_code == 302
    assert pieces() == []


def test_a_file_that_one_became_stays(client: Client, boss: User, alice: User) -> None:
    upload = begun(alice, file=HostedFileFactory(owner=alice))
    act(client, "delete_selected", upload, post="yes")
    assert HostedFile.objects.exists()
    assert not PartialUpload.objects.exists()


def test_nothing_of_one_is_changed_by_hand(client: Client, boss: User, alice: User) -> None:
    upload = begun(alice)
    assert client.get(f"{UPLOADS}add/").status_code == 403
    assert client.get(page_of(upload)).status_code == 200
    assert client.post(page_of(upload), {"offset": "0"}).status_code == 403


def test_who_may_only_look_deletes_nothing(client: Client, alice: User) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_partialupload"))
    client.force_login(looker)
    upload = begun(alice)
    assert client.get(page_of(upload)).status_code == 200
    act(client, "delete_selected", upload, post="yes")
    assert client.post(page_of(upload, "delete"), {"post": "yes"}).status_code == 403
    assert pieces()
