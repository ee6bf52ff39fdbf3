"""The admin shows webhooks and their log, switches them off, and reveals no secret."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from hosting.models import Delivery, Webhook
from hosting.webhooks import registration
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
    return client


def test_a_webhook_is_switched_off_and_its_secret_is_not_shown(operator: Client) -> None:
    hook = registration.create(
        UserFactory(), is_test=False, url="https://example.org/<b>", events=["file.created"]
    )
    page = reverse("admin:hosting_webhook_change", args=[hook.pk])
    shown = operator.get(page).content.decode()
    assert hook.secret not in shown
    assert "https://example.org/&lt;b&gt;" in shown
    assert operator.post(page, {}).status_code == 302
    hook.refresh_from_db()
    assert (hook.enabled, hook.url) == (False, "https://example.org/<b>")
    assert operator.get(reverse("admin:hosting_webhook_add")).status_code == 403
    assert operator.get(reverse("admin:hosting_webhook_changelist")).status_code == 200


def test_the_log_is_read_and_not_written(operator: Client) -> None:
    hook = Webhook.objects.create(owner=UserFactory(), url="https://example.org/")
    row = Delivery.objects.create(webhook=hook, event="file.created", body="{}", error="Refused.")
    assert "Refused." in operator.get(reverse("admin:hosting_delivery_changelist")).content.decode()
    page = reverse("admin:hosting_delivery_change", args=[row.pk])
    assert operator.get(page).status_code == 200
    assert operator.post(page, {"error": ""}).status_code == 403
