"""The three ways in: a file part, base64 text in every encoding, a URL."""

from __future__ import annotations

import base64
import json
import queue
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, quote_plus

import pytest

from tests.api.chevereto.conftest import Upload, fresh_jpeg, fresh_png
from tests.api.chevereto.test_parameters import refused
from tests.conftest import People
from tests.light import LightSite
from tests.live import PATIENCE, Answer, Site

pytestmark = pytest.mark.live
FORM = "application/x-www-form-urlencoded"


def send_form(site: Site, people: People, text: str) -> Answer:
    headers = {"Content-Type": FORM, "X-API-Key": people.alice}
    return site.post("/api/1/upload", body=text, headers=headers)


def test_base64_in_a_multipart_field(upload: Upload) -> None:
    assert upload(base64.b64encode(fresh_png()).decode()).json()["image"]["extension"] == "png"


def test_base64_behind_a_data_uri(upload: Upload) -> None:
    text = "data:image/png;base64," + base64.b64encode(fresh_png()).decode()
    assert upload(text).json()["image"]["extension"] == "png"


def test_base64_in_lines_without_padding_and_in_the_alphabet_for_addresses(upload: Upload) -> None:
    lines = base64.encodebytes(fresh_png()).decode()
    assert upload(lines).status == 200
    assert upload(base64.urlsafe_b64encode(fresh_png()).decode().rstrip("=")).status == 200


@pytest.mark.parametrize("encode", [quote_plus, lambda text: text], ids=["encoded", "forgotten"])
def test_base64_in_an_urlencoded_body(site: Site, people: People, encode: object) -> None:
    text = base64.b64encode(fresh_jpeg()).decode()
    assert "+" in text
    answer = send_form(site, people, f"title=From+a+form&source={encode(text)}&nsfw=1")  # type: ignore[operator]
    image = answer.json()["image"]
    assert (image["title"], image["nsfw"], image["extension"]) == ("From a form", 1, "jpg")


@pytest.mark.parametrize("before", [" ", "\r\n", " data:image/jpeg;base64, "])
def test_blanks_before_base64_are_forgiven(site: Site, people: People, before: str) -> None:
    text = before + base64.b64encode(fresh_jpeg()).decode()
    assert send_form(site, people, f"source={quote_plus(text)}").status == 200


def test_megabytes_of_base64_in_every_encoding(site: Site, people: People) -> None:
    key = {"X-API-Key": people.alice}
    for number in range(3):
        big = fresh_jpeg(3800, 2800, quality=96)
        assert len(big) > 3_500_000
        text = base64.b64encode(big).decode()
        answers = {
            0: lambda text=text: site.post("/api/1/upload", fields={"source": text}, headers=key),
            1: lambda text=text: send_form(site, people, f"source={quote_plus(text)}"),
            2: lambda text=text: site.post(
                "/api/1/upload",
                body=json.dumps({"source": text}),
                headers={**key, "Content-Type": "application/json"},
            ),
        }
        answer = answers[number]()
        assert answer.json()["image"]["width"] == 3800, answer.text


def test_a_json_body_carries_every_parameter(site: Site, people: People) -> None:
    sent = {
        "source": base64.b64encode(fresh_png()).decode(),
        "title": "J",
        "nsfw": 1,
        "key": people.alice,
    }
    answer = site.post(
        "/api/1/upload/", body=json.dumps(sent), headers={"Content-Type": "application/json"}
    )
    assert (answer.json()["image"]["title"], answer.json()["image"]["nsfw"]) == ("J", 1)


@pytest.mark.parametrize("rubbish", ["not*base64*at*all", "YQ==YQ==", "a"])
def test_what_is_not_base64_is_said_to_be_so(upload: Upload, rubbish: str) -> None:
    assert refused(upload(rubbish), 120) == "Invalid base64 string"


def test_base64_by_get_is_refused(site: Site, people: People) -> None:
    text = quote_plus(base64.b64encode(fresh_png(8, 8)).decode())
    answer = site.get(f"/api/1/upload?key={people.alice}&source={text}")
    assert "POST" in refused(answer, 130)


@pytest.mark.parametrize("nothing", ["", "   ", b""])
def test_an_empty_source_is_refused(upload: Upload, nothing: str | bytes) -> None:
    refused(upload(nothing), 130)


def test_no_source_at_all_is_refused(upload: Upload) -> None:
    assert refused(upload(None), 130) == "Empty upload source"


