"""Secrets that the site must be able to read again, kept so that a reader of the database cannot.

What belongs here: encryption by a key that follows from SECRET_KEY. What is only compared is hashed.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


class Unreadable(Exception):
    """It was encrypted under another SECRET_KEY, or not encrypted here at all."""


@lru_cache
def _fernet(secret_keys: tuple[str, ...]) -> MultiFernet:
    """The first key encrypts, all decrypt."""
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    HKDF(SHA256(), 32, salt=None, info=b"accounts.encryption").derive(key.encode())
                )
            )
            for key in secret_keys
        ]
    )


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def encrypted(text: str) -> str:
    """`text` for the database: about 100 characters and four thirds of its length."""
    return _fernet(_keys()).encrypt(text.encode()).decode()


def decrypted(token: str) -> str:
    """The text in what `encrypted` made. Raises Unreadable."""
    try:
        return _fernet(_keys()).decrypt(token).decode()
    except InvalidToken as error:
        raise Unreadable from error


class EncryptedField(models.CharField):
    """A text that is encrypted in the database; it cannot be searched for.

    One that cannot be read any more is empty: its row can still be listed, changed and deleted.
    """

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        """The text of a column."""
        try:
            return decrypted(value) if value else value
        except Unreadable:
            return ""

    def get_prep_value(self, value: str | None) -> str | None:
        """The column of a text."""
        text = super().get_prep_value(value)
        return encrypted(text) if text else text
