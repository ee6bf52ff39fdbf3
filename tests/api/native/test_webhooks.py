"""Webhooks as callers set them up: created, changed, inspected, redelivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hosting.models import Delivery, Webhook
from tests.api.native.conftest import Api, problem
from tests.factories import picture

pytestmark = pytest.mark.django_db

URL = "https://example.org/hook"


def made(api: Api, **more: Any) -> dict[str, Any]:
    answer = api.post("/webhooks", {"url": URL, "events": ["file.created"], **more})
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_a_secret_is_shown_once(alice: Api) -> None:
    values = made(alice, description="Mirror")
    assert values["secret"].startswith("whsec_")
    assert (values["url"], values["events"], values["enabled"]) == (URL, ["file.created"], True)
    read = alice.get(f"/webhooks/{values['id']}").json()
    assert read == {name: value for name, value in values.items() if name != "secret"}
    assert alice.ids("/webhooks") == [values["id"]]


def test_what_is_named_is_changed(alice: Api) -> None:
    path = f"/webhooks/{made(alice)['id']}"
    body = alice.patch(path, {"events": ["job.done", "job.failed"], "enabled": False}).json()
    assert (body["events"], body["enabled"], body["url"]) == (
        ["job.done", "job.failed"],
        False,
        URL,
    )
    problem(alice.patch(path, {"url": "ftp://example.org"}), 400, "unsupported_scheme")
    problem(alice.patch(path, {"events": ["file.burnt"]}), 400, "invalid_parameters")
    problem(alice.patch(path, {"events": []}), 400, "invalid_parameters")
    assert alice.delete(path).status_code == 204
    problem(alice.get(path), 404, "not_found")


def test_the_log_shows_what_was_sent_and_sends_it_again(alice: Api) -> None:
    path = f"/webhooks/{made(alice)['id']}"
    alice.send(picture(9, 9))
    [body] = alice.get(f"{path}/deliveries").json()["data"]
    assert (body["event"], body["state"], body["attempts"]) == ("file.created", "pending", 0)
    Delivery.objects.update(state="failed", attempts=10)
    again = alice.post(f"{path}/deliveries/{body['id']}/redeliver")
    assert again.status_code == 202
    assert (again.json()["state"], again.json()["message_id"]) == ("pending", body["message_id"])
    problem(alice.post(f"{path}/deliveries/A1b2C3d4E5f/redeliver"), 404, "not_found")


def test_webhooks_are_their_owners_and_their_stages_alone(
    alice: Api, bob: Api, member: Callable[..., Api]
) -> None:
    test = member(user=alice.user, kind="test")
    path = f"/webhooks/{made(alice)['id']}"
    trial = made(test)["id"]
    assert Webhook.objects.filter(is_test=True).count() == 1
    for api in (bob, test):
        for answer in (
            api.get(path),
            api.patch(path, {"enabled": False}),
            api.delete(path),
            api.get(f"{path}/deliveries"),
        ):
            problem(answer, 404, "not_found")
    assert (bob.ids("/webhooks"), test.ids("/webhooks")) == ([], [trial])
    test.send(picture(9, 9))
    assert Delivery.objects.get().webhook.public_id == trial
