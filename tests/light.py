"""A running site that starts in a second: what it is made of is loaded once and forked.

What belongs here: the site for tests whose subject is what it answers. It is the embedded server with its own
processes and a worker, on a folder and a port of its own, as `tests.live.Site` is; only there is no supervisor
and no scheduler, one worker takes the tasks of all queues, and nothing is restarted. Tests of how a site runs
use `tests.live.Site`, which is `manage.py serve`.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from tests import console
from tests.console import Console
from tests.live import Site

NO_NEIGHBOURS = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@dataclass
class LightSite(Site):
    """One site: its first process runs its commands, and is the parent of its server and its worker."""

    def start(self) -> LightSite:
        """Start it and wait until it answers."""
        self.furnish()
        log = self.folder.parent / f"{self.folder.name}.log"
        self.console = Console(self.environment, program="tests.light", log=log)
        self.console.load()
        self.process = self.console.process
        assert self.process is not None
        self.await_health(self.process)
        return self

    def stop(self) -> None:
        """End all of it: nothing of it is looked at afterwards."""
        self.kill()
        if self.console is not None:
            self.console.close()
            self.console = None


def main() -> None:
    """Prepare the site as `serve` does, fork what it is made of, and run commands."""
    console.load()
    from django.conf import settings
    from django.db import connections

    from accounts.administrators import ensure_administrator
    from server.management.commands import serve
    from server.supervisor import allow_many_files, end_with_this

    lock = serve.hold(settings.DATA_DIR)
    serve.migrate()
    serve.collect_static()
    ensure_administrator()
    connections.close_all()
    allow_many_files()
    fork(work, end_with_this())
    serve.start_web(lock)
    console.answer(int(sys.argv[1]))


def fork(run: Callable[[], None], prepare: Callable[[], None]) -> None:
    """Run something in a process of its own, which ends with this one."""
    if os.fork():
        return
    try:
        os.setsid()
        prepare()
        run()
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def work() -> None:
    """The worker of every queue, one task after the other."""
    from config.celery import app

    os.environ["CELERY_SKIP_CHECKS"] = "1"
    options = "--pool=solo --queues=default,heavy --hostname=all@vitrine --loglevel=WARNING"
    app.start(["--quiet", "worker", *options.split(), *NO_NEIGHBOURS])


if __name__ == "__main__":
    main()
