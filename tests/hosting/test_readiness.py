"""What the site needs and has not is reported at /readyz and at the start, without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from celery import current_app
from django.core.cache import cache
from django.test import Client
from moto.server import ThreadedMotoServer

from hosting import readiness
from hosting.storage import objects
from hosting.storage.bucket import Bucket
from server.management.commands import serve
from tests.live import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    readiness.recent.forget()


def lines(client: Client) -> tuple[int, list[str]]:
    """The status of /readyz and its lines but the last, which is the version's."""
    answer = client.get("/readyz")
    return answer.status_code, answer.content.decode().splitlines()[:-1]


def test_a_site_that_has_all_it_needs_is_ready(client: Client) -> None:
    assert lines(client) == (200, ["ok"])
    assert client.get("/readyz")["Cache-Control"] == "no-store"


def test_the_start_says_what_is_missing_and_goes_on(settings: Any) -> None:
    out = StringIO()
    serve.Command(stdout=out)._print_problems()
    assert out.getvalue() == ""
    settings.FILES_DELIVERY = "redirect"
    serve.Command(stdout=out)._print_problems()
    assert out.getvalue().startswith("Not ready: files: FILES_DELIVERY=redirect needs a bucket")


def broken(*args: object, **options: object) -> None:
    raise ConnectionError("redis://:hunter2@redis:6379 refused")


@pytest.mark.parametrize(
    ("name", "target", "attribute"),
    [
        ("database", readiness.connection, "cursor"),
        ("cache", cache, "set"),
        ("broker", current_app, "connection_for_write"),
    ],
)
def test_what_does_not_answer_is_named_and_its_password_is_not(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str, target: Any, attribute: str
) -> None:
    monkeypatch.setattr(target, attribute, broken)
    status, reported = lines(client)
    assert status == 503
    assert reported == [f"{name}: It does not answer; the reason is in the log."]


def test_whoever_asks_all_day_has_it_looked_at_now_and_then(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lines(client)[0] == 200
    monkeypatch.setattr(cache, "set", broken)
    assert lines(client)[0] == 200


@pytest.mark.parametrize(
    ("storage", "delivery", "wrong"),
    [("s3", "accel", "accel needs"), ("local", "redirect", "redirect needs")],
)
def test_a_delivery_that_the_storage_cannot_do_is_reported(
    client: Client, settings: Any, storage: str, delivery: str, wrong: str
) -> None:
    settings.FILES_STORAGE, settings.FILES_DELIVERY = storage, delivery
    status, (line,) = lines(client)
    assert status == 503
    assert wrong in line


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server of buckets."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def opened(*prefixes: str) -> str:
    """A policy that lets anybody read below these prefixes."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::pictures/{prefix}/*",
                }
                for prefix in prefixes
            ],
        }
    )


@pytest.mark.parametrize(
    ("made", "policy", "wrong"),
    [
        (True, opened("public"), None),
        (False, None, "S3_BUCKET does not exist"),
        (True, None, "Nobody can fetch public files"),
        (True, opened("public", "guarded"), "guarded/ to anybody"),
    ],
    ids=["right", "missing", "closed", "too open"],
)
def test_a_bucket_that_is_missing_closed_or_too_open_is_reported(
    client: Client,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str,
    made: bool,
    policy: str | None,
    wrong: str | None,
) -> None:
    keys = {"region_name": "us-east-1", "endpoint_url": endpoint}
    given = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    s3 = boto3.client("s3", **keys, **given)
    # The servers of one process share what they hold.
    drop_bucket(boto3.resource("s3", **keys, **given).Bucket("pictures"))
    if made:
        s3.create_bucket(Bucket="pictures")
        if policy:
            s3.put_bucket_policy(Bucket="pictures", Policy=policy)
    bucket = Bucket(
        bucket_name="pictures", access_key="testing", secret_key="testing",
        addressing_style="path", signature_version="s3v4", **keys,
    )  # fmt: skip
    monkeypatch.setattr(objects, "files", lambda: bucket)
    settings.FILES_STORAGE, settings.FILES_DELIVERY = "s3", "redirect"
    settings.FILES_URL = f"{endpoint}/pictures/public"
    try:
        status, reported = lines(client)
        assert status == (503 if wrong else 200)
        assert (wrong or "ok") in reported[0]
        if made:
            assert list(bucket.names("")) == []
    finally:
        if made:
            drop_bucket(boto3.resource("s3", **keys, **given).Bucket("pictures"))


def drop_bucket(bucket: Any) -> None:
    """Delete a bucket with what is in it; none there is fine."""
    with suppress(ClientError):
        bucket.objects.all().delete()
        bucket.delete()


def test_a_server_of_buckets_that_is_not_there_is_reported(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(
        bucket_name="pictures", access_key="testing", secret_key="testing",
        endpoint_url=f"http://127.0.0.1:{free_port()}", region_name="us-east-1",
    )  # fmt: skip
    monkeypatch.setattr(objects, "files", lambda: bucket)
    settings.FILES_STORAGE, settings.FILES_DELIVERY = "s3", "redirect"
    assert lines(client) == (503, ["files: S3_ENDPOINT does not answer."])
