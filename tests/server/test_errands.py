"""Errands of the supervisor: what ends once it is done, and is tried again until then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.supervisor import FETCHER, processes
from tests.live import PATIENCE, ROOT

# Ends with each of these in turn, and writes down that it ran.
ERRAND = """
import json, pathlib, sys
log = pathlib.Path(sys.argv[1])
ran = json.loads(log.read_text()) if log.exists() else 0
log.write_text(json.dumps(ran + 1))
sys.exit(json.loads(sys.argv[2])[ran])
"""
# Supervises it until it ran so often, and half a second more.
SUPERVISE = """
import json, os, pathlib, signal, sys, threading, time
from server import supervisor
supervisor.ERRAND_SECONDS = 0.01
log, errand, statuses = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]

def watch():
    while not log.exists() or json.loads(log.read_text() or "0") < len(json.loads(statuses)):
        time.sleep(0.02)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=watch, daemon=True).start()
row = supervisor.Process("errand", (sys.executable, "-c", errand, str(log), statuses), errand=True)
table = (row,)
sys.exit(supervisor.Supervisor(table, ready=lambda: True, announce=lambda: None).run())
"""


def supervised(folder: Path, statuses: list[int]) -> tuple[int, str]:
    """How often an errand that ends with these ran, and what the supervisor said."""
    log = folder / "ran"
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISE, str(log), ERRAND, json.dumps(statuses)],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(log.read_text()), done.stdout


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    assert supervised(tmp_path, [0]) == (1, "")


def test_what_is_not_done_is_tried_until_it_is_without_another_word(tmp_path: Path) -> None:
    assert supervised(tmp_path, [75, 75, 75, 0]) == (4, "")


def test_what_ends_unexpectedly_is_told(tmp_path: Path) -> None:
    ran, said = supervised(tmp_path, [1, 0])

    assert ran == 2
    assert said == "The errand ended (status 1); it starts again in 0 seconds.\n"


@pytest.mark.parametrize("fetches", [True, False])
def test_a_network_is_fetched_where_the_site_says_so(tmp_path: Path, fetches: bool) -> None:
    assert (FETCHER in processes(tmp_path, fetches_models=fetches)) is fetches
