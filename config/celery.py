"""The Celery application: what the worker, the scheduler and every sender of tasks share.

What belongs here: the application, its defaults that no operator would change, and what its processes do
when they start. What operators may change is in the settings, under CELERY_.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
from typing import Any

from celery import Celery, bootsteps
from celery.beat import Service
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init, worker_ready
from click import Option
from kombu.transport import TRANSPORT_ALIASES

from server.supervisor import end_with_parent, share_one_heap

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Makes files:///folder a broker's address like redis://host.
TRANSPORT_ALIASES["files"] = "server.broker:Transport"

# Shown at each start as root, which is common in containers; it is about messages that carry code, and
# ours are JSON.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("vitrine")
# Below the settings: the same words there win.
app.add_defaults(
    {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "worker_prefetch_multiplier": 1,
        # Seconds until the task of a pool's process that died goes back into the queue.
        "worker_lost_wait": 3.0,
        "broker_connection_retry_on_startup": True,
        # Both need messages to everybody, which a folder does not carry, and nothing here uses them.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        # Redis gives a message of a dead worker back after this many seconds; it must outlast a job.
        "broker_transport_options": {"visibility_timeout": 3600},
        "worker_hijack_root_logger": False,
    }
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect(weak=False)
def _start_pool_process(**_: object) -> None:
    """A pool's process must not outlive a killed worker, and returns a large picture's memory to the system."""
    end_with_parent()
    share_one_heap()


@worker_ready.connect(weak=False)
def _make_up(sender: object, **_: object) -> None:
    """Look at once for work that the last worker left unfinished."""
    if getattr(sender, "app", None) is not app:
        return
    from hosting.tasks import requeue_stalled, settle_bytes

    requeue_stalled.apply_async(expires=60)
    settle_bytes.apply_async(expires=60)


class Scheduler(bootsteps.StartStopStep):
    """Celery's beat as a thread of the worker that is started with --beat-thread=FILE.

    A separate process takes 70 MB to wait. A failing one ends its worker, which the supervisor restarts.
    """

    def __init__(self, worker: Any, beat_thread: str = "", **options: Any) -> None:
        super().__init__(worker, **options)
        self.enabled = bool(beat_thread)
        self._service = Service(app, schedule_filename=beat_thread) if beat_thread else None

    def include_if(self, worker: Any) -> bool:
        """Whether the worker has one."""
        return self.enabled

    def start(self, worker: Any) -> None:
        """Begin to send what is due."""
        threading.Thread(target=self._run, name="scheduler", daemon=True).start()

    def stop(self, worker: Any) -> None:
        """Send nothing more."""
        if self._service is not None:
            self._service.stop()

    def _run(self) -> None:
        assert self._service is not None  # noqa: S101, started only where there is one
        try:
            self._service.start()
        except BaseException:
            logger.exception("the scheduler failed")
            os._exit(1)


app.user_options["worker"].add(
    Option(("--beat-thread",), default="", help="Where beat keeps its times.")
)
app.steps["worker"].add(Scheduler)
