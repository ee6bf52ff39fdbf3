"""Requests that work on pictures reach processes of their own whole, and nobody waits for them without end."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tempfile
import threading
from collections.abc import Callable
from typing import IO, Any

import pytest

from server import decoders
from server.decoders import Busy, Interrupted, Line


def _serve(line: Line, answer: Callable[[dict[str, Any]], Any]) -> None:
    threading.Thread(target=line.serve, args=(answer,), daemon=True).start()


def _line(*, most: int = 4, seconds: float = 60) -> Line:
    return Line(threads=1, most=most, seconds=seconds)


def _digest(environ: dict[str, Any]) -> str:
    return f"{environ['PATH_INFO']} {hashlib.sha256(environ['wsgi.input'].read()).hexdigest()}"


def _in_memory(data: bytes) -> IO[bytes]:
    return io.BytesIO(data)


def _in_a_file(data: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115, its user closes it
    file.write(data)
    file.seek(0)
    return file


def _spooled(data: bytes) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(max_size=10 * len(data))  # noqa: SIM115
    file.write(data)
    file.seek(0)
    return file


@pytest.mark.parametrize("body", [_in_memory, _in_a_file, _spooled])
def test_a_request_arrives_with_its_whole_body(body: Callable[[bytes], IO[bytes]]) -> None:
    line, data = _line(), bytes(range(256)) * 4000
    _serve(line, _digest)
    with body(data) as file:
        answer = asyncio.run(line.ask({"PATH_INFO": "/upload", "wsgi.errors": object()}, file))
    assert answer == f"/upload {hashlib.sha256(data).hexdigest()}"


def test_an_answer_of_many_megabytes_arrives_whole() -> None:
    line = _line()
    _serve(line, lambda environ: b"x" * 5_000_000)
    assert len(asyncio.run(line.ask({}, io.BytesIO()))) == 5_000_000


def test_who_gets_no_turn_in_time_is_refused_and_never_worked_for() -> None:
    line, seen = _line(seconds=0.05), []
    with pytest.raises(Busy):
        asyncio.run(line.ask({"PATH_INFO": "/late"}, io.BytesIO()))
    _serve(line, lambda environ: seen.append(environ["PATH_INFO"]))

    async def next_one() -> None:
        async with asyncio.timeout(30):
            await Line.ask(line, {"PATH_INFO": "/next"}, io.BytesIO())

    line._seconds = 60
    asyncio.run(next_one())
    assert seen == ["/next"]


def test_more_than_may_wait_are_refused_at_once() -> None:
    line = _line(most=2)

    async def three() -> list[object]:
        asking = [asyncio.create_task(line.ask({}, io.BytesIO())) for _ in range(3)]
        done, waiting = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        return [type(task.exception()) for task in done]

    assert asyncio.run(three()) == [Busy]


def test_a_request_whose_process_ends_is_interrupted_and_the_next_one_is_served() -> None:
    line = _line()

    def once(environ: dict[str, Any]) -> str:
        if environ["PATH_INFO"] == "/deadly":
            # The channel is closed as the kernel closes that of a process that was killed.
            raise EOFError
        return "well"

    _serve(line, once)
    with pytest.raises(Interrupted):
        asyncio.run(line.ask({"PATH_INFO": "/deadly"}, io.BytesIO()))
    assert asyncio.run(line.ask({"PATH_INFO": "/"}, io.BytesIO())) == "well"


def test_a_decoder_returns_its_memory_once_when_it_has_nothing_more_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    returned: list[int] = []
    monkeypatch.setattr(decoders, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(decoders, "return_freed_memory", lambda: returned.append(line.taken))
    line = _line()
    worker = threading.Thread(target=line.serve, args=(lambda environ: None,))
    worker.start()
    watch = threading.Thread(target=decoders._return_memory_when_idle, args=((line,), [worker]))
    watch.start()
    for count in (1, 2):
        asyncio.run(line.ask({}, io.BytesIO()))
        while returned[-1:] != [count]:
            watch.join(0.01)
    watch.join(0.2)
    line.keep_receiver()
    worker.join()
    watch.join()
    assert returned == [1, 2]
