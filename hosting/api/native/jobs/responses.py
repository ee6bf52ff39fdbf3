"""Jobs as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hosting.api.native.files.responses import FileObject
from hosting.api.native.presenting import moment
from hosting.jobs.pipelines import PATH
from hosting.models import Job


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
    created_at = moment()
    started_at = moment(allow_null=True)
    ended_at = moment(allow_null=True)

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
