"""URL uploads share the server's threads with everybody else."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO

import pytest
from django.conf import settings

from hosting.errors import HostingError
from hosting.sources import fetch
from hosting.sources import source as sources
from tests.live import PATIENCE

ASKED = 12
BUSY = settings.FETCHES_AT_ONCE + settings.FETCHES_WAITING


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every server is silent until this is set; waiting for one's turn has no end."""
    ended = threading.Event()

    def fetched(url: str, **_: object) -> fetch.Fetched:
        assert ended.wait(PATIENCE)
        return fetch.Fetched(BytesIO(url.encode()), len(url), url, "", "")

    monkeypatch.setattr(fetch, "fetch", fetched)
    monkeypatch.setattr(sources, "FETCH_QUEUE_SECONDS", PATIENCE)
    yield ended
    ended.set()


def test_a_thread_stays_free_whoever_fetches_and_whoever_waits_to(silence: threading.Event) -> None:
    assert settings.SERVER_THREADS > BUSY
    ended: queue.Queue[Future[sources.Source]] = queue.Queue()
    with ThreadPoolExecutor(ASKED) as threads:
        try:
            for number in range(ASKED):
                asked = threads.submit(sources.from_url, f"http://a.example/{number}", max_bytes=99)
                asked.add_done_callback(ended.put)
            # All but those are refused while not one answer has come.
            refused = [ended.get(timeout=PATIENCE).exception() for _ in range(ASKED - BUSY)]
            assert ended.empty()
        finally:
            silence.set()
        served = [ended.get(timeout=PATIENCE).result() for _ in range(BUSY)]
    assert {error.code for error in refused if isinstance(error, HostingError)} == {"busy"}
    assert all(source.file.read().startswith(b"http://a.example/") for source in served)


def test_turns_come_back_after_fetches_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(url: str, **_: object) -> fetch.Fetched:
        raise fetch.FetchError("unreachable")

    monkeypatch.setattr(fetch, "fetch", failing)
    for _ in range(2 * BUSY):
        with pytest.raises(fetch.FetchError):
            sources.from_url("http://a.example/", max_bytes=99)
