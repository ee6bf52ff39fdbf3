"""What runs while the site runs, and the supervisor that keeps it running.

What belongs here: PROCESSES, the literal table, and the loop that starts, watches, restarts and stops them.
`manage.py serve` prepares the site and then becomes this program. It imports only the standard library, not
even Django, so that watching costs some megabytes and no processor time.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import http.client
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
STOP_SECONDS = 8.0
QUICK_SECONDS = 10.0
MAX_QUICK_ENDS = 5
MAX_WAIT_SECONDS = 30.0
READY_SECONDS = 0.1
# The others wait for the site to answer, but no longer than this: together they would slow its start.
OTHERS_SECONDS = 8.0
# An errand that is not done is tried again after so long, then after twice as long, and so on.
ERRAND_SECONDS, MAX_ERRAND_SECONDS = 60.0, 6 * 3600.0
MOST_DOUBLINGS = 9
# What has said itself why it is not done ends with this.
TOLD = os.EX_TEMPFAIL


WEBHOOK_THREADS = 4
QUIETLY = ("--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")


@dataclass(frozen=True)
class Process:
    """One program of the site: its name in messages and its command line.

    The `essential` ones are the site itself: they start first, and where one ends quickly MAX_QUICK_ENDS
    times in a row, the supervisor gives up. An `errand` ends with 0 once it is done; otherwise it is tried
    again, after longer and longer waits.
    """

    name: str
    command: tuple[str, ...]
    essential: bool = False
    errand: bool = False


def _celery(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--quiet", "--app", "config.celery", *words)


def _worker(queue: str, concurrency: str, tasks: int) -> tuple[str, ...]:
    """A worker of one queue; each of its processes ends after `tasks` tasks and gives its memory back."""
    return _celery(
        "worker",
        f"--queues={queue}",
        f"--hostname={queue}@vitrine",
        f"--concurrency={concurrency}",
        f"--max-tasks-per-child={tasks}",
        *QUIETLY,
    )


# No worker's task: it takes as long as the network does, and 700 MB of memory to try what has come.
FETCHER = Process(
    "fetch of the network for backgrounds",
    (sys.executable, "manage.py", "fetch_models", "--in-background"),
    errand=True,
)


def processes(data_dir: Path, *, fetches_models: bool = False) -> tuple[Process, ...]:
    """PROCESSES: everything that one `serve` runs, in the order of starting."""
    table = (
        Process("web", (sys.executable, "-m", "server.application"), essential=True),
        Process("worker", _worker("default", os.environ.get("WORKER_CONCURRENCY") or "1", 500)),
        # Seconds and hundreds of megabytes a job: its own queue, so that it never delays the light ones.
        Process("heavy worker", _worker("heavy", os.environ.get("HEAVY_CONCURRENCY") or "1", 50)),
        # It mostly waits for strangers' servers, so threads of one process do; and the scheduler is one more.
        Process(
            "webhook worker",
            _celery(
                "worker",
                "--queues=webhooks",
                "--hostname=webhooks@vitrine",
                "--pool=threads",
                f"--concurrency={WEBHOOK_THREADS}",
                f"--beat-thread={data_dir / 'schedule'}",
                *QUIETLY,
            ),
        ),
    )
    return (*table, FETCHER) if fetches_models else table


def end_with_parent() -> None:
    """End this process within a second of its parent's end, however that ended.

    For processes that a library starts: the kernel's own death signal depends on the parent's thread, and a
    pool's processes are started from threads that end before the pool does.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def share_one_heap() -> None:
    """Have all threads allocate memory from one heap (glibc; does nothing elsewhere).

    By default glibc gives every thread its own heap, and each keeps what a photo took: measured, a third
    more memory for the same uploads, and 5 to 10 % more time for fresh pages.
    """
    arena_max = -8
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(arena_max, 1)


