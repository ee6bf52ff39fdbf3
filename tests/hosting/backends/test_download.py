"""Downloads of large files: what a connection that breaks, a full disk or an odd server leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest

from hosting.backends import download as module
from hosting.backends.download import DownloadError, NoRoom, download
from tests.depot import Depot, running

DATA = bytes(range(256)) * 4096  # a megabyte


@pytest.fixture
def depot() -> Iterator[Depot]:
    with running(Depot(DATA)) as server:
        yield server


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "network.part"


def refusal(depot: Depot, part: Path, **context: int) -> str:
    with pytest.raises(DownloadError) as error:
        download(depot.url, part, **context)
    return str(error.value)


def test_a_file_is_brought_whole_and_its_progress_told(depot: Depot, part: Path) -> None:
    told: list[tuple[int, int | None]] = []

    download(depot.url, part, progress=lambda have, whole: told.append((have, whole)))

    assert part.read_bytes() == DATA
    assert (told[0], told[-1]) == ((0, len(DATA)), (len(DATA), len(DATA)))
    assert told == sorted(told)


def test_it_goes_on_after_what_is_there(depot: Depot, part: Path) -> None:
    part.write_bytes(DATA[:300_000])

    download(depot.url, part)

    assert part.read_bytes() == DATA
    assert depot.asked == ["bytes=300000-"]


def test_a_connection_that_breaks_is_made_anew(depot: Depot, part: Path) -> None:
    depot.cut = 200_000

    download(depot.url, part)

    assert part.read_bytes() == DATA
    assert depot.asked == [
        "",
        *(f"bytes={start}-" for start in range(200_000, len(DATA), 200_000)),
    ]


def test_a_server_that_breaks_off_again_and_again_is_left(depot: Depot, part: Path) -> None:
    depot.cut = 1000

    assert refusal(depot, part) in ("RemoteProtocolError", "the connection was cut")
    assert len(depot.asked) == module.CONNECTIONS
    # The next attempt has less to do.
    assert part.read_bytes() == DATA[: 1000 * module.CONNECTIONS]


def test_a_server_that_sends_nothing_is_asked_once(depot: Depot, part: Path) -> None:
    depot.cut = 0

    refusal(depot, part)
    assert depot.asked == [""]


def test_without_ranges_it_begins_from_the_beginning(depot: Depot, part: Path) -> None:
    depot.ranges = False
    part.write_bytes(b"x" * 300_000)

    download(depot.url, part)
    assert part.read_bytes() == DATA


def test_what_is_complete_is_not_sent_again(depot: Depot, part: Path) -> None:
    part.write_bytes(DATA)

    download(depot.url, part)
    assert part.read_bytes() == DATA
    assert depot.asked == [f"bytes={len(DATA)}-"]


def test_more_than_the_server_has_is_replaced(depot: Depot, part: Path) -> None:
    part.write_bytes(DATA * 2)

    download(depot.url, part)
    assert part.read_bytes() == DATA


@pytest.mark.parametrize("length", [True, False])
def test_the_length_need_not_be_known(depot: Depot, part: Path, length: bool) -> None:
    depot.tells_length = length

    download(depot.url, part)
    assert part.read_bytes() == DATA


@pytest.mark.parametrize("status", [403, 404, 500, 204])
def test_another_status_says_which(depot: Depot, part: Path, status: int) -> None:
    depot.status = status

    assert refusal(depot, part) == f"status {status}"
    assert not part.exists()


def test_a_redirect_is_followed(depot: Depot, part: Path) -> None:
    depot.leads_to = "/elsewhere.onnx"

    download(depot.url, part)
    assert part.read_bytes() == DATA


def test_redirects_in_a_circle_end(depot: Depot, part: Path) -> None:
    depot.leads_to = "/network.onnx"

    assert refusal(depot, part) == "TooManyRedirects"
    assert len(depot.asked) <= module.REDIRECTS + 1


@pytest.mark.parametrize(
    ("url", "leads_to", "safe"),
    [
        ("https://models.example.org/a", "https://files.example.org/b", True),
        ("https://models.example.org/a", "http://files.example.org/b", False),
        ("http://models.example.org/a", "http://files.example.org/b", True),
    ],
)
def test_what_was_asked_for_over_tls_comes_over_tls(
    part: Path, monkeypatch: pytest.MonkeyPatch, url: str, leads_to: str, safe: bool
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if str(request.url) == url:
            return httpx2.Response(302, headers={"Location": leads_to})
        return httpx2.Response(200, stream=httpx2.ByteStream(DATA))

    client = partial(httpx2.Client, transport=httpx2.MockTransport(answer))
    monkeypatch.setattr(httpx2, "Client", client)
    if safe:
        download(url, part)
        assert part.read_bytes() == DATA
        return
    with pytest.raises(DownloadError, match="it leads from https to http"):
        download(url, part)
    assert not part.exists()


def test_nothing_listens_there(part: Path) -> None:
    with running(Depot(b"")) as closed:
        pass
    assert refusal(closed, part) == "ConnectError"


def test_too_much_is_refused_before_it_is_sent(
    depot: Depot, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", len(DATA) - 1)

    assert refusal(depot, part) == "it is too large"
    assert part.stat().st_size == 0


def test_too_much_of_unknown_length_is_cut(
    depot: Depot, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depot.tells_length = False
    monkeypatch.setattr(module, "MOST_BYTES", 100_000)

    assert refusal(depot, part) == "it is too large"
    assert part.stat().st_size <= 100_000


def test_a_disk_without_room_is_left_alone(depot: Depot, part: Path) -> None:
    part.write_bytes(DATA[:1000])

    with pytest.raises(NoRoom, match="the disk has no room for it"):
        download(depot.url, part, keep_free=shutil.disk_usage(part.parent).free)
    assert not part.exists()


def test_a_disk_that_fills_meanwhile_gets_its_room_back(
    depot: Depot, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depot.tells_length = False
    frees = iter([10_000_000, 10_000_000, 100])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=next(frees, 100)))

    with pytest.raises(NoRoom):
        download(depot.url, part, keep_free=1000)
    assert not part.exists()
