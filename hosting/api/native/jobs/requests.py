"""Requests about jobs."""

from __future__ import annotations

from rest_framework import serializers

from hosting.api.native.fields import MAX_ID, Choice
from hosting.api.native.files.requests import FILE_PRIVACIES, Sent
from hosting.models import Privacy
from hosting.models.file import TITLE_LENGTH
from processing import FORMATS

WRITTEN = ["auto", *(name for name, format in FORMATS.items() if format.saves)]


class JobOutput(serializers.Serializer):
    """What a result is written as; without a format as its source was. animated: all frames are kept."""

    format = Choice(WRITTEN, required=False, allow_null=True)
    quality = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100)
    animated = serializers.BooleanField(default=True)


class NewJob(Sent):
    """`POST /jobs`. source: the id of one's own file, instead of sending one."""

    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=MAX_ID
    )
    pipeline = serializers.ListField(
        child=serializers.DictField(), required=False, default=list, max_length=20
    )
    output = JobOutput(required=False)
    title = serializers.CharField(required=False, allow_blank=True, max_length=TITLE_LENGTH)
    privacy = Choice(FILE_PRIVACIES, default=Privacy.PRIVATE)
