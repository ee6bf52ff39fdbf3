"""A file may end the child that reads it, and nothing else; children are used again and never outlive us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import mozjpeg_lossless_optimization as mozjpeg
import psutil
import pytest
from PIL import Image

from processing import Limits, compress, compress_to, inspect, sandbox
from processing.compressors import jpeg
from processing.sandbox import pool
from tests import pictures

PATIENCE = 20.0


def pack(data: bytes, seconds: int = 20, memory: int = 3 << 30) -> bytes:
    done, made = sandbox.call("pack jpeg", data, seconds=seconds, memory=memory)
    assert done
    return made


def children() -> set[int]:
    """The children of this process that live."""
    found = psutil.Process().children()
    return {one.pid for one in found if one.status() != psutil.STATUS_ZOMBIE}


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _its_own_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    fresh = pool._Pool()
    monkeypatch.setattr(pool, "_pool", fresh)
    yield
    for one in list(fresh._all):
        one.end()


@pytest.fixture(scope="module")
def photo() -> bytes:
    return pictures.jpeg(image=pictures.texture(320, 240))


def test_what_a_child_makes_is_what_the_library_makes(photo: bytes) -> None:
    assert pack(photo) == mozjpeg.optimize(photo, copy=mozjpeg.COPY_MARKERS.ALL)


def test_a_child_is_used_again(photo: bytes) -> None:
    before = children()
    pack(photo)
    first = children() - before
    pack(photo)
    assert len(first) == 1
    assert children() - before == first


REUSED = """
import sys
import psutil
from processing import sandbox
data = open(sys.argv[1], "rb").read()
held = bytearray(b"x") * (600 << 20)
del held
seen = set()
for _ in range(3):
    sandbox.call("pack jpeg", data, seconds=20, memory=3 << 30)
    seen |= {one.pid for one in psutil.Process().children()}
print(len(seen))
"""


def test_a_child_is_used_again_by_a_process_that_has_held_much_memory(
    photo: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo)
    ran = subprocess.run(
        [sys.executable, "-c", REUSED, str(file)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "1"


@pytest.mark.parametrize("kind", sorted(pictures.OUT_OF_RANGE))
def test_a_file_that_ends_its_reader_is_refused_and_the_next_one_is_read(
    kind: str, photo: bytes
) -> None:
    with suppress(sandbox.Lost):
        sandbox.call("pack jpeg", pictures.out_of_range(kind), seconds=20, memory=3 << 30)
    assert pack(photo)


def test_a_coefficient_out_of_range_does_end_a_child() -> None:
    with pytest.raises(sandbox.Lost):
        sandbox.call("pack jpeg", pictures.out_of_range("ac 15"), seconds=20, memory=3 << 30)


@pytest.mark.parametrize("library", [True, False], ids=["libturbojpeg", "without"])
@pytest.mark.parametrize("target", [None, 100], ids=["by looks", "by size"])
@pytest.mark.parametrize("kind", sorted(pictures.OUT_OF_RANGE))
def test_such_a_file_is_compressed_or_kept_as_it_is(
    kind: str, target: int | None, library: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not library:
        monkeypatch.setattr("processing.codecs.jpeg_turn._library", lambda: None)
    data = pictures.out_of_range(kind)
    made = compress_to(data, Limits(), target=target) if target else compress(data, Limits())
    assert inspect(made.data, Limits()).format.name == "jpeg"
    assert len(jpeg.kept(data, inspect(data, Limits()))) <= len(data)


def test_a_child_that_was_killed_while_it_waited_is_replaced(photo: bytes) -> None:
    before = children()
    pack(photo)
    (idle,) = children() - before
    os.kill(idle, signal.SIGKILL)
    assert pack(photo)
    until(lambda: idle not in children())


def test_a_child_has_its_time_and_its_memory_and_no_more(photo: bytes) -> None:
    # Of one colour: a few bytes, and 72 MB of coefficients.
    large = pictures.jpeg(image=Image.new("RGB", (6000, 4000)))
    with pytest.raises(sandbox.Lost):
        pack(large, seconds=0)
    done, _ = sandbox.call("pack jpeg", large, seconds=20, memory=64 << 20)
    assert not done
    # The next task has limits of its own.
    assert pack(photo)


def test_many_threads_share_few_children(photo: bytes) -> None:
    before = children()
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(pack(photo))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 12
    assert len(set(made)) == 1
    assert len(children() - before) <= pool.CHILDREN


def test_a_forked_process_has_children_of_its_own(photo: bytes) -> None:
    pack(photo)
    ours = children()
    forked = os.fork()
    if not forked:
        # No test may go on in two processes.
        try:
            pack(photo)
            os._exit(0 if len(children()) == 1 else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    assert pack(photo)
    assert children() == ours


KILLED = """
import os, signal, sys, threading
import psutil
from processing import sandbox
data = open(sys.argv[1], "rb").read()
sandbox.call("pack jpeg", data[:1000], seconds=20, memory=3 << 30)
if sys.argv[2] == "busy":
    threading.Thread(target=sandbox.call, args=("pack jpeg", data),
                     kwargs={"seconds": 20, "memory": 3 << 30}, daemon=True).start()
    one = psutil.Process().children()[0]
    spent = one.cpu_times().user
    while one.cpu_times().user < spent + 0.1:
        pass
print(psutil.Process().children()[0].pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_children_end_with_a_process_that_is_killed(state: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(pictures.jpeg(image=pictures.texture(4000, 3000)))
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), state],
        capture_output=True,
        text=True,
        timeout=PATIENCE + 40,
        cwd=Path(__file__).parents[3],
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    child = int(ended.stdout)
    until(
        lambda: (
            not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
        )
    )
