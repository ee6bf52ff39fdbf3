"""No file holds a child for long, and none keeps the others waiting beyond what the limits say."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from processing import Limits, Output, Pipeline, ProcessingError, inspect, run, sandbox
from processing.codecs import isolated, video
from processing.limits import MOST_SECONDS, processor_seconds
from processing.sandbox import child, pool
from tests import apple, pictures

PATIENCE = 20.0


class Held:
    """In place of the children: each call lasts until it is let go."""

    def __init__(self) -> None:
        self.running: list[int] = []
        self.go = threading.Event()

    def do(self, order: dict[str, Any], data: bytes, seconds: float) -> child.Done:
        self.running.append(order["seconds"])
        assert self.go.wait(PATIENCE)
        return {"facts": None}, b""


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """A pool of such children."""
    one = Held()
    monkeypatch.setattr(pool, "_pool", pool._Pool())
    monkeypatch.setattr(pool._Pool, "_started", lambda self: one)
    yield one
    one.go.set()


@contextmanager
def calls(number: int, seconds: int) -> Iterator[None]:
    """So many calls under way, each of a task that may take so long."""
    work = {"target": sandbox.call, "args": ("decode heif", b"")}
    threads = [
        threading.Thread(**work, kwargs={"seconds": seconds, "memory": 1 << 30})
        for _ in range(number)
    ]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_time_of_a_picture_follows_its_size_between_two_bounds() -> None:
    assert [processor_seconds(pixels) for pixels in (0, 12_000_000, 50_000_000)] == [5, 8, 18]
    assert processor_seconds(10**9) == MOST_SECONDS == 30


def test_large_pictures_leave_a_child_to_the_others(held: Held) -> None:
    with calls(5, seconds=processor_seconds(100_000_000)):
        until(lambda: held.running == [30])
        with calls(1, seconds=processor_seconds(0)):
            until(lambda: held.running == [30, 5])
            held.go.set()


def test_a_caller_who_gets_no_turn_in_time_is_told_that_the_site_is_busy(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.2)
    with calls(pool.CHILDREN, seconds=5):
        until(lambda: len(held.running) == pool.CHILDREN)
        with pytest.raises(ProcessingError) as refused:
            inspect(pictures.heic(), Limits())
        assert refused.value.code == "busy"
        held.go.set()
    # Turns that were waited for in vain are free.
    with calls(pool.CHILDREN, seconds=5):
        until(lambda: len(held.running) == 2 * pool.CHILDREN)


def test_each_task_on_a_strangers_file_has_the_time_of_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, int] = {}
    real = sandbox.call

    def noting(task: str, *arguments: Any, seconds: int, memory: int) -> child.Done:
        asked[task] = seconds
        return real(task, *arguments, seconds=seconds, memory=memory)

    monkeypatch.setattr(sandbox, "call", noting)
    heic = apple.heic(640, 480)
    run(heic, Pipeline(), Output("jpeg"), Limits())
    clip = pictures.video()
    seconds = isolated.probe(clip, "mp4", Limits()).seconds
    isolated.poster(clip, "mp4", seconds, Limits())

    assert asked.keys() == child.TASKS.keys() - {"pack jpeg"}
    assert (asked["open heif"], asked["decode heif"]) == (5, 6)
    assert max(asked.values()) <= MOST_SECONDS


def test_a_video_that_is_slow_to_decode_shows_the_frame_that_was_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clip = pictures.video(seconds=4.8)
    length = video.probe(clip, "mp4", Limits()).seconds
    exact = video.poster(clip, "mp4", length, Limits()).frames[0]
    monkeypatch.setattr(video, "PATIENCE_SECONDS", 0.0)
    early = video.poster(clip, "mp4", length, Limits()).frames[0]
    assert early.size == exact.size
    assert early.tobytes() != exact.tobytes()


def test_a_file_that_takes_longer_is_refused_and_its_child_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("processing.codecs.heif.processor_seconds", lambda pixels: 0)
    large = pictures.heic(2000, 1500)
    with pytest.raises(ProcessingError) as refused:
        run(large, Pipeline(), Output("jpeg"), Limits())
    assert refused.value.code == "invalid_image"
    monkeypatch.undo()
    assert inspect(pictures.heic(), Limits()).width == 320
