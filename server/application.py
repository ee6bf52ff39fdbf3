"""The embedded web server: one granian, and in each of its processes an Application.

What belongs here: the path of a request. Public files go from the disk to the client; everything else is
received whole (request_body.py), answered by Django, and sent by granian. Neither slow senders nor slow readers
hold a thread. Pages are answered in threads of the web process; requests that process pictures, or wait for
such work, go to separate processes (decoders.py).
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from server import decoders
from server.connections import Connections
from server.decoders import Busy, Interrupted, Line
from server.public_files import WEBSITE_TYPES, Folder, PublicFiles
from server.request_body import Body, Receiver, Refused
from server.streams import Stream, Streams
from server.supervisor import end_with_parent, share_one_heap

logger = logging.getLogger("server.application")

Headers = list[tuple[str, str]]
Close = Callable[[], None] | None

ANSWER_MEMORY_BYTES = 1024 * 1024
# What a client has for a request's line and headers.
HEADER_MILLISECONDS = 10_000
# Answers that each process makes while it sends them.
STREAMS = 16
# granian opens a file within milliseconds of getting its name; this is for an overloaded machine.
ANSWER_KEEP_SECONDS = 60.0
# Names with an underscore could pass for others (X_Forwarded_For); one is part of an API that we speak.
UNDERSCORED = frozenset({"api_key"})
REASONS = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}
# Everything that would end a header's line or upset its parser.
CONTROLS = dict.fromkeys((*range(32), 127), " ")


class FileToSend:
    """What Django gives for a response that is a file (PEP 3333, wsgi.file_wrapper)."""

    def __init__(self, file: IO[bytes], block_size: int = 131_072) -> None:
        self.file = file
        self.block_size = block_size

    def __iter__(self) -> Iterable[bytes]:
        return iter(lambda: self.file.read(self.block_size), b"")

    def close(self) -> None:
        """Close the file, and through it the response that it came from."""
        if close := getattr(self.file, "close", None):
            close()


@dataclass
class Answer:
    """A response that is ready to go: its content in memory, or a part of a file.

    `path` is a file's name, `start` and `end` (exclusive) the part of it that is sent; where `temporary`,
    the file is ours to remove. Where there is a `stream`, that is the content.
    """

    status: int
    headers: Headers
    content: bytes = b""
    path: str | None = None
    start: int = 0
    end: int | None = None
    temporary: bool = False
    stream: Stream | None = None


class Application:
    """An RSGI application around a WSGI one.

    `wsgi` answers everything but public files, in at most `threads` threads; bodies larger than `max_bytes`
    reach it empty, with environ["vitrine.body_too_large"] set, and so do large ones while the disk is full
    (environ["vitrine.no_space"]). `folder` takes large bodies and large answers.
    `line_of` returns, by method and path, the queue of requests that decoders answer instead; one that gets no
    turn reaches `wsgi` here, with environ["vitrine.no_turn"] set to "busy" or "interrupted". At addresses for
    which `keeps` is true, the part of an interrupted body that arrived reaches `wsgi` too; its answer is
    discarded. `connections` closes connections of an address that has too many.
    """

    def __init__(
        self,
        wsgi: Callable[..., Iterable[bytes]],
        public: PublicFiles,
        receiver: Receiver,
        *,
        folder: Path,
        threads: int,
        line_of: Callable[[str, str], Line | None] = lambda method, path: None,
        keeps: Callable[[str], bool] = lambda path: False,
        connections: Connections | None = None,
    ) -> None:
        self._wsgi = wsgi
        self._public = public
        self._receiver = receiver
        self._folder = folder
        self._threads = threads
        self._line_of = line_of
        self._keeps = keeps
        self._connections = connections
        self._pool: ThreadPoolExecutor | None = None
        # Only where granian reads them directly, with no decoder in between.
        self._streams: Streams | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by granian in each of its processes."""
        end_with_parent()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="request")
        self._streams = Streams(self._folder, most=STREAMS)
        if self._connections:
            self._connections.watch()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by granian when a process stops: requests that wait are dropped, those at work end."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        if self._public.send(scope, proto):
            return
        at_work = self._connections.at_work if self._connections else set()
        at_work.add(scope.client)
        try:
            await self._respond(scope, proto)
        finally:
            at_work.discard(scope.client)

    async def _respond(self, scope: Any, proto: Any) -> None:
        try:
            keep = self._keeps(scope.path)
            body = await self._receiver.receive(scope.headers, proto, keep=keep)
        except Refused as error:
            _refuse(proto, error)
            return
        try:
            environ = make_environ(scope, body)
            line = None if body.too_large else self._line_of(scope.method, scope.path)
            answer = await self._answer_in(line, environ, body)
        finally:
            self._receiver.release(body)
        if body.cut is not None:
            if answer.stream is not None and self._streams is not None:
                self._streams.drop(answer.stream)
            _refuse(proto, body.cut)
            return
        if body.too_large or body.no_space:
            answer.headers.append(("connection", "close"))
        self._send(proto, answer)

    async def _answer_in(self, line: Line | None, environ: dict[str, Any], body: Body) -> Answer:
        """The answer of a decoder where there is a `line` to them and a turn comes, else of a thread here."""
        if line is not None:
            try:
                answer: Answer = await line.ask(environ, body.file)
                return answer
            except Busy:
                environ["vitrine.no_turn"] = "busy"
            except Interrupted:
                environ["vitrine.no_turn"] = "interrupted"
                logger.error(
                    "%s %s ended its process", environ["REQUEST_METHOD"], environ["PATH_INFO"]
                )
            body.file.seek(0)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.answer, environ)

    def answer(self, environ: dict[str, Any]) -> Answer:
        """What the WSGI application answers; its faults become a 500. Runs in a thread."""
        environ |= {"wsgi.errors": _Errors(), "wsgi.file_wrapper": FileToSend}
        try:
            return self._call(environ)
        except Exception:
            logger.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return Answer(500, [("content-type", "text/plain")], b"Internal Server Error\n")

    def _call(self, environ: dict[str, Any]) -> Answer:
        started: list[Answer] = []

        def start_response(
            status: str, headers: Headers, exc_info: Any = None
        ) -> Callable[..., None]:
            started[:] = [Answer(int(status[:3]), [_header(*header) for header in headers])]
            return _no_write

        result = self._wsgi(environ, start_response)
        close = getattr(result, "close", None)
        try:
            # A generator runs only when its first piece is requested, and starts the response then.
            pieces = iter(result)
            first = b"" if started else next(pieces, b"")
            answer = started[0]
            if environ["REQUEST_METHOD"] == "HEAD" or answer.status in (204, 304):
                return answer
            if isinstance(result, FileToSend) and _point_to(answer, result.file):
                return answer
            is_made_meanwhile = isinstance(result, FileToSend) or getattr(
                result, "streaming", False
            )
            if self._take(answer, first, pieces, close if is_made_meanwhile else None):
                close = None  # when it has been sent
            return answer
        finally:
            if close:
                close()

    def _take(self, answer: Answer, first: bytes, pieces: Iterator[bytes], close: Close) -> bool:
        """Take the content: into memory, or where it is large, what is made while it is sent as a stream.

        True where that closes it. What was made before it was sent, or finds no turn, goes into a file.
        """
        content = bytearray(first)
        for piece in pieces:
            content += piece
            if len(content) > ANSWER_MEMORY_BYTES:
                break
        else:
            answer.content = bytes(content)
            return False
        if close and self._streams and self._streams.reserve():
            answer.stream = Stream(bytes(content), pieces, close)
            return True
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="answer-", delete=False) as file:
            try:
                file.write(content)
                for piece in pieces:
                    file.write(piece)
            except BaseException:
                Path(file.name).unlink()
                raise
            answer.path, answer.end, answer.temporary = file.name, file.tell(), True
        return False

    def _send(self, proto: Any, answer: Answer) -> None:
        """Hand an answer to granian, which sends it in its own time."""
        if answer.stream is None:
            _send(proto, answer)
            return
        assert self._streams is not None  # noqa: S101, it gave the turn
        proto.response_file(answer.status, answer.headers, self._streams.start(answer.stream))