def keep_freed_memory() -> None:
    """Have this process keep what it frees for its next picture (glibc; does nothing elsewhere).

    By default blocks of megabytes go back to the system, and their pages come anew: 19,000 of them, a quarter
    of the processor's time, for a photo of 12 megapixels that is turned. What is freed beyond 256 MB still
    goes back; call return_freed_memory() when there is nothing to do.
    """
    trim_threshold, mmap_threshold = -1, -3
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(mmap_threshold, 32 * 1024 * 1024)  # the most that glibc takes
        mallopt(trim_threshold, 256 * 1024 * 1024)


def return_freed_memory() -> None:
    """Give the system what this process has freed and kept (glibc; does nothing elsewhere)."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def end_with_this() -> Callable[[], None]:
    """What a started process does first: have the kernel end it when this one ends (Linux only)."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    supervisor = os.getpid()
    set_death_signal = 1

    def prepare() -> None:
        prctl(set_death_signal, signal.SIGKILL)
        if os.getppid() != supervisor:  # it ended before we asked
            os._exit(1)

    return prepare


@dataclass
class Child:
    """One row of the table: with a process id while it runs, with a time when it is due to start."""

    process: Process
    pid: int | None = None
    started: float = 0.0
    quick_ends: int = 0
    failures: int = 0
    start_at: float | None = None


