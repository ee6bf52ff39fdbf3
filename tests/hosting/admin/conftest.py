"""The cast of the tests of the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", "alice@example.org", "a password of hers")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def boss(client: Client, db: None) -> User:
    """An administrator, signed in."""
    user = User.objects.create_superuser("boss")
    client.force_login(user)
    return user


@pytest.fixture
def moderator(client: Client, db: None) -> User:
    """Somebody of the staff who may see and change files, signed in."""
    user = User.objects.create_user("moderator", is_staff=True)
    names = ["view_hostedfile", "change_hostedfile"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return user
