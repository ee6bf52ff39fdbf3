"""The queue in a folder loses nothing and delivers nothing twice, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from kombu import Connection, Queue
from kombu.transport import TRANSPORT_ALIASES

from server.broker import MAX_ATTEMPTS, Folder
from tests.live import PATIENCE, ROOT, free_port

QUEUE = "default"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "queue")


def message(tag: str) -> dict[str, Any]:
    return {"body": tag, "properties": {"delivery_tag": tag}}


def take(folder: Folder, queue: str = QUEUE) -> tuple[str, Path]:
    """Claim the oldest message: its body and its claim."""
    taken = folder.claim(queue, folder.names(queue)[0])
    assert taken
    return taken[0]["body"], taken[1]


def test_messages_come_in_the_order_they_were_put(folder: Folder) -> None:
    for number in range(20):
        folder.put(QUEUE, message(str(number)))
    assert [take(folder)[0] for _ in range(20)] == [str(number) for number in range(20)]
    assert folder.names(QUEUE) == []


def test_queues_are_apart_whatever_their_names(folder: Folder) -> None:
    for name in ("default", "../default", "a/b", ".", "q", ""):
        folder.put(name, message(name))
    for name in ("default", "../default", "a/b", ".", "q", ""):
        assert len(folder.names(name)) == 1
        assert take(folder, name)[0] == name
    assert {path.name for path in folder.root.parent.iterdir()} == {"queue"}


def test_what_is_given_back_keeps_its_place(folder: Folder) -> None:
    for tag in ("first", "second"):
        folder.put(QUEUE, message(tag))
    folder.give_back(take(folder)[1], failed=False)
    assert take(folder)[0] == "first"


def test_a_message_that_ends_every_worker_is_put_aside(folder: Folder) -> None:
    folder.put(QUEUE, message("poison"))
    for _ in range(MAX_ATTEMPTS):
        folder.give_back(take(folder)[1], failed=True)
    assert folder.names(QUEUE) == []
    assert len(list((folder.root / "broken").rglob("*.4"))) == 1


def test_an_unreadable_message_stops_nobody(folder: Folder) -> None:
    folder.put(QUEUE, message("first"))
    name = folder.names(QUEUE)[0]
    (folder.root / "new" / "qdefault" / name).write_text('{"half": ')
    folder.put(QUEUE, message("second"))
    assert folder.claim(QUEUE, name) is None
    assert take(folder)[0] == "second"


def test_a_claim_is_one_consumers_alone(folder: Folder) -> None:
    folder.put(QUEUE, message("one"))
    name = folder.names(QUEUE)[0]
    assert folder.claim(QUEUE, name)
    assert folder.claim(QUEUE, name) is None
    assert folder.recover() == 0, "the owner lives"


def test_four_senders_and_two_consumers_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    TRANSPORT_ALIASES["files"] = "server.broker:Transport"
    url = f"files://{tmp_path / 'queue'}"
    seen: list[tuple[int, int]] = []
    sent = threading.Event()

    def send(sender: int) -> None:
        with Connection(url) as connection:
            producer = connection.Producer()
            for number in range(1000):
                producer.publish([sender, number], exchange="", routing_key=QUEUE)

    def consume() -> None:
        def on_message(body: Any, received: Any) -> None:
            seen.append((body[0], body[1]))
            received.ack()

        with (
            Connection(url) as connection,
            connection.Consumer(Queue(QUEUE), callbacks=[on_message], prefetch_count=1),
        ):
            while True:
                all_sent = sent.is_set()
                try:
                    connection.drain_events(timeout=0.5)
                except TimeoutError:
                    if all_sent:
                        return

    senders = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    consumers = [threading.Thread(target=consume) for _ in range(2)]
    for thread in senders + consumers:
        thread.start()
    for thread in senders:
        thread.join()
    sent.set()
    for thread in consumers:
        thread.join()
    assert len(seen) == 4000
    assert set(seen) == {(sender, number) for sender in range(4) for number in range(1000)}
    left = [path for path in (tmp_path / "queue").rglob("*.0") if path.is_file()]
    assert left == []


def test_closing_a_connection_gives_back_what_it_had(tmp_path: Path) -> None:
    TRANSPORT_ALIASES["files"] = "server.broker:Transport"
    url = f"files://{tmp_path / 'queue'}"
    with Connection(url) as connection:
        connection.Producer().publish("one", exchange="", routing_key=QUEUE)
        assert connection.default_channel.basic_get(QUEUE).payload == "one"
        assert connection.default_channel.basic_get(QUEUE) is None
    with Connection(url) as connection:
        received = connection.default_channel.basic_get(QUEUE)
        assert received.payload == "one"
        received.ack()
        assert connection.default_channel.basic_get(QUEUE, no_ack=True) is None


@dataclass
class Worker:
    """Real Celery workers on a queue in a folder, started one after the other."""

    queue: Path
    traces: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
        return {**kept, "QUEUE": str(self.queue), "TRACES": str(self.traces)}

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "celery",
                    "--quiet",
                    "--app",
                    "tests.services.jobs",
                    "worker",
                ),
                *("--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=ERROR"),
            ],
            cwd=ROOT,
            env=self.environment,
        )

    def send(self, task: str, *arguments: object) -> None:
        code = f"from tests.services import jobs; jobs.{task}.delay(*{arguments!r})"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=self.environment, check=True)

    def everyone(self) -> list[psutil.Process]:
        assert self.process
        return [first := psutil.Process(self.process.pid), *first.children(recursive=True)]

    def traces_of(self, kind: str) -> dict[str, int]:
        """The tasks that left a trace of this kind, and how often."""
        return {p.stem: len(p.read_text()) for p in self.traces.glob(f"*.{kind}")}

    def notes(self, place: str) -> list[str]:
        """What the notes in a place of the queue say, as Python; other tasks are not this test's."""
        paths = [path for path in (self.queue / place).rglob("*") if path.is_file()]
        body = [json.loads(path.read_text())["headers"] for path in paths]
        return sorted(one["argsrepr"] for one in body if one["task"].endswith(".note"))

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            everyone = self.everyone()
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)  # a task that holds never ends
            for one in everyone:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            self.process.wait(PATIENCE)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    (tmp_path / "traces").mkdir()
    started = Worker(tmp_path / "queue", tmp_path / "traces")
    try:
        yield started
    finally:
        started.stop()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.mark.live
