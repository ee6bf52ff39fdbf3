"""The first administrator, made at the first start."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction

from accounts.models import User


def ensure_administrator() -> tuple[str, str] | None:
    """Make an administrator where the site has none.

    Returns the name and the password (ADMIN_PASSWORD, or a generated one that is kept nowhere else), or
    None where there is an administrator already.
    """
    with transaction.atomic():
        if User.objects.filter(is_superuser=True).exists():
            return None
        password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
        name = settings.ADMIN_USERNAME
        user, _ = User.objects.get_or_create(username=name)
        user.is_staff = user.is_superuser = True
        user.set_password(password)
        user.save()
    return name, password
