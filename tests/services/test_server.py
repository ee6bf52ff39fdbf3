"""What is no public file reaches the application whole, and its answer the client, whatever either does."""

from __future__ import annotations

import hashlib
import json
import select
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server.application import make_environ
from server.request_body import Body
from tests.live import PATIENCE
from tests.services.conftest import PICTURE, Tiny, running
from tests.services.tiny import MAX_BYTES, MOST_CONNECTIONS

pytestmark = pytest.mark.live


def test_the_application_sees_the_request_as_it_was(tiny: Tiny) -> None:
    with tiny.connect() as client:
        client.sendall(
            b"GET /environ?q=%20a+b&q=%C3%A9 HTTP/1.1\r\nHost: site.example\r\nX-Twice: 1\r\nX-Twice: 2\r\n"
            b"Cookie: a=1\r\nCookie: b=2\r\nX_Forwarded_For: 6.6.6.6\r\napi_key: k\r\n"
            b"Connection: close\r\n\r\n"
        )
        environ = json.loads(client.makefile("rb").read().partition(b"\r\n\r\n")[2])
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["QUERY_STRING"] == "q=%20a+b&q=%C3%A9"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["SERVER_PORT"] == str(tiny.port)
    assert environ["HTTP_HOST"] == "site.example"
    assert environ["HTTP_X_TWICE"] == "1, 2"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_API_KEY"] == "k"
    assert "HTTP_X_FORWARDED_FOR" not in environ


def test_a_path_arrives_as_bytes_in_latin_1() -> None:
    scope = SimpleNamespace(
        server="[::1]:80", client="[::1]:9", method="GET", path="/é", query_string="",
        http_version="1.1", scheme="http", headers={},
    )  # fmt: skip
    environ = make_environ(scope, Body(None))  # type: ignore[arg-type]
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/é"
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"]) == ("::1", "::1")


@pytest.mark.parametrize("size", [0, 1, 70_000, 1024 * 1024, MAX_BYTES])
@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_a_body_arrives_whole(tiny: Tiny, size: int, chunked: bool) -> None:
    body = bytes(range(251)) * (size // 251 + 1)
    body = body[:size]
    sent: Any = (body[i : i + 50_000] for i in range(0, size, 50_000)) if chunked else body
    values = json.loads(tiny.ask("POST", "/body", sent).data)
    assert values == {
        "size": size,
        "sha256": hashlib.sha256(body).hexdigest(),
        "declared": str(size),
        "too_large": False,
    }


def test_a_body_with_trailers_is_whole(tiny: Tiny) -> None:
    values = _raw(
        tiny,
        b"Transfer-Encoding: chunked\r\nTrailer: x-sum\r\n",
        b"5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n",
    )
    assert json.loads(values)["size"] == 5


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_of_a_body_that_is_too_large_the_application_learns_only_that(
    tiny: Tiny, chunked: bool
) -> None:
    body = bytes(3 * MAX_BYTES)
    sent: Any = (body[i : i + 50_000] for i in range(0, len(body), 50_000)) if chunked else body
    answer = tiny.ask("POST", "/body", sent)
    values = json.loads(answer.data)
    assert (values["size"], values["too_large"]) == (0, True)
    assert int(values["declared"]) > MAX_BYTES
    assert answer.headers["connection"] == "close"
    assert tiny.left_over() == []


def test_on_a_full_disk_large_bodies_are_not_kept_and_small_ones_are(tiny: Tiny) -> None:
    full = tiny.folder / "full"
    full.touch()
    try:
        answer = tiny.ask("POST", "/environ", bytes(1024 * 1024 + 1))
        assert json.loads(answer.data)["vitrine.no_space"] is True
        assert answer.headers["connection"] == "close"
        assert json.loads(tiny.ask("POST", "/body", b"hello").data)["size"] == 5
        # Who asks first sends nothing.
        values = _raw(tiny, b"Content-Length: 2000000\r\nExpect: 100-continue\r\n", b"")
        assert json.loads(values)["size"] == 0
    finally:
        full.unlink()
    assert json.loads(tiny.ask("POST", "/body", bytes(1024 * 1024 + 1)).data)["size"] > 1024 * 1024


def test_a_client_that_asks_first_need_not_send_what_is_too_large(tiny: Tiny) -> None:
    values = _raw(tiny, b"Content-Length: 999999999\r\nExpect: 100-continue\r\n", b"")
    assert json.loads(values)["too_large"] is True


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Length: 100000\r\n", b"x" * 50_000),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n"),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\nrubbish\r\n"),
    ],
    ids=["declared", "chunked", "malformed"],
)
def test_half_a_body_never_reaches_the_application(tiny: Tiny, headers: bytes, body: bytes) -> None:
    with tiny.connect() as client:
        client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + body)
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert tiny.left_over() == []