def make_environ(scope: Any, body: Body) -> dict[str, Any]:
    """The WSGI environment of a request (PEP 3333)."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # Decoded by granian; WSGI wants the bytes as Latin-1.
        "PATH_INFO": scope.path.encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.0"
        if scope.http_version == "1"
        else f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body.file,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name and name not in UNDERSCORED:
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in environ:
            value = f"{environ[key]}{';' if key == 'HTTP_COOKIE' else ','} {value}"
        environ[key] = value
    # The body is whole and counted, whatever way it came.
    if environ.pop("HTTP_TRANSFER_ENCODING", None) or body.size:
        environ["CONTENT_LENGTH"] = str(body.size)
    if body.too_large:
        environ["vitrine.body_too_large"] = True
    if body.no_space:
        environ["vitrine.no_space"] = True
    return environ


class _Errors:
    """wsgi.errors: lines for the log."""

    def write(self, text: str) -> None:
        if text.strip():
            logger.error("%s", text.rstrip())

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""


def _no_write(content: bytes) -> None:
    raise NotImplementedError("Give the content back as an iterable.")


def _header(name: str, value: str) -> tuple[str, str]:
    return name.lower(), value.translate(CONTROLS)


def _point_to(answer: Answer, file: IO[bytes]) -> bool:
    """Let granian send an open file by its name, from its position; return whether that works."""
    if getattr(file, "delete", False):  # a temporary file, gone when the response is closed
        return False
    try:
        name = os.path.abspath(file.name)  # noqa: PTH100, a name may be anything, a number too
        opened, named = os.fstat(file.fileno()), os.stat(name)  # noqa: PTH116
        start = file.tell()
    except (AttributeError, OSError, TypeError, ValueError):
        return False
    if not os.path.samestat(opened, named):
        return False
    declared = dict(answer.headers).get("content-length")
    end = opened.st_size if declared is None else min(opened.st_size, start + int(declared))
    if end <= start:
        return False
    answer.path, answer.start, answer.end = name, start, end
    return True


def _refuse(proto: Any, error: Refused) -> None:
    """Say why a body was not received to its end."""
    status = error.status or 400
    headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
    proto.response_str(status, headers, f"{error or REASONS[status]}\n")


def _send(proto: Any, answer: Answer) -> None:
    """Hand an answer to granian, which sends it in its own time."""
    status, headers = answer.status, answer.headers
    if answer.path is None:
        if answer.content:
            proto.response_bytes(status, headers, answer.content)
        else:
            proto.response_empty(status, headers)
        return
    assert answer.end is not None  # noqa: S101, a path comes with its end
    headers = [header for header in headers if header[0] != "content-length"]
    headers.append(("content-length", str(answer.end - answer.start)))
    proto.response_file_range(status, headers, answer.path, answer.start, answer.end)
    if answer.temporary:
        remove = asyncio.get_running_loop().call_later
        remove(ANSWER_KEEP_SECONDS, lambda: Path(str(answer.path)).unlink(missing_ok=True))


def application() -> Application:
    """The Application of this site: made by granian in each of its processes."""
    for line in _lines.values():
        line.keep_sender()
    return _site()


# The queues to the decoders, by the columns of DIALECTS; made before the processes that share them.
_lines: dict[str, Line] = {}


def _line_of(method: str, path: str) -> Line | None:
    from hosting.api.dialects import decodes, waits
    from hosting.views.no_turn import DECODES

    if waits(path):
        return _lines.get("waits")
    request = f"{method} {path}"
    return _lines.get("decodes") if decodes(request) or DECODES.fullmatch(request) else None


def _site() -> Application:
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from hosting.api.dialects import keeps
    from hosting.storage.objects import FOLDERS, is_disk_low
    from processing.formats import FORMATS

    files = settings.FILES_ROOT / "public"
    folders = [Folder(settings.STATIC_URL, settings.STATIC_ROOT, hashed=True)]
    if settings.FILES_STORAGE == "local":
        folders += [Folder(f"/{name}/", files / name) for name in FOLDERS]
    pictures = {name: format.mime for format in FORMATS.values() for name in format.extensions}
    return Application(
        get_wsgi_application(),
        PublicFiles(folders, WEBSITE_TYPES | pictures),
        Receiver(settings.TEMP_DIR, settings.MAX_REQUEST_BYTES, is_full=is_disk_low),
        folder=settings.TEMP_DIR,
        threads=settings.SERVER_THREADS,
        line_of=_line_of,
        keeps=keeps,
        connections=Connections(port=settings.PORT, most=settings.CONNECTIONS_PER_ADDRESS),
    )


def _start_decoders() -> None:
    """Start the processes that work on pictures."""
    from django.conf import settings
    from django.db import connections

    most, seconds = settings.DECODING_QUEUE, settings.DECODING_WAIT_SECONDS
    for name, threads in (
        ("decodes", settings.SERVER_THREADS),
        ("waits", settings.WAITING_THREADS),
    ):
        _lines[name] = Line(threads=threads, most=most, seconds=seconds)
    decoders.start(settings.DECODERS, tuple(_lines.values()), _site().answer, connections.close_all)


def main() -> None:
    """Serve the site on PORT until SIGTERM, in SERVER_WORKERS processes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    # As granian will import it, which is another module where this one is run as a program.
    from server import application as site

    share_one_heap()
    # Loaded once, here: the processes are forks of this one and share its memory.
    get_wsgi_application()
    _ = get_resolver().url_patterns
    site._start_decoders()
    Server(
        "server.application:application",
        factory=True,
        interface=Interfaces.RSGI,
        address=settings.HOST,
        port=settings.PORT,
        workers=int(os.environ.get("SERVER_WORKERS") or "2"),
        http=HTTPModes.http1,
        websockets=False,
        backlog=2048,
        # Requests running or arriving, per process: a slow client is cheap, so allow many.
        backpressure=2048,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
