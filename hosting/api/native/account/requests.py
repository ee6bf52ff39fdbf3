"""Requests about the account: new keys."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import ApiKey
from accounts.scopes import SCOPES
from hosting.api.native.fields import Choice, moment

MOST_KEYS = 100


class NewKey(serializers.Serializer):
    """`POST /account/keys`."""

    name = serializers.CharField(max_length=ApiKey.NAME_LENGTH)
    kind = Choice(ApiKey.Kind.values, default=ApiKey.Kind.LIVE)
    scopes = serializers.ListField(
        child=Choice(list(SCOPES)),
        required=False,
        min_length=1,
        max_length=len(SCOPES),
        help_text="What the key may do. Without it: everything but `account`.",
    )
    ends_at = moment()
