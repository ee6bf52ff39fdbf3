"""What callers of this API read: one serializer an object."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from rest_framework import serializers

from accounts import quotas, rates
from accounts.keys import Caller
from accounts.models import ApiKey, User
from hosting.api.native import access
from hosting.delivery import access as delivery_access
from hosting.delivery import links
from hosting.files.variants import MEDIUM, THUMB
from hosting.jobs.pipelines import PATH
from hosting.models import Album, Delivery, HostedFile, Job, Privacy, Variant, Webhook

# mypy: disable-error-code="no-untyped-call"


def _moment(**options: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(default_timezone=UTC, **options)


def _variant_url(file: HostedFile, name: str) -> str | None:
    found: Variant | None = next((v for v in file.variants.all() if v.name == name), None)
    return links.url_of(found) if found else None


def _album_id(context: Mapping[str, Any], album: Album | None) -> str | None:
    """The album's id for who may know it: without an `asker` the owner is told, and `named` was said by him."""
    asker = context.get("asker")
    if album is None or asker is None or album.public_id == context.get("named"):
        return album.public_id if album else None
    return album.public_id if access.knows_album(asker, album) else None


class FileObject(serializers.Serializer):
    """A file."""

    # What other people's looks change: it is not part of an ETag.
    COUNTERS = frozenset({"views", "likes"})

    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    description = serializers.CharField()
    tags = serializers.SerializerMethodField()
    album = serializers.SerializerMethodField()
    category = serializers.CharField(source="category.url_key", default=None, allow_null=True)
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    nsfw = serializers.BooleanField()
    privacy = serializers.ChoiceField(Privacy.values)
    expires_at = _moment(allow_null=True)
    kind = serializers.ChoiceField(HostedFile.Kind.values)
    format = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    frames = serializers.IntegerField()
    duration = serializers.FloatField(help_text="Seconds; 0 for a still.")
    size = serializers.IntegerField(help_text="Bytes.")
    original_filename = serializers.SerializerMethodField(
        help_text="Told to the owner alone; null for others."
    )
    url = serializers.SerializerMethodField()
    viewer_url = serializers.SerializerMethodField()
    thumb_url = serializers.SerializerMethodField()
    medium_url = serializers.SerializerMethodField()
    views = serializers.IntegerField()
    likes = serializers.IntegerField()
    created_at = _moment()

    def get_album(self, file: HostedFile) -> str | None:
        return _album_id(self.context, file.album)

    def get_original_filename(self, file: HostedFile) -> str | None:
        # The pages tell it to nobody else either: people's disks are their own.
        asker = self.context.get("asker")
        return (
            file.original_filename
            if asker is None or delivery_access.owns(asker.user, file)
            else None
        )

    def get_tags(self, file: HostedFile) -> list[str]:
        return sorted(tag.name for tag in file.tags.all())

    def get_url(self, file: HostedFile) -> str:
        return links.url_of(file)

    def get_viewer_url(self, file: HostedFile) -> str:
        return links.absolute(file.viewer_path)

    def get_thumb_url(self, file: HostedFile) -> str | None:
        return _variant_url(file, THUMB)

    def get_medium_url(self, file: HostedFile) -> str | None:
        return _variant_url(file, MEDIUM)


class CreatedFile(FileObject):
    """The answer to an upload: `delete_url` is told this once, and null in a replay."""

    delete_url = serializers.SerializerMethodField()

    def get_original_filename(self, file: HostedFile) -> str | None:
        # Who sent it, be it a guest, gave the name.
        return file.original_filename

    def get_delete_url(self, file: HostedFile) -> str | None:
        return links.absolute(f"{file.short_path}/delete/{self.context['delete_token']}")


class BulkError(serializers.Serializer):
    """Why one of many was left as it is."""

    code = serializers.CharField()
    message = serializers.CharField()


class BulkResult(serializers.Serializer):
    """What became of one of many: its status as if it had been asked alone."""

    id = serializers.CharField()
    status = serializers.IntegerField()
    error = BulkError(allow_null=True)


class LikeObject(serializers.Serializer):
    """Whether the member likes the file now, and how many do."""

    liked = serializers.BooleanField()
    likes = serializers.IntegerField()


