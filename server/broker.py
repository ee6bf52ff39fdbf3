"""The embedded message queue: a Celery broker that is a folder, for sites without Redis.

What belongs here: the kombu transport behind `files:///folder`. A message is one file that is moved:

    new/<queue>/<time>-<id>.<attempts>          written aside, then renamed into place
    claimed/<owner>/<queue>/<same name>         renamed by the one consumer that got it
    (gone)                                      acknowledged
    broken/<queue>/<same name>                  unreadable, or it killed its worker MAX_ATTEMPTS times

Every step is one rename inside one file system, so a message is always in exactly one place and two
consumers never get the same. An owner is a process; it holds a lock on its `owners/<owner>` file, which
the kernel drops when it dies however it dies, so its claims go back to `new` soon after. Nothing is
synced to the platter: after a power cut the Job rows say what is missing.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import shutil
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from celery.worker import state as worker_state
from kombu.transport import virtual

logger = logging.getLogger("server.broker")

POLL_SECONDS = 0.04
STOP_CHECK_SECONDS = 0.3
RECOVERY_SECONDS = 5.0
MAX_ATTEMPTS = 5
# A file set aside for this long belongs to a sender that died before the rename.
ABANDONED_SECONDS = 3600.0
# Names read from the folder at once: few enough to stay in order, enough not to list it for each message.
LISTED = 64


class Owner:
    """This process as a holder of claims: alive for as long as its file is locked."""

    def __init__(self, root: Path) -> None:
        self.pid = os.getpid()
        self.name = f"{self.pid}-{secrets.token_hex(6)}"
        self.folder = root / "claimed" / self.name
        path = root / "owners" / self.name
        # Locked under another name first: an unlocked file in `owners` belongs to a dead owner.
        aside = root / "tmp" / self.name
        self._lock = aside.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.folder.mkdir(parents=True)
        aside.rename(path)


_owners: dict[Path, Owner] = {}
_owners_guard = threading.Lock()


def owner_of(root: Path) -> Owner:
    """This process's owner for one queue folder; a forked child gets its own."""
    with _owners_guard:
        owner = _owners.get(root)
        if owner is None or owner.pid != os.getpid():
            owner = _owners[root] = Owner(root)
        return owner


class Folder:
    """The queue on disk. Safe for any number of threads and processes on one machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("tmp", "new", "claimed", "owners", "broken"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def _queue(self, place: str, queue: str) -> Path:
        # Quoted, and never starting with a dot, so that a queue's name cannot leave its place.
        folder = self.root / place / ("q" + quote(queue, safe="@"))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put(self, queue: str, message: dict[str, Any]) -> None:
        """Add a message. Raises OSError where the disk is full or not writable."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(8)}.0"
        aside = self.root / "tmp" / name
        try:
            aside.write_text(json.dumps(message))
            aside.rename(self._queue("new", queue) / name)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise

    def names(self, queue: str) -> list[str]:
        """Waiting messages, oldest first."""
        return sorted(os.listdir(self._queue("new", queue)))  # noqa: PTH208, called 25 times a second

    def claim(self, queue: str, name: str) -> tuple[dict[str, Any], Path] | None:
        """Take a message: its content and its claim, or None where another consumer was first."""
        folder = owner_of(self.root).folder / ("q" + quote(queue, safe="@"))
        folder.mkdir(exist_ok=True)
        claim = folder / name
        try:
            (self._queue("new", queue) / name).rename(claim)
        except FileNotFoundError:
            return None
        try:
            message = json.loads(claim.read_text())
        except ValueError:
            self._break(claim, queue, "it cannot be read")
            return None
        return message, claim

    def give_back(self, claim: Path, *, failed: bool) -> None:
        """Put a claimed message back at its old place in the order.

        `failed` counts: a message whose workers die of it is put aside after MAX_ATTEMPTS.
        """
        queue = unquote(claim.parent.name[1:])
        name, _, attempts = claim.name.rpartition(".")
        tried = int(attempts) + failed
        if tried >= MAX_ATTEMPTS:
            self._break(claim, queue, f"it ended its worker {tried} times")
            return
        with suppress(FileNotFoundError):
            claim.rename(self._queue("new", queue) / f"{name}.{tried}")

    def _break(self, claim: Path, queue: str, reason: str) -> None:
        logger.error("Message %s of queue %s is set aside: %s.", claim.name, queue, reason)
        with suppress(FileNotFoundError):
            claim.rename(self._queue("broken", queue) / claim.name)

    def recover(self) -> int:
        """Give back what dead processes had claimed; returns how many messages."""
        recovered = 0
        for path in list((self.root / "owners").iterdir()):
            try:
                file = path.open("r+")
            except FileNotFoundError:
                continue
            with file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                claims = self.root / "claimed" / path.name
                for claim in sorted(claims.glob("*/*")):
                    self.give_back(claim, failed=True)
                    recovered += 1
                shutil.rmtree(claims, ignore_errors=True)
                path.unlink(missing_ok=True)
        for path in (self.root / "tmp").iterdir():
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                    path.unlink()
        if recovered:
            logger.warning("%d messages of ended workers are back in the queue.", recovered)
        return recovered