def test_a_body_in_chunks_without_a_length(site: Site, people: People) -> None:
    boundary = "----------b"
    part = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="source"; filename="a.png"\r\n\r\n'.encode()
        + fresh_png()
        + f"\r\n--{boundary}--\r\n".encode()
    )
    answer = site.post(
        "/api/1/upload",
        body=iter([part[:50], part[50:]]),
        chunked=True,
        headers={
            "X-API-Key": people.alice,
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        },
    )
    assert answer.json()["status_code"] == 200


class Pictures(BaseHTTPRequestHandler):
    """A stranger's server: a picture, redirects to forbidden places, nothing."""

    picture = b""

    def do_GET(self) -> None:
        if self.path == "/picture.png":
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.picture)))
            self.end_headers()
            self.wfile.write(self.picture)
        elif self.path == "/to-private":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/secret.png")
            self.end_headers()
        elif self.path == "/to-metadata":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
            self.end_headers()
        else:
            self.send_error(404)

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """The stranger's address; the site that trusts it is `trusting`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory, stranger: str) -> Iterator[tuple[Site, str]]:
    """A site that may fetch from the stranger, and a key of it."""
    site = LightSite(
        tmp_path_factory.mktemp("trusting") / "data", env={"FETCH_TRUSTED_HOSTS": stranger}
    )
    try:
        site.start()
        yield site, site.manage("create_api_key", "alice").strip()
    finally:
        site.stop()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_url_of_a_trusted_host_is_fetched(
    trusting: tuple[Site, str], stranger: str, method: str
) -> None:
    site, key = trusting
    Pictures.picture = fresh_png()
    url = quote(f"http://{stranger}/picture.png")
    image = site.request(method, f"/api/1/upload?key={key}&source={url}").json()["image"]
    assert image["original_filename"] == "picture.png"


@pytest.mark.parametrize("path", ["/to-private", "/to-metadata"])
def test_a_redirect_to_a_private_address_is_not_followed(
    trusting: tuple[Site, str], stranger: str, path: str
) -> None:
    site, key = trusting
    url = quote(f"http://{stranger}{path}")
    refused(site.get(f"/api/1/upload?key={key}&source={url}"), 400)


def test_a_url_that_answers_nothing_useful_is_said_to(
    trusting: tuple[Site, str], stranger: str
) -> None:
    site, key = trusting
    url = quote(f"http://{stranger}/missing.png")
    refused(site.get(f"/api/1/upload?key={key}&source={url}"), 400)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/a.png", "http://localhost:9/a.png", "http://2130706433:9/", "http://[::1]:9/",
     "http://0x7f.1:9/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/", "http://100.64.0.1/",
     "ftp://example.org/a.png", "file:///etc/passwd", "gopher://x/"],
)  # fmt: skip
def test_urls_of_private_places_and_odd_schemes_are_refused(upload: Upload, url: str) -> None:
    message = refused(upload(url), 400)
    assert "127.0.0.1" not in message


def test_nothing_is_asked_of_a_private_address(upload: Upload) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        refused(upload(f"http://127.0.0.1:{trap.getsockname()[1]}/a.png"), 400)
        with pytest.raises(BlockingIOError):
            trap.accept()


def test_uploads_from_a_silent_server_leave_room_for_everybody_else(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    asked, held = 12, 2
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        with LightSite(
            tmp_path_factory.mktemp("patient") / "data",
            env={
                "FETCH_TRUSTED_HOSTS": place,
                "FETCH_SECONDS": "30",
                "SERVER_WORKERS": "1",
                "DECODERS": "1",
            },
        ) as site:
            key = site.manage("create_api_key", "alice").strip()
            path = f"/api/1/upload?key={key}&source={quote(f'http://{place}/a.png')}"
            statuses: queue.Queue[int] = queue.Queue()
            threads = [
                threading.Thread(target=lambda: statuses.put(site.get(path).status))
                for _ in range(asked)
            ]
            for thread in threads:
                thread.start()
            entries = [statuses.get(timeout=PATIENCE) for _ in range(asked - held)]
            assert site.get("/healthz").status == 200
            assert statuses.empty()
            silent.close()
            for thread in threads:
                thread.join()
            assert entries == [503] * (asked - held)
            assert [statuses.get() for _ in range(held)] == [400] * held


def test_guests_name_no_urls(upload: Upload, people: People) -> None:
    assert refused(upload("http://example.org/a.png", key=people.guest), 403)
