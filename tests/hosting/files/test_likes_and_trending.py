"""Hearts are counted once each; what is looked at lately is warmer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hosting.files import likes
from hosting.files.trending import BEGINNING, HALF_LIFE, after_a_look
from hosting.models import HostedFile
from tests.factories import HostedFileFactory, UserFactory

NOW = BEGINNING + timedelta(days=300)


@pytest.mark.django_db
def test_a_member_likes_a_file_once_and_may_take_it_back() -> None:
    user, file = UserFactory(), HostedFileFactory(stored=False)
    assert likes.like(user, file)
    assert not likes.like(user, file)
    assert HostedFile.objects.get(pk=file.pk).likes == 1
    assert likes.liked_by(user, [file]) == {file.pk}
    assert likes.unlike(user, file)
    assert not likes.unlike(user, file)
    assert HostedFile.objects.get(pk=file.pk).likes == 0
    assert likes.liked_by(None, [file]) == set()


def test_two_looks_are_warmer_than_one() -> None:
    once = after_a_look(0, NOW)
    assert after_a_look(once, NOW) == pytest.approx(once + 1)


def test_a_look_now_is_worth_two_of_a_half_life_ago() -> None:
    before = after_a_look(after_a_look(0, NOW - HALF_LIFE), NOW - HALF_LIFE)
    assert after_a_look(0, NOW) == pytest.approx(before)


def test_many_years_do_not_overflow() -> None:
    late = BEGINNING + timedelta(days=365 * 200)
    assert after_a_look(after_a_look(0, NOW), late) == pytest.approx(after_a_look(0, late))
