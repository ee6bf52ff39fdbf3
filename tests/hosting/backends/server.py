"""A server on this machine that speaks what is needed of OpenAI's API, or breaks it on demand."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image


@dataclass
class Asked:
    """One request. path without the query; headers by their names in lower case."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Said:
    """One answer: a value that is sent as JSON, or bytes as they are. hang: never, instead."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drip: bool = False


Rule = Callable[[Asked], Said]


@dataclass
class ModelServer:
    """What it was asked, and by which rule it answers."""

    url: str
    rule: Rule
    asked: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def says(self, *answers: Said) -> None:
        """These, one after the other, and then the last one for ever."""
        waiting = list(answers)
        self.rule = lambda asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]


def png(width: int = 64, height: int = 64, colour: str = "#2060c0") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "PNG")
    return stream.getvalue()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pictures(data: bytes) -> Said:
    """The answer of the images API."""
    return Said({"created": 1, "data": [{"b64_json": base64_of(data)}]})


def completion(content: str | None, **more: Any) -> Said:
    """The answer of the chat completions API."""
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return Said({"id": "1", "object": "chat.completion", "created": 1, "choices": [choice]})


def complaint(status: int, message: str, **more: Any) -> Said:
    """An error as OpenAI's servers give it."""
    return Said({"error": {"message": message, "type": "invalid_request_error", **more}}, status)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """A server on 127.0.0.1 that answers 404 until a test sets its answer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._answer(json.loads(self.rfile.read(length)))

        def do_GET(self) -> None:
            self._answer(None)

        def _answer(self, body: Any) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.path.partition("?")[0], headers, body)
            server.asked.append(asked)
            said = server.rule(asked)
            if said.hang:
                server.closing.wait(60)
                self.close_connection = True
                return
            data = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            kind = "image/png" if isinstance(said.body, bytes) else "application/json"
            for name, value in {"Content-Type": kind, **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data) + (1000 if said.drip else 0)))
            self.end_headers()
            self.wfile.write(data)
            while said.drip and not server.closing.wait(0.05):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    break

        def log_message(self, *args: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server = ModelServer(
        f"http://127.0.0.1:{listening.server_port}/v1", lambda asked: complaint(404, "nothing here")
    )
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        listening.shutdown()
        listening.server_close()
        thread.join()
