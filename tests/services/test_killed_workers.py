"""Hundreds of jobs while their workers are killed: none is lost, none is done twice, all of them end."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.live import Site

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(600)]

JOBS = 500
KILLS = 8
# Bounds a hang: the leases of killed workers, three times, and the work itself.
PATIENCE_SECONDS = 400

SUBMIT = f"""
import io
from PIL import Image
from accounts.keys import Caller
from accounts import quotas
from accounts.models import Plan, User
from functools import partial
from hosting.files.options import ResultOptions
from hosting.jobs import queue
from hosting.sources.source import Source

plan, _ = Plan.objects.get_or_create(name="killed", waiting_jobs=10**4, running_jobs=10)
user, _ = User.objects.get_or_create(username="killed", plan=plan, is_unmetered=True,
                                     own_daily_compressions=10**6, own_storage_limit=10**9)
for number in range({JOBS}):
    stream = io.BytesIO()
    Image.new("RGB", (120, 90), (number % 256, number // 256, 7)).save(stream, "PNG")
    size = stream.tell()
    placement = ResultOptions(folder="compressed", kind="compressed", seconds=3600)
    parameters = {{"format": "jpeg", "output": "jpeg", "target": 5000}}
    queue.submit(Caller(user), "compress", Source(stream, size), parameters, placement,
                 within=partial(quotas.count_compression, user))
"""

COUNT = """
import json
from django.db.models import Count, Sum
from accounts.models import Usage, User
from hosting.models import HostedFile, Job
from hosting.storage import objects

user = User.objects.get(username="killed")
files = HostedFile.objects.filter(owner=user)
print(json.dumps({
    "states": dict(Job.objects.values_list("state").annotate(Count("pk"))),
    "reasons": list(Job.objects.exclude(error_code="").values_list("error_code", flat=True)),
    "tried_again": Job.objects.filter(attempts__gt=1).count(),
    "files": files.count(),
    "with_a_file": Job.objects.exclude(result=None).count(),
    "bytes": files.aggregate(sum=Sum("size"))["sum"],
    "charged": user.storage_used,
    "counted": Usage.objects.get(user=user).count,
    "stored": sorted(path for _, path in objects.walk()) ==
              sorted(files.values_list("path", flat=True)),
}))
"""


@pytest.fixture(params=["files", "redis"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site with its embedded broker, and one with Redis."""
    env = {"WORKER_CONCURRENCY": "2"}
    if request.param == "redis":
        env["CELERY_BROKER_URL"] = f"{request.getfixturevalue('redis')}/2"
    with Site(tmp_path / "data", env=env) as running:
        yield running


def workers_of(site: Site) -> list[psutil.Process]:
    """Every process of the default queue's worker: the one that fetches, and those that work."""
    found = []
    for process in site.processes():
        with suppress(psutil.Error):
            if "--queues=default" in process.cmdline():
                found.append(process)
    return found


def jobs_of(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.shell(COUNT))
    return found


def test_every_job_is_done_exactly_once_while_workers_are_killed(site: Site) -> None:
    site.shell(SUBMIT)
    chance = random.Random(7)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.5, 2.5))
        if workers := workers_of(site):
            with suppress(psutil.Error):
                chance.choice(workers).send_signal(signal.SIGKILL)

    until = time.monotonic() + PATIENCE_SECONDS
    while (found := jobs_of(site))["states"].keys() & {"queued", "running"}:
        assert time.monotonic() < until, found
        time.sleep(2)
    assert found["states"] == {"done": JOBS}, found
    assert found["files"] == found["with_a_file"] == found["counted"] == JOBS
    assert found["bytes"] == found["charged"]
    assert found["stored"], site.manage("find_orphans")
