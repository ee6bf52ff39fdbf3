"""How allauth behaves on this site: who may sign up, and what is written of a user."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up can be closed by a setting; a new password is written alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.set_password(password)
        # Not the whole row, which holds a count of storage: an upload that ends meanwhile would be lost.
        user.save(update_fields=["password"])
