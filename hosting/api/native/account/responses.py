"""The account and its keys as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts import quotas, rates
from accounts.keys import Caller
from accounts.models import ApiKey, User
from accounts.scopes import SCOPES
from hosting.api.native.presenting import moment
from hosting.models import HostedFile


class KeyObject(serializers.Serializer):
    """An API key, without its secret."""

    COUNTERS = frozenset({"last_used_at", "last_used_from"})

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    kind = serializers.ChoiceField(ApiKey.Kind.values)
    prefix = serializers.CharField()
    created_at = moment()
    scopes = serializers.ListField(child=serializers.ChoiceField(list(SCOPES)))
    ends_at = moment(allow_null=True)
    last_used_at = moment(allow_null=True)
    last_used_from = serializers.IPAddressField(allow_null=True)
    revoked_at = moment(allow_null=True)


class CreatedKey(KeyObject):
    """A new key, with its secret, which is shown only once."""

    secret = serializers.SerializerMethodField()

    def get_secret(self, _: object) -> str | None:
        return str(self.context["secret"])


class PlanObject(serializers.Serializer):
    """The plan of an account."""

    name = serializers.CharField()


class LimitsObject(serializers.Serializer):
    """What an account may use; bytes, or counts."""

    storage = serializers.IntegerField()
    file_size = serializers.IntegerField()
    compressions_per_day = serializers.IntegerField()
    requests_per_minute = serializers.IntegerField()


class UsageObject(serializers.Serializer):
    """What an account uses."""

    storage = serializers.IntegerField()
    files = serializers.IntegerField()
    albums = serializers.IntegerField()
    compressions_today = serializers.IntegerField()
    images_this_month = serializers.IntegerField()


class AccountObject(serializers.Serializer):
    """The account that asks."""

    username = serializers.CharField()
    stage = serializers.ChoiceField(["live", "test"], help_text="What the key sees.")
    plan = PlanObject()
    limits = LimitsObject()
    usage = UsageObject()
    created_at = moment()


def account(caller: Caller, user: User) -> dict[str, Any]:
    """The account as it stands now."""
    allowed, today = quotas.allowance(user), quotas.compressions_today(user)
    return dict(
        AccountObject(
            {
                "username": user.username,
                "stage": "test" if caller.is_test else "live",
                "plan": user.effective_plan,
                "limits": {
                    "storage": allowed.storage,
                    "file_size": allowed.file,
                    "compressions_per_day": allowed.daily_compressions,
                    "requests_per_minute": rates.limit_of(caller),
                },
                "usage": {
                    "storage": user.storage_used,
                    "files": HostedFile.objects.alive().filter(owner=user).count(),
                    "albums": user.albums.count(),
                    "compressions_today": today.limit - today.remaining,
                    "images_this_month": quotas.images_this_month(user),
                },
                "created_at": user.date_joined,
            }
        ).data
    )