class Supervisor:
    """Keeps every process of a table running until it is asked to stop. Runs in the main thread."""

    def __init__(
        self,
        table: Sequence[Process],
        *,
        ready: Callable[[], bool],
        announce: Callable[[], None],
        running: Mapping[str, int] | None = None,
    ) -> None:
        self._children = [_child(process, (running or {}).get(process.name)) for process in table]
        self._ready = ready
        self._announce = announce
        self._announced = False
        self._stops = 0
        self._failed = False
        self._prepare = end_with_this()
        self._wake, self._woken = socket.socketpair()

    def run(self) -> int:
        """Start, watch, stop. Returns the exit status: 0 when asked to stop, 1 when it gave up."""
        for end in (self._wake, self._woken):
            end.setblocking(False)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while not (self._stops or self._failed):
            self._start_due()
            self._sleep()
            self._reap()
            if not self._announced and self._ready():
                self._announced = True
                self._announce()
                self._start_others()
        self._stop()
        return 1 if self._failed else 0

    def _on_stop(self, *_: object) -> None:
        self._stops += 1

    def _start_others(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.start_at is not None and not child.quick_ends:
                child.start_at = now

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.start_at is None or child.start_at > now:
                continue
            # A new session: Ctrl-C in a terminal reaches only this process, and anything that a
            # child leaves behind can be ended as one group.
            child.pid = subprocess.Popen(  # noqa: S603
                child.process.command,
                cwd=BASE_DIR,
                # Celery would run Django's checks at each start, which loads the whole website.
                env=os.environ | {"CELERY_SKIP_CHECKS": "1"},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=self._prepare,
            ).pid
            child.started, child.start_at = now, None

    def _sleep(self, longest: float | None = None) -> None:
        """Wait for a signal, the next start, or the next question whether the site is ready."""
        waits = [] if longest is None else [longest]
        if not self._announced:
            waits.append(READY_SECONDS)
        now = time.monotonic()
        waits += [child.start_at - now for child in self._children if child.start_at is not None]
        select.select([self._wake], [], [], max(0.0, min(waits)) if waits else None)
        with contextlib.suppress(BlockingIOError):
            self._wake.recv(4096)

    def _reap(self) -> None:
        """Note which processes ended; orphans of theirs come to us too where we are process 1."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self._children:
                if child.pid == pid:
                    self._note_end(child, pid, os.waitstatus_to_exitcode(status))

    def _note_end(self, child: Child, pid: int, status: int) -> None:
        _end_group(pid)
        child.pid = None
        if self._stops or self._failed:
            return
        if child.process.errand:
            self._note_errand(child, status)
            return
        name = child.process.name
        ran = time.monotonic() - child.started
        child.quick_ends = child.quick_ends + 1 if ran < QUICK_SECONDS else 0
        if child.process.essential and child.quick_ends >= MAX_QUICK_ENDS:
            say(f"The {name} process ended {child.quick_ends} times at its start: giving up.")
            self._failed = True
            return
        wait = min(MAX_WAIT_SECONDS, 0.25 * 2**child.quick_ends)
        say(f"The {name} process ended (status {status}); it starts again in {wait:.1f} seconds.")
        child.start_at = time.monotonic() + wait

    def _note_errand(self, child: Child, status: int) -> None:
        if status == 0:
            return
        wait = min(MAX_ERRAND_SECONDS, ERRAND_SECONDS * 2**child.failures)
        child.failures = min(child.failures + 1, MOST_DOUBLINGS)
        if status != TOLD:
            say(
                f"The {child.process.name} ended (status {status}); it starts again in {wait:.0f} seconds."
            )
        child.start_at = time.monotonic() + wait

    def _stop(self) -> None:
        """Ask every process to stop; end what has not after STOP_SECONDS, or at a second request."""
        asked = self._stops
        deadline = time.monotonic() + STOP_SECONDS
        self._announced = True
        for child in self._children:
            child.start_at = None
            if child.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGTERM)
        while any(child.pid for child in self._children):
            left = deadline - time.monotonic()
            if left <= 0 or self._stops > asked:
                break
            self._sleep(left)
            self._reap()
        for child in self._children:
            if child.pid is not None:
                say(f"The {child.process.name} process did not stop in time and is ended.")
                _end_group(child.pid)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child.pid, 0)


def _child(process: Process, pid: int | None) -> Child:
    """A row as the supervisor finds it at its own start."""
    now = time.monotonic()
    if pid is not None:
        return Child(process, pid=pid, started=now)
    return Child(process, start_at=now + (0 if process.essential else OTHERS_SECONDS))


def _end_group(leader: int) -> None:
    """End what is left of a process's session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def say(line: str) -> None:
    """One line for the person who started the site."""
    print(line, flush=True)


# Where a server that listens on all interfaces is reached from this machine.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def answers(host: str, port: int, site_url: str) -> bool:
    """Whether the site that listens at `host` says that it can serve."""
    site = urlsplit(site_url)
    connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=2)
    try:
        headers = {"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reach(host: str) -> str:
    """Who can connect to a server that listens at `host`, for the line at the start."""
    if host in EVERYWHERE:
        return f"on all interfaces ({host})"
    if host in {"localhost", "::1"} or host.startswith("127."):
        return f"on {host}, for this machine alone (HOST=0.0.0.0: for all)"
    return f"on {host}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The supervisor as a program; `manage.py serve` gives the arguments."""
    parser = argparse.ArgumentParser(description="Run the site's processes.")
    port = int(os.environ.get("PORT", "8000"))
    site_url = os.environ.get("SITE_URL", f"http://localhost:{port}")
    data_dir = Path(os.environ.get("DATA_DIR", BASE_DIR / "var"))
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--site-url", default=site_url)
    parser.add_argument("--data-dir", type=Path, default=data_dir)
    parser.add_argument(
        "--healthy", action="store_true", help="only check whether the site answers"
    )
    parser.add_argument(
        "--web", type=int, help="the process number of a web server that runs already"
    )
    parser.add_argument(
        "--fetch-models", action="store_true", help="fetch the network that removes backgrounds"
    )
    options = parser.parse_args(arguments)
    if options.healthy:
        return 0 if answers(options.host, options.port, options.site_url) else 1
    allow_many_files()
    return Supervisor(
        processes(options.data_dir, fetches_models=options.fetch_models),
        ready=lambda: answers(options.host, options.port, options.site_url),
        announce=lambda: say(
            f"Listening {reach(options.host)}, port {options.port}.\nVitrine is at {options.site_url}"
        ),
        running={"web": options.web} if options.web else None,
    ).run()


def allow_many_files() -> None:
    """Raise the limit on open files, for this process and those that it starts."""
    # Every waiting client is an open file, and the usual limit of 1024 is soon reached.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if most == resource.RLIM_INFINITY else min(most, 65536)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


if __name__ == "__main__":
    sys.exit(main())
