"""Webhooks: every committed event is sent, signed, again until it is received, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from accounts.keys import Caller
from accounts.models import User
from hosting.errors import HostingError
from hosting.files import deletion, uploads
from hosting.files.options import UploadOptions
from hosting.jobs import queue, state
from hosting.models import Delivery, HostedFile, Job, Webhook
from hosting.sources.source import from_upload
from hosting.webhooks import registration, sending
from processing.errors import InvalidImage
from tests.factories import HostedFileFactory, UserFactory, picture

pytestmark = pytest.mark.django_db

EVERYTHING = Webhook.Event.values


@dataclass
class Ear:
    """A server on this machine that hears deliveries and answers with `status`."""

    port: int = 0
    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=here"

    @property
    def events(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.heard]


@pytest.fixture
def ear(settings: Any) -> Iterator[Ear]:
    listening = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listening.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(listening.status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.port = server.server_address[1]
    settings.FETCH_TRUSTED_HOSTS = [f"127.0.0.1:{listening.port}"]
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield listening
    server.shutdown()
    server.server_close()


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def final(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    """What is done within it is committed, and the worker runs its tasks."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def hook(owner: User, url: str, events: list[str] = EVERYTHING, **more: Any) -> Webhook:
    return registration.create(
        owner, is_test=more.pop("is_test", False), url=url, events=events, **more
    )


def upload(owner: User, size: int = 20) -> HostedFile:
    source = from_upload(BytesIO(picture(size, size)), "a.jpg")
    return uploads.accept(Caller(user=owner), source, UploadOptions()).file


