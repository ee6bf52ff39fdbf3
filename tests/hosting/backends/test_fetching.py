"""Fetching networks: one process at a time, resumed after anything, and nothing used that is not whole."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hosting.backends import networks
from hosting.backends.fetching import NotFetched, Offer, fetch
from processing.background import weights
from tests import networks as made
from tests.depot import Depot, running
from tests.live import PATIENCE, ROOT

NETWORK = made.redness()
DIGEST = hashlib.sha256(NETWORK).hexdigest()
MODEL = "u2net_custom"


@pytest.fixture
def depot() -> Iterator[Depot]:
    with running(Depot(NETWORK)) as server:
        yield server


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MODELS_DIR = tmp_path / "models"
    settings.REMBG_MODEL = MODEL
    return tmp_path / "models"


def fetched(
    depot: Depot, folder: Path, hash: str = f"sha256:{DIGEST}", **context: Any
) -> int | None:
    return fetch(MODEL, folder, lambda: Offer(depot.url, hash), **context)


def refusal(depot: Depot, folder: Path, hash: str = f"sha256:{DIGEST}") -> str:
    with pytest.raises(NotFetched) as error:
        fetched(depot, folder, hash)
    assert not weights.is_there(folder, MODEL)
    return str(error.value)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


WHOLE = [f"{MODEL}.onnx", f"{MODEL}.onnx.sha256"]


@pytest.mark.parametrize("hash", [DIGEST, f"md5:{hashlib.md5(NETWORK).hexdigest()}"])
def test_a_network_is_fetched_once(depot: Depot, folder: Path, hash: str) -> None:
    assert fetched(depot, folder, hash) == len(NETWORK)
    assert fetched(depot, folder, hash) is None
    assert weights.checked(folder, MODEL).read_bytes() == NETWORK
    assert left(folder) == WHOLE
    assert depot.asked == [""]


def test_what_was_cut_off_is_gone_on_with(depot: Depot, folder: Path) -> None:
    depot.cut = 10
    assert f"could not be fetched from {depot.url} (" in refusal(depot, folder)
    assert (folder / f"{MODEL}.onnx.part").read_bytes() == NETWORK[:200]

    depot.cut = None
    assert fetched(depot, folder) == len(NETWORK)
    assert depot.asked[-1] == "bytes=200-"
    assert left(folder) == WHOLE


def test_a_first_half_of_another_file_costs_a_second_fetch(depot: Depot, folder: Path) -> None:
    folder.mkdir()
    (folder / f"{MODEL}.onnx.part").write_bytes(b"another file")

    assert fetched(depot, folder) == len(NETWORK)
    assert depot.asked == ["bytes=12-", ""]


def test_another_hash_leaves_nothing_but_the_reason(depot: Depot, folder: Path) -> None:
    reason = refusal(depot, folder, "0" * 64)

    assert reason == f"What {depot.url} sent is not {MODEL}: its hash is another one."
    assert left(folder) == [f"{MODEL}.onnx.state"]
    assert networks.status().reason == reason


def test_the_disks_last_room_is_not_taken(depot: Depot, folder: Path, settings: Any) -> None:
    settings.MIN_FREE_BYTES = 2**62

    assert refusal(depot, folder) == (f"{MODEL} could not be fetched: the disk has no room for it.")
    assert left(folder) == [f"{MODEL}.onnx.state"]


def test_a_folder_that_cannot_be_written_is_one_sentence(depot: Depot, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "cannot be written: " in refusal(depot, tmp_path / "file" / "models")


def test_a_file_that_somebody_put_there_is_checked_and_used(depot: Depot, folder: Path) -> None:
    folder.mkdir()
    (folder / f"{MODEL}.onnx").write_bytes(NETWORK)
    assert networks.status().engine == "grabcut"

    assert fetched(depot, folder) == len(NETWORK)
    assert depot.asked == []
    assert networks.status().engine == f"rembg {MODEL}"


def test_a_file_that_somebody_put_there_and_is_another_is_replaced(
    depot: Depot, folder: Path
) -> None:
    folder.mkdir()
    (folder / f"{MODEL}.onnx").write_bytes(b"another file")

    assert fetched(depot, folder) == len(NETWORK)
    assert weights.checked(folder, MODEL).read_bytes() == NETWORK


def test_a_file_with_the_right_hash_that_is_no_network_is_not_fetched_again(
    depot: Depot, folder: Path
) -> None:
    depot.data = b"nothing"
    hash = hashlib.sha256(b"nothing").hexdigest()

    for _ in range(2):
        assert "is not a network" in refusal(depot, folder, hash)
    assert depot.asked == [""]


def test_an_address_is_shown_without_its_secrets(depot: Depot, folder: Path) -> None:
    depot.status = 403
    secret = depot.url.replace("127.0.0.1", "me:secret@127.0.0.1") + "?token=secret"

    with pytest.raises(NotFetched) as error:
        fetch(MODEL, folder, lambda: Offer(secret, DIGEST))
    assert f"{depot.url} (status 403)" in str(error.value)
    assert "secret" not in str(error.value)


def test_the_status_tells_how_far_it_is(depot: Depot, folder: Path) -> None:
    seen = []

    def look(have: int, whole: int | None) -> None:
        seen.append(networks.status())

    fetched(depot, folder, progress=look)
    assert [(one.engine, one.fetching) for one in seen] == [("grabcut", True)] * len(seen)
    assert seen[0].percent == 0
    assert networks.status() == networks.Status(f"rembg {MODEL}", f"rembg {MODEL}")


@pytest.mark.parametrize("state", ["", "[]", "nonsense", '{"whole": null}'])
def test_a_damaged_state_is_none(folder: Path, state: str) -> None:
    folder.mkdir()
    (folder / f"{MODEL}.onnx.state").write_text(state)

    assert networks.status() == networks.Status("grabcut", f"rembg {MODEL}")


class TestWhetherASiteFetches:
    def test_it_does_by_default(self, settings: Any) -> None:
        settings.REMBG_MODEL = "u2net"
        assert networks.is_wanted()

    def test_it_can_be_switched_off(self, settings: Any) -> None:
        settings.REMBG_MODEL, settings.FETCH_MODELS = "u2net", False
        assert not networks.is_wanted()

    def test_what_is_there_is_not_fetched(self, depot: Depot, folder: Path) -> None:
        fetched(depot, folder)
        assert not networks.is_wanted()

    def test_a_network_of_ones_own_needs_an_address_and_a_hash(self, settings: Any) -> None:
        assert not networks.is_wanted()
        settings.REMBG_URL = "https://models.example.org/mine.onnx"
        assert not networks.is_wanted()
        settings.REMBG_SHA256 = DIGEST
        assert networks.is_wanted()


# --- In processes of their own


def started(depot: Depot, folder: Path, **more: str) -> subprocess.Popen[str]:
    """`fetch_models` as the supervisor runs it."""
    env = {
        **os.environ,
        "DATA_DIR": str(folder.parent),
        "MODELS_DIR": str(folder),
        "REMBG_MODEL": MODEL,
        "REMBG_URL": depot.url,
        "REMBG_SHA256": DIGEST,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "fetch_models", "--in-background"],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, said


@pytest.mark.slow
def test_a_killed_fetch_is_gone_on_with(depot: Depot, folder: Path) -> None:
    depot.hold = 100
    process = started(depot, folder)
    assert depot.holding.wait(PATIENCE)
    part = folder / f"{MODEL}.onnx.part"
    deadline = time.monotonic() + PATIENCE
    while networks.size_of(part) < 100 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    ended(process)
    depot.hold = None
    depot.go.set()
    kept = networks.size_of(part)

    assert kept
    assert not weights.is_there(folder, MODEL)
    assert ended(started(depot, folder))[0] == 0
    assert depot.asked[-1] == f"bytes={kept}-"
    assert weights.checked(folder, MODEL).read_bytes() == NETWORK
    assert left(folder) == WHOLE


@pytest.mark.slow
def test_of_two_processes_one_fetches(depot: Depot, folder: Path) -> None:
    depot.hold = 100
    first = started(depot, folder)
    assert depot.holding.wait(PATIENCE)
    second = started(depot, folder)
    lines = []
    assert second.stdout
    lines.append(second.stdout.readline())
    depot.go.set()

    assert ended(first)[0] == 0
    assert ended(second)[0] == 0
    assert f"another process is fetching into {folder}" in lines[0]
    assert depot.asked == [""]
    assert left(folder) == WHOLE


@pytest.mark.slow
def test_a_failed_fetch_is_one_line_and_asks_to_be_tried_again(folder: Path) -> None:
    with running(Depot(b"")) as closed:
        pass

    status, said = ended(started(closed, folder))
    assert status == os.EX_TEMPFAIL
    assert said.count("\n") == 1
    assert f"{MODEL} could not be fetched from {closed.url} (ConnectError)" in said
    assert "GrabCut" in said


@pytest.mark.slow
def test_the_log_tells_the_progress(depot: Depot, folder: Path) -> None:
    status, said = ended(started(depot, folder))

    assert status == 0
    assert f"fetching {MODEL}: 0 of 0 MB" in said
    assert f"{MODEL} is there" in said