@pytest.mark.parametrize("size", [5, 900_000, 1_500_000])
def test_half_a_body_reaches_the_application_where_it_is_worth_something(
    tiny: Tiny, size: int
) -> None:
    kept = tiny.folder / "kept"
    kept.unlink(missing_ok=True)
    with tiny.connect() as client:
        head = b"PATCH /kept HTTP/1.1\r\nHost: x\r\nContent-Length: 1600000\r\n\r\n"
        client.sendall(head + b"x" * size)
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    _until(lambda: kept.exists() and kept.read_text() != "")
    assert kept.read_text() == f"{size} of {size}"
    assert tiny.left_over() == []


def test_what_came_before_a_silence_is_kept_too(tmp_path: Path) -> None:
    with running(tmp_path, silence=1, grace=600) as hasty, hasty.connect() as client:
        client.sendall(b"PATCH /kept HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408")
    assert (tmp_path / "kept").read_text() == "5 of 5"


def test_silence_is_answered_with_408(tmp_path: Path) -> None:
    with running(tmp_path, silence=1, grace=600) as hasty, hasty.connect() as client:
        client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer


def test_a_trickle_is_answered_with_408_in_the_end(tmp_path: Path) -> None:
    with running(tmp_path, silence=600, grace=2) as strict, strict.connect() as client:
        client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            client.sendall(b"x")
            if select.select([client], [], [], 0.1)[0]:
                break
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408")


def test_two_hundred_slow_clients_stop_nobody_else(tiny: Tiny) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(tiny.connect()) for _ in range(200)]
        for client in slow:
            client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nx")
        for _ in range(3):
            for client in slow:
                client.sendall(b"x")
            assert tiny.ask("POST", "/body", b"quick").status == 200
            assert tiny.ask("GET", "/images/cat.jpg").data == PICTURE
        assert select.select(slow, [], [], 0)[0] == []
        for client in slow:
            client.sendall(b"x")
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
    assert tiny.left_over() == []


def test_many_at_once_are_answered_by_few_threads(tiny: Tiny) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: tiny.ask("GET", "/sleep").status, range(12)))
    assert answers == [200] * 12


def test_headers_may_come_twice_and_cannot_be_split(tiny: Tiny) -> None:
    answer = tiny.ask("GET", "/cookies")
    assert [value for name, value in answer.all if name == "set-cookie"] == ["a=1", "b=2"]
    assert answer.headers["x-odd"] == "a  b: c"
    assert "b" not in answer.headers


def test_a_large_answer_takes_no_memory_and_leaves_no_name_for_long(tiny: Tiny) -> None:
    (tiny.folder / "closed").unlink(missing_ok=True)
    answer = tiny.ask("GET", "/large")
    assert answer.headers["content-length"] == "2600000"
    assert answer.data == b"".join(bytes([65 + i]) * 100_000 for i in range(26))
    assert (tiny.folder / "closed").exists()
    for path in (tiny.folder / "tmp").iterdir():
        path.unlink(missing_ok=True)