@pytest.mark.slow
def test_a_killed_workers_tasks_run_again(worker: Worker) -> None:
    worker.start()
    worker.send("note", "running", True)
    worker.send("note", "beside", True)
    until(lambda: len(worker.traces_of("begun")) == 2)
    for name in ("queued", "waiting"):
        worker.send("note", name)
    assert worker.process
    everyone = worker.everyone()
    worker.process.send_signal(signal.SIGKILL)  # the first process alone
    worker.process.wait(PATIENCE)
    until(lambda: not any(one.is_running() for one in everyone))
    # What ran is still claimed by the dead; the next worker gives it all back.
    worker.start()
    until(lambda: worker.traces_of("begun") == {"running": 2, "beside": 2})
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait(PATIENCE)
    assert worker.notes("claimed") == ["('beside', True)", "('running', True)"]
    assert worker.notes("new") == ["('queued',)", "('waiting',)"]


@pytest.mark.live
@pytest.mark.slow
def test_a_stopped_worker_finishes_what_runs_and_leaves_the_rest(worker: Worker) -> None:
    worker.start()
    worker.send("note", "running", True)
    worker.send("note", "beside", True)
    until(lambda: len(worker.traces_of("begun")) == 2)
    worker.send("note", "queued")
    assert worker.process
    worker.process.send_signal(signal.SIGTERM)
    until(lambda: "worker" in worker.traces_of("stopping"))
    (worker.traces / "go").touch()
    worker.process.wait(PATIENCE)
    assert worker.traces_of("done") == {"running": 1, "beside": 1}
    worker.start()
    until(lambda: "queued" in worker.traces_of("done"))
    assert worker.traces_of("begun") == {"running": 1, "beside": 1, "queued": 1}


@pytest.mark.live
@pytest.mark.slow
def test_a_task_that_kills_its_process_is_tried_again_but_not_for_ever(worker: Worker) -> None:
    worker.start()
    worker.send("die", "poison")
    worker.send("note", "after")
    until(lambda: "after" in worker.traces_of("done"))
    until(lambda: any(path.is_file() for path in (worker.queue / "broken").rglob("*")))
    assert worker.traces_of("begun")["poison"] == MAX_ATTEMPTS


@pytest.mark.live
@pytest.mark.slow
def test_redis_takes_its_place_by_the_environment_alone(
    worker: Worker,
    tmp_path: Path,
    needs: Callable[[str, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, port = needs("redis-server", "redis-server"), free_port()
    command = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as redis:
        try:
            monkeypatch.setenv("BROKER", f"redis://127.0.0.1:{port}/0")
            worker.start()
            worker.send("note", "over-redis")
            until(lambda: worker.traces_of("done") == {"over-redis": 1})
            assert not worker.queue.exists()
        finally:
            worker.stop()
            redis.terminate()
