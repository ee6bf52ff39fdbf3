"""The account: what it may use, what it uses, and its keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import ApiKey, Plan
from tests.api.native.conftest import Api, problem
from tests.factories import AlbumFactory, CategoryFactory, HostedFileFactory, TagFactory, picture

pytestmark = pytest.mark.django_db


def test_limits_and_usage_are_returned(alice: Api) -> None:
    Plan.objects.filter(name="Unhurried").update(storage_limit=1000, file_limit=900)
    size = alice.send(picture(8, 8), expires_at="").json()["size"]
    AlbumFactory(owner=alice.user)
    body = alice.get("/account").json()
    assert list(body) == ["username", "stage", "plan", "limits", "usage", "created_at"]
    assert (body["username"], body["stage"]) == (alice.user.username, "live")
    assert body["plan"] == {"name": "Unhurried"}
    assert body["limits"] == {
        "storage": 1000, "file_size": 900, "compressions_per_day": 100, "requests_per_minute": 10**6
    }  # fmt: skip
    assert body["usage"] == {
        "storage": size, "files": 1, "albums": 1, "compressions_today": 0, "images_this_month": 0
    }  # fmt: skip


def test_a_new_key_works_at_once_and_its_secret_is_shown_once(alice: Api) -> None:
    answer = alice.post("/account/keys", {"name": "Phone"})
    body = answer.json()
    assert (answer.status_code, body["name"], body["kind"]) == (201, "Phone", "live")
    assert body["secret"].startswith(body["prefix"])
    assert Api(body["secret"]).get("/account").json()["username"] == alice.user.username
    listed = alice.get("/account/keys").json()["data"]
    assert [key["name"] for key in listed] == ["Phone", "tests"]
    assert all("secret" not in key for key in listed)
    assert alice.delete(f"/account/keys/{body['id']}").status_code == 204
    problem(Api(body["secret"]).get("/account"), 401, "invalid_key")
    assert alice.get(f"/account/keys/{body['id']}").json()["revoked_at"]


def test_a_test_key_stays_among_test_keys(alice: Api, member: Callable[..., Api]) -> None:
    test = member(user=alice.user, kind="test")
    problem(test.post("/account/keys", {"name": "Sly"}), 403, "forbidden")
    made = test.post("/account/keys", {"name": "Fine", "kind": "test"}).json()
    assert {key["kind"] for key in test.get("/account/keys").json()["data"]} == {"test"}
    live = ApiKey.objects.get(user=alice.user, kind="live")
    problem(test.delete(f"/account/keys/{live.pk}"), 404, "not_found")
    assert test.delete(f"/account/keys/{made['id']}").status_code == 204
    assert test.get("/account").json()["stage"] == "test"


def test_another_members_keys_are_not_there(alice: Api, bob: Api) -> None:
    key = ApiKey.objects.get(user=alice.user)
    problem(bob.get(f"/account/keys/{key.pk}"), 404, "not_found")
    problem(bob.delete(f"/account/keys/{key.pk}"), 404, "not_found")
    assert alice.get("/account").status_code == 200


def test_keys_have_names_and_kinds(alice: Api) -> None:
    problem(alice.post("/account/keys", {}), 400, "invalid_parameters")
    problem(alice.post("/account/keys", {"name": "x" * 61}), 400, "invalid_parameters")
    problem(alice.post("/account/keys", {"name": "x", "kind": "root"}), 400, "invalid_parameters")


def test_categories_are_listed_by_name(anybody: Api) -> None:
    sea = CategoryFactory(name="Sea", url_key="sea")
    CategoryFactory(name="Animals", url_key="animals")
    body = anybody.get("/categories").json()
    assert [one["name"] for one in body["data"]] == ["Animals", "Sea"]
    assert body["links"] == {"next": None, "previous": None}
    expected = {"id": sea.pk, "name": "Sea", "url_key": "sea", "description": ""}
    for name in ("sea", sea.pk):
        assert anybody.get(f"/categories/{name}").json() == expected
    problem(anybody.get("/categories/none-such"), 404, "not_found")


def test_tags_are_completed_and_listed(anybody: Api) -> None:
    HostedFileFactory(stored=False, tags=["Seaside", "sea", "mountain"])
    HostedFileFactory(stored=False, privacy="private", tags=["secret"])
    TagFactory(name="unused")

    def names(**query: object) -> list[str]:
        return [one["name"] for one in anybody.get("/tags", **query).json()["data"]]

    assert set(names(q="SEA")) == {"Seaside", "sea"}
    assert len(names(q="sea", size=1)) == 1
    assert names(q="none") == []
    assert set(names()) == {"Seaside", "sea", "mountain"}
