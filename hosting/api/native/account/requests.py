"""What is asked of the account: new keys."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import ApiKey
from hosting.api.native.fields import Choice

MOST_KEYS = 100


class NewKey(serializers.Serializer):
    """`POST /account/keys`."""

    name = serializers.CharField(max_length=ApiKey.NAME_LENGTH)
    kind = Choice(ApiKey.Kind.values, default=ApiKey.Kind.LIVE)