def test_a_file_of_the_application_is_sent_from_where_it_stands(tiny: Tiny) -> None:
    assert tiny.ask("GET", "/file").data == PICTURE
    answer = tiny.ask("GET", "/file?1000")
    assert answer.data == PICTURE[1000:]
    assert answer.headers["content-length"] == str(len(PICTURE) - 1000)


@pytest.mark.parametrize("path", ["/large", "/file", "/cookies", "/fault"])
def test_a_head_request_gets_no_body(tiny: Tiny, path: str) -> None:
    with tiny.connect() as client:
        client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 ")
    assert answer.endswith(b"\r\n\r\n")


def test_an_answer_without_content_has_none(tiny: Tiny) -> None:
    (tiny.folder / "closed").unlink(missing_ok=True)
    answer = tiny.ask("GET", "/nothing")
    assert (answer.status, answer.data) == (204, b"")
    assert (tiny.folder / "closed").exists()


@pytest.mark.parametrize("path", ["/fault", "/fault-half-way"])
def test_a_fault_is_a_500_without_particulars(tiny: Tiny, path: str) -> None:
    answer = tiny.ask("GET", path)
    assert answer.status == 500
    assert b"on purpose" not in answer.data
    assert tiny.ask("GET", "/").status == 200


def test_a_client_that_goes_away_leaves_nothing(tiny: Tiny) -> None:
    for _ in range(20):
        with tiny.connect() as client:
            client.sendall(
                b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1500000\r\n\r\n"
                + b"x" * 900_000
            )
        with tiny.connect() as client:
            client.sendall(b"GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n")
    assert tiny.ask("GET", "/").status == 200
    assert tiny.left_over() == []


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not there() and time.monotonic() < deadline:
        time.sleep(0.02)


def _raw(tiny: Tiny, headers: bytes, body: bytes) -> bytes:
    """The body of the answer to a request with these very bytes."""
    with tiny.connect() as client:
        client.sendall(
            b"POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + b"\r\n" + body
        )
        answer: bytes = client.makefile("rb").read()
    return answer.rpartition(b"\r\n\r\n")[2]


def test_an_answer_that_is_made_while_it_is_sent_arrives_whole(tiny: Tiny) -> None:
    (tiny.folder / "closed").unlink(missing_ok=True)
    data = tiny.ask("GET", "/made").data
    assert data == b"".join(bytes([number % 251]) * 100_000 for number in range(400))
    _until((tiny.folder / "closed").exists)
    assert not [name for name in tiny.left_over() if name.startswith(("stream-", "answer-"))]


def test_an_answer_is_made_no_faster_than_it_is_read_and_ends_when_its_reader_goes(
    tiny: Tiny,
) -> None:
    (tiny.folder / "closed").unlink(missing_ok=True)
    (tiny.folder / "made").unlink(missing_ok=True)
    with tiny.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(b"GET /made HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1000)
        _until(lambda: _stands_still(tiny.folder / "made"))
        made = int((tiny.folder / "made").read_text())
        # Of 40 MB: what the pipe, granian and the kernel's buffers hold.
        assert made < 200
        assert not [name for name in tiny.left_over() if name.startswith("answer-")]
    _until((tiny.folder / "closed").exists)
    assert int((tiny.folder / "made").read_text()) < 400


def _stands_still(path: Path) -> bool:
    seen = path.read_text() if path.exists() else ""
    time.sleep(1)
    return bool(seen) and path.read_text() == seen


def test_an_address_holds_so_many_connections_and_those_at_work_stay(tiny: Tiny) -> None:
    with ExitStack() as stack:
        working = stack.enter_context(tiny.connect())
        working.sendall(b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        idle = [stack.enter_context(tiny.connect()) for _ in range(MOST_CONNECTIONS + 50)]

        def closed() -> int:
            return len(select.select(idle, [], [], 0)[0])

        _until(lambda: closed() >= 51)
        assert closed() < len(idle)
        assert tiny.ask("GET", "/").status == 200
        working.sendall(b"hello")
        assert working.recv(1000).startswith(b"HTTP/1.1 200")
