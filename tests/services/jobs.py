"""A Celery application for the broker's tests: tasks that leave traces in a folder.

The environment says where: QUEUE (the broker's folder, or its address in BROKER) and TRACES. A task with
`hold` works until somebody puts a file named `go` there.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.signals import worker_process_init
from kombu.transport import TRANSPORT_ALIASES

from server.supervisor import end_with_parent

TRANSPORT_ALIASES["files"] = "server.broker:Transport"
TRACES = Path(os.environ.get("TRACES", "."))

BROKER = os.environ.get("BROKER") or f"files://{os.environ.get('QUEUE', '/nowhere')}"
app = Celery("jobs", broker=BROKER)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_default_queue="default",
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_lost_wait=1.0,
)


@worker_process_init.connect(weak=False)
def _start_pool_process(**_: object) -> None:
    end_with_parent()


def _trace(name: str) -> None:
    with (TRACES / name).open("a") as file:
        file.write("x")


class _LastWord(bootsteps.StartStopStep):  # type: ignore[misc]
    """Leaves `worker.stopping` when the worker has taken its last message from the queue."""

    def stop(self, consumer: Any) -> None:
        _trace("worker.stopping")


app.steps["consumer"].add(_LastWord)


@app.task
def note(name: str, hold: bool = False) -> None:
    """Leave `name.begun`, work, leave `name.done`."""
    _trace(f"{name}.begun")
    while hold and not (TRACES / "go").exists():
        time.sleep(0.05)
    _trace(f"{name}.done")


@app.task
def die(name: str) -> None:
    """End the process that runs it, as the kernel does when memory runs out."""
    _trace(f"{name}.begun")
    os.kill(os.getpid(), signal.SIGKILL)
