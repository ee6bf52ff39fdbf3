"""Resumable uploads on a running site: lines that break, two senders at once, and tus-js-client as it is."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.api.chevereto.test_clients import CLIENTS, node, run
from tests.conftest import People
from tests.live import PATIENCE, Answer, Site

__all__ = ["node"]

pytestmark = [pytest.mark.live, pytest.mark.slow]
BYTES = "application/offset+octet-stream"

# Sends a file, breaks the first connection once a third of it is on its way, and says how it went.
SENDER = """
const fs = require("fs");
const tus = require("tus-js-client");
const [options, file] = [JSON.parse(process.argv[1]), process.argv[2]];
const size = fs.statSync(file).size;
let request = null, broken = 0;
const upload = new tus.Upload(fs.createReadStream(file, {highWaterMark: 65536}), {
  endpoint: options.endpoint,
  headers: {"X-API-Key": options.key},
  uploadSize: size,
  chunkSize: options.chunk || size,
  retryDelays: [100, 500, 1000, 3000],
  metadata: {filename: "noise.png", title: "By tus"},
  uploadDataDuringCreation: options.during,
  onBeforeRequest: (sent) => { request = sent; },
  onProgress: (sent) => {
    if (broken < options.breaks && sent > size * (broken + 1) / 3) {
      broken += 1;
      const under = request.getUnderlyingObject();
      setTimeout(() => under.destroy(new Error("the line broke")), 50);
    }
  },
  onError: (error) => { console.error(String(error)); process.exit(1); },
  onSuccess: () => console.log(JSON.stringify({url: upload.url, broken})),
});
upload.start();
"""


def noise(side: int, seed: int) -> bytes:
    """A PNG that no packing makes smaller: three bytes a pixel."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


class Line:
    """tus over a plain HTTP client, for one key."""

    def __init__(self, site: Site, key: str) -> None:
        self.site = site
        self.headers = {"Tus-Resumable": "1.0.0", "X-API-Key": key}

    def ask(self, method: str, at: str, body: bytes = b"", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.site.request(method, at, headers={**self.headers, **named}, body=body)

    def begin(self, length: int) -> str:
        return str(
            self.ask("POST", "/api/v2/uploads", Upload_Length=str(length)).headers["Location"]
        )

    def send(self, at: str, offset: int, body: bytes) -> Answer:
        return self.ask("PATCH", at, body, Upload_Offset=str(offset), Content_Type=BYTES)

    def offset(self, at: str) -> int:
        return int(self.ask("HEAD", at).headers["Upload-Offset"])

    def cut(self, at: str, offset: int, length: int, sent: bytes) -> None:
        """Announce `length` bytes, send fewer, and hang up."""
        path = at.removeprefix(self.site.url)
        values = {
            **self.headers,
            "Upload-Offset": offset,
            "Content-Type": BYTES,
            "Host": "127.0.0.1",
        }
        lines = [f"PATCH {path} HTTP/1.1", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in values.items()]
        with socket.create_connection(("127.0.0.1", self.site.port), timeout=PATIENCE) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + sent)
            line.shutdown(socket.SHUT_WR)
            line.makefile("rb").read()


def until(there: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not (found := there()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_what_arrived_before_the_line_broke_is_not_sent_again(site: Site, people: People) -> None:
    line, photo = Line(site, people.alice), noise(700, 1)
    at = line.begin(len(photo))
    for sent in (300, 1_200_000):
        offset = line.offset(at)
        line.cut(at, offset, len(photo) - offset, photo[offset : offset + sent])
        assert until(lambda: line.offset(at) == offset + sent)  # noqa: B023
    done = line.send(at, 1_200_300, photo[1_200_300:])
    assert done.status == 204, done.text
    file = line.ask("GET", at).json()["file"]
    assert site.get(file["url"]).data == photo


def test_two_senders_at_once_spoil_nothing(site: Site, people: People) -> None:
    line, photo = Line(site, people.alice), noise(500, 2)
    at = line.begin(len(photo))

    def sender(size: int) -> None:
        while (offset := _offset(line, at)) < len(photo):
            line.send(at, offset, photo[offset : offset + size])

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(sender, (50_000, 70_000, 90_001)))
    file = line.ask("GET", at).json()["file"]
    assert site.get(file["url"]).data == photo


def test_the_whole_sent_twice_at_once_is_one_file(site: Site, people: People) -> None:
    line, photo = Line(site, people.bob), noise(900, 3)
    at = line.begin(len(photo))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: line.send(at, 0, photo).status, range(4)))
    assert answers.count(204) == 1
    assert set(answers) <= {204, 409, 423}
    headers = {"X-API-Key": people.bob}
    listed = site.get("/api/v2/files?size=100", headers=headers).json()["data"]
    assert [one["size"] for one in listed].count(len(photo)) == 1


@pytest.mark.parametrize(
    ("chunk", "during"), [(0, False), (1_000_000, False), (2_000_000, True)],
    ids=["in one piece", "in pieces", "from the beginning"],
)  # fmt: skip
def test_tus_js_client_goes_on_where_the_line_broke(
    node: str, site: Site, people: People, tmp_path: Path, chunk: int, during: bool
) -> None:
    photo = noise(2000, 4 + chunk)
    place = tmp_path / "noise.png"
    place.write_bytes(photo)
    values: dict[str, Any] = {
        "endpoint": f"{site.url}/api/v2/uploads",
        "key": people.alice,
        "chunk": chunk,
        "during": during,
        "breaks": 2,
    }
    done: subprocess.CompletedProcess[str] = run(node, "-e", SENDER, json.dumps(values), str(place))
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    # On a quick machine the whole has come before the line breaks for the second time.
    assert said["broken"] >= 1
    answer = site.get(said["url"], headers={"X-API-Key": people.alice}).json()
    assert answer["file"]["title"] == "By tus"
    assert site.get(answer["file"]["url"]).data == photo


def test_tus_js_client_gets_what_is_wrong_with_a_file(
    node: str, site: Site, people: People, tmp_path: Path
) -> None:
    place = tmp_path / "noise.png"
    place.write_bytes(b"not a picture" * 1000)
    values = {"endpoint": f"{site.url}/api/v2/uploads", "key": people.alice, "breaks": 0}
    done = run(node, "-e", SENDER, json.dumps(values), str(place))
    assert done.returncode == 1
    assert "unsupported_format" in done.stderr
    assert (CLIENTS / "node_modules" / "tus-js-client").is_dir()


def _offset(line: Line, at: str) -> int:
    """How far it is; asked again while it is being finished."""
    while (answer := line.ask("HEAD", at)).status == 423:
        time.sleep(0.05)
    return int(answer.headers["Upload-Offset"])
