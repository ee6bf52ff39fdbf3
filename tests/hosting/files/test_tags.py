"""Words that are being typed are completed by words that the typist may know."""

from __future__ import annotations

import pytest

from hosting.files import tags
from tests.factories import HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_words_of_listed_files_are_completed_for_everybody() -> None:
    tags.attach(HostedFileFactory(stored=False), ["Seaside", "sun"])
    assert tags.beginning_with("  sea", None) == ["Seaside"]
    assert tags.beginning_with("", None) == []


def test_words_of_private_files_are_completed_for_their_owner_alone() -> None:
    owner = UserFactory()
    tags.attach(HostedFileFactory(stored=False, owner=owner, privacy="private"), ["secret plan"])
    assert tags.beginning_with("sec", None) == []
    assert tags.beginning_with("sec", UserFactory()) == []
    assert tags.beginning_with("sec", owner) == ["secret plan"]