class AlbumObject(serializers.Serializer):
    """An album; count and cover are of what the asker may see."""

    COUNTERS = frozenset({"count", "cover_url"})

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    description = serializers.CharField()
    privacy = serializers.ChoiceField(Privacy.values)
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    owner = serializers.CharField(source="owner.username")
    cover = serializers.SerializerMethodField()
    cover_url = serializers.SerializerMethodField()
    count = serializers.SerializerMethodField()
    viewer_url = serializers.SerializerMethodField()
    created_at = _moment()
    updated_at = _moment()

    def get_parent(self, album: Album) -> str | None:
        return _album_id(self.context, album.parent)

    def get_cover(self, album: Album) -> str | None:
        file = self.context["covers"].get(album.pk)
        return file.public_id if file and file.pk == album.cover_id else None

    def get_cover_url(self, album: Album) -> str | None:
        file = self.context["covers"].get(album.pk)
        return (_variant_url(file, THUMB) or links.url_of(file)) if file else None

    def get_count(self, album: Album) -> int:
        return int(self.context["counts"].get(album.pk, 0))

    def get_viewer_url(self, album: Album) -> str:
        return links.absolute(album.viewer_path)


class ProofObject(serializers.Serializer):
    """What opens an album from now on, as the header `X-Album-Proof`."""

    proof = serializers.CharField()


class CategoryObject(serializers.Serializer):
    """A category."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    url_key = serializers.CharField()
    description = serializers.CharField()


class TagObject(serializers.Serializer):
    """A tag."""

    name = serializers.CharField()


class JobError(serializers.Serializer):
    """Why a job failed."""

    code = serializers.CharField(source="error_code")
    message = serializers.CharField(source="error_message")


class JobObject(serializers.Serializer):
    """A job. kind: `pipeline`, or what another API handed over. progress: per cent."""

    COUNTERS: frozenset[str] = frozenset()

    id = serializers.CharField(source="public_id")
    kind = serializers.CharField()
    state = serializers.ChoiceField(Job.State.values)
    progress = serializers.IntegerField()
    pipeline = serializers.SerializerMethodField()
    output = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()
    created_at = _moment()
    started_at = _moment(allow_null=True)
    ended_at = _moment(allow_null=True)

    def get_pipeline(self, job: Job) -> list[dict[str, Any]] | None:
        steps = job.parameters.get("pipeline")
        return [_without_paths(step) for step in steps] if isinstance(steps, list) else None

    def get_output(self, job: Job) -> dict[str, Any] | None:
        output = job.parameters.get("output")
        return output if isinstance(output, dict) else None

    def get_error(self, job: Job) -> dict[str, str] | None:
        return dict(JobError(job).data) if job.state == Job.State.FAILED else None

    def get_result(self, job: Job) -> dict[str, Any] | None:
        there = job.result is not None and not job.result.is_expired
        return dict(FileObject(job.result).data) if there else None


def _without_paths(step: dict[str, Any]) -> dict[str, Any]:
    """A step as it was asked for: where a file's path stands in the row, its id was."""
    if "overlays" not in step:
        return step
    overlays = [{k: v for k, v in one.items() if k != PATH} for one in step["overlays"]]
    return {**step, "overlays": overlays}


class KeyObject(serializers.Serializer):
    """An API key, without its secret."""

    COUNTERS = frozenset({"last_used_at"})

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    kind = serializers.ChoiceField(ApiKey.Kind.values)
    prefix = serializers.CharField()
    created_at = _moment()
    last_used_at = _moment(allow_null=True)
    revoked_at = _moment(allow_null=True)


class CreatedKey(KeyObject):
    """A new key, with the secret that is told this once."""

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
    created_at = _moment()


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


class WebhookObject(serializers.Serializer):
    """A webhook, without its secret."""

    COUNTERS: frozenset[str] = frozenset({"failing_since"})

    id = serializers.CharField(source="public_id")
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(Webhook.Event.values))
    enabled = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    failing_since = _moment(allow_null=True)
    created_at = _moment()


class CreatedWebhook(WebhookObject):
    """A new webhook, with the secret that is told this once."""

    secret = serializers.CharField()


class DeliveryObject(serializers.Serializer):
    """One event on its way to a webhook. next_at: when it is tried next, while it is pending."""

    id = serializers.CharField(source="public_id")
    message_id = serializers.CharField()
    event = serializers.ChoiceField(Webhook.Event.values)
    state = serializers.ChoiceField(Delivery.State.values)
    attempts = serializers.IntegerField()
    response_status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    next_at = _moment()
    created_at = _moment()
    ended_at = _moment(allow_null=True)