class QoS(virtual.QoS):
    """Acknowledging removes the claim; refusing or closing gives it back."""

    def ack(self, delivery_tag: str) -> None:
        self.channel.finish(delivery_tag)
        super().ack(delivery_tag)  # type: ignore[no-untyped-call]

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if requeue:
            self.channel.give_back(delivery_tag, failed=True)
        else:
            self.channel.finish(delivery_tag)
        super().ack(delivery_tag)  # type: ignore[no-untyped-call]


class Channel(virtual.Channel):
    """kombu's virtual channel over a Folder."""

    QoS = QoS

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)  # type: ignore[no-untyped-call]
        # kombu strips the slash that begins the path.
        self.folder = Folder(Path("/", connection.client.virtual_host))
        self._claims: dict[str, Path] = {}
        self._listed: dict[str, deque[str]] = {}
        self._unacknowledged_queues: set[str] = set()
        self._recovered = float("-inf")

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        self.folder.put(queue, message)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        if (now := time.monotonic()) - self._recovered > RECOVERY_SECONDS:
            self._recovered = now
            self.folder.recover()
        listed = self._listed.get(queue)
        if not listed:
            listed = self._listed[queue] = deque(self.folder.names(queue)[:LISTED])
        while listed:
            if taken := self.folder.claim(queue, listed.popleft()):
                message, claim = taken
                if queue in self._unacknowledged_queues:
                    claim.unlink()
                else:
                    self._claims[message["properties"]["delivery_tag"]] = claim
                return message
        raise Empty

    def finish(self, delivery_tag: str) -> None:
        """The message is done with."""
        if claim := self._claims.pop(delivery_tag, None):
            claim.unlink(missing_ok=True)

    def give_back(self, delivery_tag: str, *, failed: bool) -> None:
        """Have the message delivered again."""
        if claim := self._claims.pop(delivery_tag, None):
            self.folder.give_back(claim, failed=failed)

    def _restore(self, message: Any) -> None:
        # At a clean stop: nothing is wrong with the message.
        self.give_back(message.delivery_tag, failed=False)

    def basic_consume(
        self, queue: str, no_ack: bool, callback: Any, consumer_tag: str, **kwargs: Any
    ) -> None:
        if no_ack:
            self._unacknowledged_queues.add(queue)
        super().basic_consume(queue, no_ack, callback, consumer_tag, **kwargs)  # type: ignore[no-untyped-call]

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)  # type: ignore[no-untyped-call]
        if message is not None and no_ack:
            self.finish(message.delivery_tag)
        return message

    def _size(self, queue: str) -> int:
        return len(self.folder.names(queue))

    def _purge(self, queue: str) -> int:
        purged = 0
        for name in self.folder.names(queue):
            with suppress(FileNotFoundError):
                (self.folder.root / "new" / ("q" + quote(queue, safe="@")) / name).unlink()
                purged += 1
        return purged


class Transport(virtual.Transport):
    """`files:///folder`: direct and topic exchanges, no fanout (so no remote control and no events)."""

    Channel = Channel
    polling_interval = POLL_SECONDS
    driver_type = "files"
    driver_name = "files"

    # No host and no port: a folder.
    default_connection_params: ClassVar[dict[str, Any]] = {}

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Deliver one message; raise TimeoutError where none comes in time or the worker is to stop."""
        ends = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            # In short waits, so that a worker that is asked to stop does so at once.
            wait = min(STOP_CHECK_SECONDS, ends - time.monotonic())
            try:
                super().drain_events(connection, timeout=max(0.0, wait))  # type: ignore[no-untyped-call]
                return
            except TimeoutError:
                if time.monotonic() >= ends or worker_state.should_stop is not None:
                    raise

    def driver_version(self) -> str:
        return "1"