def due_now() -> None:
    """Let every pause be over."""
    Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def test_an_upload_is_announced_and_its_signature_is_the_standards(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    webhook = hook(owner, ear.url)
    with final():
        file = upload(owner)
    [(headers, body)] = ear.heard
    values = Verifier(webhook.secret).verify(body, headers)
    assert values["type"] == "file.created"
    assert values["data"]["id"] == file.public_id
    assert values["data"]["url"] == f"http://testserver/{file.path}"
    assert headers["content-type"] == "application/json"
    delivery = Delivery.objects.get()
    assert headers["webhook-id"] == delivery.message_id
    assert (delivery.state, delivery.attempts, delivery.response_status) == ("delivered", 1, 204)
    with pytest.raises(Exception, match="No matching signature"):
        Verifier(
            registration.create(owner, is_test=False, url=ear.url, events=EVERYTHING).secret
        ).verify(body, headers)


def test_files_and_jobs_are_announced_from_beginning_to_end(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    hook(owner, ear.url)
    with final():
        file = upload(owner)
    with final():
        deletion.delete(file)
    job = Job.objects.create(owner=owner, kind="pipeline")
    with final():
        state.fail(Job.objects.filter(pk=job.pk, state="queued"), InvalidImage("It is damaged."))
    with final():
        state.fail(Job.objects.filter(pk=job.pk, state="queued"), InvalidImage("Once more."))
    result = HostedFileFactory(owner=owner)
    done = Job.objects.create(owner=owner, kind="pipeline")
    with final():
        state.end(Job.objects.filter(pk=done.pk), Job.State.DONE, result=result)
    cancelled = Job.objects.create(owner=owner, kind="pipeline")
    with final():
        queue.cancel(cancelled)
    assert ear.events == ["file.created", "file.deleted", "job.failed", "job.done"]
    failed, ended = (json.loads(body)["data"] for _, body in ear.heard[2:])
    assert (failed["id"], failed["error"]["code"]) == (job.public_id, "invalid_image")
    assert (ended["result"]["id"], ended["error"]) == (result.public_id, None)


def test_what_is_rolled_back_is_never_announced(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    hook(owner, ear.url)
    file = HostedFileFactory(owner=owner)

    def undone() -> None:
        with transaction.atomic():
            deletion.delete(file)
            raise RuntimeError

    with final(), pytest.raises(RuntimeError):
        undone()
    assert not Delivery.objects.exists()
    assert ear.heard == []


def test_no_webhook_gets_anothers_events_or_events_it_did_not_ask_for(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    hook(UserFactory(), ear.url)
    hook(owner, ear.url, ["file.deleted"])
    hook(owner, ear.url, is_test=True)
    registration.edit(hook(owner, ear.url), {"enabled": False})
    with final():
        upload(owner)
    assert ear.heard == []
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_is_not_received_is_sent_again_with_growing_pauses(
    owner: User, ear: Ear, final: Callable[[], Any], status: int
) -> None:
    webhook = hook(owner, ear.url)
    ear.status = status
    with final():
        upload(owner)
    pauses = []
    for attempt in range(1, 4):
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts) == ("pending", attempt)
        assert delivery.response_status == status
        assert str(status) in delivery.error
        pauses.append(delivery.next_at - timezone.now())
        assert sending.sweep() == 0
        due_now()
        sending.sweep()
    assert pauses == sorted(pauses)
    assert len(ear.heard) == 4
    assert len({headers["webhook-id"] for headers, _ in ear.heard}) == 1
    ear.status = 200
    due_now()
    sending.sweep()
    assert Delivery.objects.get().state == "delivered"
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_a_dead_address_is_tried_with_one_delivery_at_a_time(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    hook(owner, ear.url)
    ear.status = 500
    for size in range(10, 15):
        with final():
            upload(owner, size)
    assert len(ear.heard) == 1
    due_now()
    sending.sweep()
    assert len(ear.heard) == 2
    # Once it answers, everything that waited is sent.
    ear.status = 200
    due_now()
    sending.sweep()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert len({headers["webhook-id"] for headers, _ in ear.heard}) == 5


def test_after_two_days_of_failing_it_is_switched_off(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    assert timedelta(hours=47) < sum(sending.PAUSES, timedelta()) < timedelta(hours=49)
    webhook = hook(owner, ear.url)
    ear.status = 503
    with final():
        upload(owner)
    for _ in range(len(sending.PAUSES) - 1):
        due_now()
        sending.sweep()
    assert Delivery.objects.get().state == "pending"
    Webhook.objects.update(failing_since=timezone.now() - timedelta(hours=48))
    due_now()
    sending.sweep()
    assert Delivery.objects.get().state == "failed"
    webhook.refresh_from_db()
    assert not webhook.enabled
    assert "two days" in webhook.disabled_reason
    with final():
        upload(owner, 31)
    assert Delivery.objects.count() == 1
    registration.edit(webhook, {"enabled": True})
    assert (webhook.failing_since, webhook.disabled_reason) == (None, "")


def test_an_address_that_says_it_is_gone_is_switched_off_at_once(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    webhook = hook(owner, ear.url)
    ear.status = 410
    with final():
        upload(owner)
    webhook.refresh_from_db()
    assert not webhook.enabled


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://[::1]:{port}/", "http://0.0.0.0:{port}/"]
)
def test_a_private_address_is_never_called(
    owner: User, ear: Ear, final: Callable[[], Any], settings: Any, url: str
) -> None:
    settings.FETCH_TRUSTED_HOSTS = []
    hook(owner, url.format(port=ear.port))
    with final():
        upload(owner)
    assert ear.heard == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.response_status) == ("pending", None)
    assert "public internet" in delivery.error


def test_a_lost_message_is_made_up_for_by_the_sweep(owner: User, ear: Ear) -> None:
    hook(owner, ear.url)
    upload(owner)
    assert ear.heard == []
    sending.sweep()
    assert ear.events == ["file.created"]
    sending.sweep()
    assert len(ear.heard) == 1


def test_a_webhook_is_sent_to_by_one_worker_at_a_time(owner: User, ear: Ear) -> None:
    webhook = hook(owner, ear.url)
    upload(owner)
    Webhook.objects.update(busy_until=timezone.now() + timedelta(seconds=30))
    assert sending.deliver(webhook.pk) == 0
    # He was killed: after his time another one goes on.
    Webhook.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    assert sending.deliver(webhook.pk) == 1
    assert len(ear.heard) == 1


def test_a_delivery_can_be_sent_once_more_under_its_old_id(
    owner: User, ear: Ear, final: Callable[[], Any]
) -> None:
    hook(owner, ear.url)
    with final():
        upload(owner)
    with final():
        sending.redeliver(Delivery.objects.get())
    assert len(ear.heard) == 2
    assert ear.heard[0][0]["webhook-id"] == ear.heard[1][0]["webhook-id"]
    assert ear.heard[0][1] == ear.heard[1][1]
    assert Delivery.objects.get().state == "delivered"


def test_the_log_forgets_after_a_month(owner: User, ear: Ear, final: Callable[[], Any]) -> None:
    hook(owner, ear.url)
    with final():
        upload(owner)
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    sending.sweep()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org/", "http://", "http://a:b@example.org/", "//x"]
)
def test_what_is_no_web_address_is_refused(owner: User, url: str) -> None:
    with pytest.raises(HostingError) as refused:
        hook(owner, url)
    assert refused.value.param == "url"


def test_an_account_has_so_many_webhooks_and_no_more(owner: User) -> None:
    for _ in range(registration.MOST_WEBHOOKS):
        hook(owner, "https://example.org/")
    with pytest.raises(HostingError) as refused:
        hook(owner, "https://example.org/")
    assert refused.value.code == "too_many_webhooks"


def test_a_webhook_whose_secret_cannot_be_read_says_so(
    ear: Ear, owner: User, settings: Any
) -> None:
    webhook = registration.create(owner, is_test=False, url=ear.url, events=EVERYTHING)
    Delivery.objects.create(webhook=webhook, event="file.created", body="{}")
    settings.SECRET_KEY = "another-key-of-more-than-fifty-characters-0123456789"
    sending.deliver(webhook.pk)
    assert not ear.heard
    assert "SECRET_KEY" in Delivery.objects.get().error


def test_an_owner_is_sent_to_by_one_worker_at_a_time_whatever_webhooks_there_are(
    owner: User, ear: Ear
) -> None:
    first, second, other = hook(owner, ear.url), hook(owner, ear.url), hook(UserFactory(), ear.url)
    for webhook in (second, other):
        Delivery.objects.create(webhook=webhook, event="file.created", body="{}")
    Webhook.objects.filter(pk=first.pk).update(busy_until=timezone.now() + timedelta(seconds=30))
    assert sending.deliver(second.pk) == 0
    assert sending.deliver(other.pk) == 1
    Webhook.objects.filter(pk=first.pk).update(busy_until=None)
    assert sending.deliver(second.pk) == 1


def test_who_ends_with_one_webhook_hands_on_the_owner_s_others(
    owner: User, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = hook(owner, ear.url), hook(owner, ear.url)
    for webhook in (first, second):
        Delivery.objects.create(webhook=webhook, event="file.created", body="{}")
    sent: list[int] = []
    monkeypatch.setattr(sending, "send_soon", sent.append)
    assert sending.deliver(first.pk) == 1
    assert sent == [second.pk]


def test_an_owner_whose_time_is_used_up_waits_for_the_next_minute_and_nobody_else_does(
    owner: User, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(sending, "OWNER_SECONDS", 0.000001)
    mine, other = hook(owner, ear.url), hook(UserFactory(), ear.url)
    for webhook in (mine, mine, other):
        Delivery.objects.create(webhook=webhook, event="file.created", body="{}")
    assert sending.deliver(mine.pk) == 1
    waiting = Delivery.objects.get(webhook=mine, state="pending")
    assert waiting.next_at.second == 0
    assert waiting.next_at > timezone.now()
    assert waiting.attempts == 0
    assert sending.deliver(other.pk) == 1


def test_a_slow_address_is_called_once_and_counts_as_failing(
    owner: User, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = hook(owner, ear.url)
    for _ in range(3):
        Delivery.objects.create(webhook=webhook, event="file.created", body="{}")
    monkeypatch.setattr(sending, "SLOW_SECONDS", -1.0)
    assert sending.deliver(webhook.pk) == 1
    webhook.refresh_from_db()
    assert webhook.failing_since is not None
    assert len(ear.heard) == 1
    assert Delivery.objects.filter(state="delivered").count() == 1
    monkeypatch.undo()
    due_now()
    assert sending.deliver(webhook.pk) == 2
    webhook.refresh_from_db()
    assert webhook.failing_since is None
