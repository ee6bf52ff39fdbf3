"""Keys that may do less than their owner, end on a day, and take with them what they made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import keys
from accounts.errors import BadEnd, BadScopes, InvalidKey
from accounts.models import ApiKey, User
from accounts.scopes import PRESETS, SCOPES, USUAL

pytestmark = pytest.mark.django_db


def test_a_preset_is_made_of_scopes_that_there_are() -> None:
    assert PRESETS["everything"] == tuple(SCOPES)
    assert all(set(scopes) <= SCOPES.keys() for scopes in PRESETS.values())


def test_a_key_is_not_made_with_scopes_that_nobody_knows_or_with_none(alice: User) -> None:
    with pytest.raises(BadScopes):
        keys.create(alice, name="root", scopes=["root"])
    with pytest.raises(BadScopes):
        keys.create(alice, name="nothing", scopes=[])


def test_a_key_gives_no_scope_that_it_lacks(alice: User) -> None:
    narrow, _ = keys.create(alice, name="narrow", scopes=["read", "account"])
    with pytest.raises(BadScopes):
        keys.create(alice, name="wider", scopes=["read", "delete"], made_by=narrow)
    assert keys.create(alice, name="made", made_by=narrow)[0].scopes == ["read"]
    only, _ = keys.create(alice, name="only", scopes=["account"])
    with pytest.raises(BadScopes):
        keys.create(alice, name="none left", made_by=only)


def test_a_key_opens_nothing_after_its_end(alice: User) -> None:
    key, secret = keys.create(alice, name="guest", ends_at=timezone.now() + timedelta(hours=1))
    assert keys.identify(secret).key == key
    ApiKey.objects.update(ends_at=timezone.now())
    with pytest.raises(InvalidKey):
        keys.identify(secret)


def test_a_key_cannot_have_ended_before_it_is_made(alice: User) -> None:
    with pytest.raises(BadEnd):
        keys.create(alice, name="late", ends_at=timezone.now())


def test_what_a_key_makes_ends_no_later(alice: User) -> None:
    end = timezone.now() + timedelta(days=1)
    maker, _ = keys.create(alice, name="maker", scopes=SCOPES, ends_at=end)
    later = end + timedelta(days=1)
    assert keys.create(alice, name="made", made_by=maker)[0].ends_at == end
    assert keys.create(alice, name="made", made_by=maker, ends_at=later)[0].ends_at == end


def test_revoking_a_key_revokes_what_it_made_and_what_that_made(alice: User) -> None:
    leaked, _ = keys.create(alice, name="leaked", scopes=SCOPES)
    child, _ = keys.create(alice, name="child", scopes=SCOPES, made_by=leaked)
    _, grandchild = keys.create(alice, name="grandchild", made_by=child)
    _, other = keys.create(alice, name="other")
    assert keys.revoke(leaked) == 3
    with pytest.raises(InvalidKey):
        keys.identify(grandchild)
    assert keys.identify(other).user == alice


def test_a_key_shows_where_it_was_last_used_from(alice: User) -> None:
    key, secret = keys.create(alice, name="phone")
    keys.identify(secret, "2001:db8::1")
    key.refresh_from_db()
    assert key.last_used_from == "2001:db8::1"


def test_the_usual_scopes_are_all_but_account() -> None:
    assert set(SCOPES) - set(USUAL) == {"account"}
