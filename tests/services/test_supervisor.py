"""`manage.py serve` runs the whole site, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.live import PATIENCE, ROOT, Site

pytestmark = [pytest.mark.live, pytest.mark.slow]

# The supervisor; granian and two; the decoders' keeper and two; two workers and one each; the webhook worker.
PROCESSES = 12


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of the test's own, for tests that end it."""
    own = Site(tmp_path / "data")
    try:
        yield own.start()
    finally:
        own.kill()


def complete(site: Site) -> list[psutil.Process]:
    """All processes of the site, once they are all there."""
    deadline = time.monotonic() + PATIENCE
    while len(processes := site.processes()) < PROCESSES:
        assert time.monotonic() < deadline, [p.cmdline() for p in processes]
        time.sleep(0.1)
    return processes


def are_gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them end."""
    return not psutil.wait_procs(processes, timeout=PATIENCE)[1]


def written(folder: Path) -> dict[str, int]:
    """The files below a folder, and when each was written."""
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def named(processes: list[psutil.Process], word: str) -> psutil.Process:
    """The first process with this word on its command line."""
    return next(process for process in processes if word in process.cmdline())


def web_server(processes: list[psutil.Process]) -> psutil.Process:
    """The parent of two web processes and of the decoders' keeper."""
    return next(process for process in processes[1:] if len(process.children()) == 3)


def test_the_start_prints_where_the_site_is_and_how_to_sign_in(tmp_path: Path) -> None:
    nameless = {"ADMIN_PASSWORD": "", "ADMIN_USERNAME": "chief"}
    site = Site(tmp_path / "data", env=nameless, bare=True)
    try:
        site.start()
        complete(site)
        first = site.log
        static = written(site.folder / "static")
    finally:
        site.stop()
    assert "Password, shown this once: " in first
    assert f"sign in at {site.url}/admin/ as chief" in first
    assert first.strip().endswith(f"Vitrine is at {site.url}")
    assert "Listening on 127.0.0.1, for this machine alone" in first
    try:
        site.start()
        second = site.log.removeprefix(first)
    finally:
        site.stop()
    assert "Password" not in second
    # What the first start prepared is there already.
    assert written(site.folder / "static") == static


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_cleanly(site: Site, number: signal.Signals) -> None:
    processes = complete(site)
    assert site.process
    site.process.send_signal(number)
    assert site.process.wait(PATIENCE) == 0
    assert are_gone(processes)
    _can_listen(site.port)


def test_ctrl_c_in_a_terminal_reaches_only_the_supervisor(site: Site) -> None:
    processes = complete(site)
    assert site.process
    assert {os.getpgid(p.pid) for p in processes[1:]}.isdisjoint({site.process.pid})
    os.killpg(site.process.pid, signal.SIGINT)
    assert site.process.wait(PATIENCE) == 0
    assert are_gone(processes)
    assert "Traceback" not in site.log


def test_nothing_outlives_a_killed_supervisor(site: Site) -> None:
    processes = complete(site)
    assert site.process
    site.process.send_signal(signal.SIGKILL)
    site.process.wait(PATIENCE)
    assert are_gone(processes)
    _can_listen(site.port)
    site.process = None
    site.start()
    assert site.get("/healthz").status == 200


@pytest.mark.parametrize("word", ["--queues=default", "--queues=webhooks"])
def test_a_killed_process_is_started_again(site: Site, word: str) -> None:
    victim = named(complete(site), word)
    family = [victim, *victim.children(recursive=True)]
    victim.kill()
    assert are_gone(family)
    assert named(complete(site), word).pid != victim.pid
    assert site.get("/healthz").status == 200


def test_a_killed_web_server_is_started_again(site: Site) -> None:
    processes = complete(site)
    web = web_server(processes)
    family = [web, *web.children(recursive=True)]
    web.kill()
    assert are_gone(family)
    complete(site)
    assert site.process
    site.await_health(site.process)


def test_one_of_two_web_processes_may_die(site: Site) -> None:
    processes = complete(site)
    web = web_server(processes)
    victim = next(child for child in web.children() if not child.children())
    victim.kill()
    assert are_gone([victim])
    assert all(site.get("/healthz").status == 200 for _ in range(10))
    assert web.is_running()
    complete(site)


def test_a_decoder_that_dies_is_started_again(site: Site) -> None:
    keeper = next(child for child in web_server(complete(site)).children() if child.children())
    victims = keeper.children()
    for victim in victims:
        victim.kill()
    assert are_gone(victims)
    complete(site)
    assert keeper.is_running()
    # Answered by a decoder: the form without its token.
    assert site.post("/upload").status == 403


def test_a_port_in_use_is_reported_before_anything_starts(site: Site, tmp_path: Path) -> None:
    other = Site(tmp_path / "other", port=site.port)
    done = _serve(other)
    assert done.returncode != 0
    assert f"Port {site.port} cannot be used: address already in use" in done.stderr
    assert not (tmp_path / "other" / "vitrine.db").exists()


def test_two_sites_do_not_share_a_folder(site: Site) -> None:
    done = _serve(Site(site.folder))
    assert done.returncode != 0
    assert "Another Vitrine is running" in done.stderr
    assert site.get("/healthz").status == 200


def test_a_web_server_that_cannot_start_ends_the_site_with_a_word(tmp_path: Path) -> None:
    failing = Site(tmp_path / "data", env={"SERVER_WORKERS": "none"})
    done = _serve(failing)
    assert done.returncode == 1
    assert "The web process ended 5 times at its start: giving up." in done.stdout


def test_what_an_earlier_run_left_half_done_is_cleared(tmp_path: Path) -> None:
    site = Site(tmp_path / "data")
    (site.folder / "tmp" / "sub").mkdir(parents=True)
    (site.folder / "tmp" / "answer-1").touch()
    try:
        site.start()
        assert not (site.folder / "tmp" / "answer-1").exists()
        assert not (site.folder / "tmp" / "sub").exists()
    finally:
        site.stop()


def test_static_files_are_sent_and_the_rest_is_djangos(site: Site) -> None:
    css = next((site.folder / "static" / "admin" / "css").glob("base.*.css"))
    answer = site.get(f"/static/admin/css/{css.name}")
    assert answer.data == css.read_bytes()
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert site.get("/static/../vitrine.db").status == 404
    assert site.get("/static/.sources").status == 404


def _serve(site: Site) -> subprocess.CompletedProcess[str]:
    """Run `serve` until it ends by itself."""
    return subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
    )


def _can_listen(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
