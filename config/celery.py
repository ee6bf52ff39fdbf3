"""The Celery application: what the worker, the scheduler and every sender of tasks share.

What belongs here: the application, its defaults that no operator would change, and what its processes do
when they start. What may be changed stands in the settings, under CELERY_.
"""

from __future__ import annotations

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init, worker_ready
from kombu.transport import TRANSPORT_ALIASES

from server.supervisor import end_with_parent, share_one_heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Makes files:///folder a broker's address like redis://host.
TRANSPORT_ALIASES["files"] = "server.broker:Transport"

# Said at each start as root, where many a container runs; it is about messages that carry code, and
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
    """A pool's process must not outlive a worker that was killed, and gives back what a large picture took."""
    end_with_parent()
    share_one_heap()


@worker_ready.connect(weak=False)
def _make_up(sender: object, **_: object) -> None:
    """What the last worker left undone is looked for at once."""
    if getattr(sender, "app", None) is not app:
        return
    from hosting.tasks import requeue_stalled, settle_bytes

    requeue_stalled.apply_async(expires=60)
    settle_bytes.apply_async(expires=60)
