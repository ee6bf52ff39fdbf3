"""Uploaders' addresses go after their time, and nothing else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from hosting.audit import COMMAND_LINE, Subject, record, verify
from hosting.models import AuditEntry, HostedFile, ModerationRules
from hosting.moderation import addresses
from tests.factories import HostedFileFactory

pytestmark = pytest.mark.django_db

ADDRESS = "192.0.2.7"


def uploaded(days: int) -> HostedFile:
    moment = timezone.now() - timedelta(days=days)
    return HostedFileFactory(uploader_ip=ADDRESS, created_at=moment, stored=False)


def test_old_addresses_are_forgotten_in_several_steps_and_new_ones_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(addresses, "BATCH", 2)
    days = ModerationRules.current().address_days or 0
    old, new = [uploaded(days + 1) for _ in range(5)], uploaded(days - 1)

    assert addresses.forget_old() == 5

    assert not HostedFile.objects.filter(pk__in=[file.pk for file in old], uploader_ip=ADDRESS)
    assert HostedFile.objects.get(pk=new.pk).uploader_ip == ADDRESS


def test_addresses_in_the_log_go_too_and_it_is_still_right() -> None:
    entry = record(COMMAND_LINE, "reject", Subject("file", "a", address=ADDRESS))
    ModerationRules.objects.update(address_days=0)

    addresses.forget_old()

    assert AuditEntry.objects.get(pk=entry.pk).address is None
    assert verify() is None


def test_without_a_time_they_are_kept() -> None:
    ModerationRules.current()
    ModerationRules.objects.update(address_days=None)
    file = uploaded(4000)

    assert addresses.forget_old() == 0
    assert HostedFile.objects.get(pk=file.pk).uploader_ip == ADDRESS
