"""Keys, limits, domains and errors of ImgSmaller's API."""

from __future__ import annotations

import json
import re
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest

from hosting.api.body import Body, Value
from hosting.api.imgsmaller.requests import only_from, target_of
from hosting.errors import HostingError
from tests import pictures
from tests.api.imgsmaller.conftest import Send, refused, result_of, send_json
from tests.conftest import People
from tests.light import LightSite
from tests.live import Site

pytestmark = pytest.mark.live


def account(site: Site, name: str, *limits: str) -> str:
    """A member of the test's own with these limits: the key."""
    key = site.manage("create_api_key", name).strip()
    if limits:
        site.manage("set_account", name, *limits)
    return key


def test_info_returns_what_is_left_and_what_is_accepted(site: Site) -> None:
    key = account(site, "informed", "--daily-compressions", "7")
    answer = site.get("/api/v1/info", headers={"X-API-Key": key})
    body = answer.json()
    assert answer.status == 200
    assert 0 < body.pop("reset_in_seconds") <= 24 * 3600
    assert body == {
        "endpoint": f"{site.url}/api/v1/compress",
        "remaining_today": 7,
        "limit": 7,
        "supported_input": ["jpeg", "jpg", "png", "webp", "avif"],
        "supported_output": ["jpeg", "jpg", "png", "webp", "avif", "original"],
    }


@pytest.mark.parametrize("key", ["", "wrong", "live_aaaaaaaa_" + "b" * 43])
def test_without_a_valid_key_nothing_is_revealed_or_accepted(
    site: Site, send: Send, key: str
) -> None:
    refused(site.get("/api/v1/info", headers={"X-API-Key": key}), 401)
    refused(send(pictures.jpeg(), key=key), 401)


def test_the_guest_key_has_no_allowance(send: Send, people: People) -> None:
    refused(send(pictures.jpeg(), key=people.guest), 401)


def test_the_daily_limit_holds_exactly_under_many_requests_at_once(site: Site, send: Send) -> None:
    key = account(site, "eager", "--daily-compressions", "5")
    picture = pictures.jpeg(64, 48)
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: send(picture, key=key), range(20)))
    taken = [answer for answer in answers if answer.status == 202]
    shut = [answer for answer in answers if answer.status == 429]
    assert (len(taken), len(shut)) == (5, 15)
    assert "Daily limit exceeded" in refused(shut[0], 429)
    assert 0 < int(shut[0].headers["Retry-After"]) <= 24 * 3600
    left = site.get("/api/v1/info", headers={"X-API-Key": key}).json()["remaining_today"]
    assert left == 0
    for answer in taken:
        assert result_of(site, answer)["status"] == "done"


def test_what_is_refused_is_not_counted(site: Site, send: Send) -> None:
    key = account(site, "careful", "--daily-compressions", "3")
    refused(send(b"no picture", key=key), 415)
    refused(send(pictures.jpeg(), key=key, output="bmp"), 422)
    refused(send(b"", key=key), 422)
    left = site.get("/api/v1/info", headers={"X-API-Key": key}).json()["remaining_today"]
    assert left == 3


@pytest.mark.parametrize(
    "size", ["0", "-5", "20GBB", "many", "1e3", "20 KB or so", "9" * 30, "0.0001B", "NaN"]
)
def test_sizes_that_mean_nothing_are_refused(send: Send, size: str) -> None:
    assert "target_size" in refused(send(pictures.jpeg(), target_size=size), 422)


@pytest.mark.parametrize("format", ["gif", "tiff", "bmp", "heic", "svg", "mp4"])
def test_types_that_are_not_on_the_list_are_415(send: Send, format: str) -> None:
    assert "jpeg" in refused(send(pictures.sample(format)), 415)


def test_a_picture_with_a_damaged_head_is_refused_at_once(send: Send) -> None:
    refused(send(pictures.png(64, 64)[:30]), 422)
    refused(send(pictures.png_bomb()), 422)


def test_a_picture_that_is_damaged_deeper_fails_with_a_message(send: Send, site: Site) -> None:
    pixels = zlib.compress(bytes(300 * 200 * 4))[:40]
    head = pictures.png(300, 200)[:33]
    damaged = head + pictures.png_chunk(b"IDAT", pixels) + pictures.png_chunk(b"IEND", b"")
    values = result_of(site, send(damaged, output="jpeg"))
    assert values["status"] == "failed"
    assert list(values) == ["status", "message"]
    assert values["message"]


def test_an_empty_request_is_refused(site: Site, people: People) -> None:
    refused(send_json(site, people.alice, target_size="20KB"), 422)
    refused(send_json(site, people.alice, file_base64="!!!"), 422)
    answer = site.post(
        "/api/v1/compress",
        body=b"{",
        headers={"X-API-Key": people.alice, "Content-Type": "application/json"},
    )
    refused(answer, 400)


def test_a_full_account_is_refused_with_413(site: Site, send: Send) -> None:
    key = account(site, "filled", "--storage-limit", "0")
    assert "full" in refused(send(pictures.jpeg(), key=key), 413)


def test_results_count_to_the_storage_of_the_account(site: Site, send: Send) -> None:
    key = account(site, "saver")
    values = result_of(site, send(pictures.jpeg(), key=key, target_size="10KB"))
    used = site.shell(
        "from accounts.models import User; print(User.objects.get(username='saver').storage_used)"
    )
    assert int(used) == values["bytes"]


def test_unknown_keys_and_numbers_are_404_in_this_apis_words(site: Site) -> None:
    for path in ("/result/abcd1234deadbeef", f"/result/{'0' * 32}", "/download/12345",
                 "/download/x", "/api/v1/nothing", "/api/v1"):  # fmt: skip
        refused(site.get(path), 404)
    refused(site.get("/api/v1/compress"), 405)


def test_a_result_is_gone_after_its_time(site: Site, send: Send) -> None:
    answer = send(pictures.jpeg(), target_size="10KB")
    values = result_of(site, answer)
    site.shell(
        "from hosting.models import Job; from django.utils import timezone; "
        f"f = Job.objects.get(number={values['image_id']}).result; "
        "f.expires_at = timezone.now(); f.save(update_fields=['expires_at'])"
    )
    refused(site.get(values["download"]), 404)
    refused(site.get(answer.json()["result_url"]), 404)


class Stranger(BaseHTTPRequestHandler):
    """A server that has one picture, and redirects to wherever the query says."""

    def do_GET(self) -> None:
        if target := self.path.partition("?to=")[2]:
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(pictures.jpeg(64, 48))

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def open_site(tmp_path_factory: pytest.TempPathFactory, stranger: int) -> Iterator[Site]:
    """A site that may fetch from this machine by either of its names."""
    trusted = f"127.0.0.1:{stranger},localhost:{stranger}"
    folder = tmp_path_factory.mktemp("fetching") / "data"
    with LightSite(folder, env={"FETCH_TRUSTED_HOSTS": trusted}) as running:
        yield running


def test_file_url_needs_an_allowed_domain_and_says_so_in_the_pages_words(
    open_site: Site, stranger: int
) -> None:
    key = account(open_site, "domainless")
    url = f"http://localhost:{stranger}/a.jpg"
    message = refused(send_json(open_site, key, file_url=url), 403)
    assert message == "No allowed domain set. Please set your allowed domain in dashboard."


def test_file_url_takes_from_the_allowed_domain_alone(open_site: Site, stranger: int) -> None:
    key = account(open_site, "settled", "--allowed-domain", "localhost")
    answer = send_json(open_site, key, file_url=f"http://localhost:{stranger}/a.jpg")
    assert result_of(open_site, answer)["status"] == "done"
    refused(send_json(open_site, key, file_url=f"http://127.0.0.1:{stranger}/a.jpg"), 403)
    refused(send_json(open_site, key, file_url="http://notlocalhost/a.jpg"), 403)


def test_a_redirect_out_of_the_domain_is_refused(open_site: Site, stranger: int) -> None:
    key = account(open_site, "wary", "--allowed-domain", "localhost")
    inside = f"http://localhost:{stranger}/?to=http://localhost:{stranger}/a.jpg"
    outside = f"http://localhost:{stranger}/?to=http://127.0.0.1:{stranger}/a.jpg"
    assert send_json(open_site, key, file_url=inside).status == 202
    refused(send_json(open_site, key, file_url=outside), 403)


def test_subdomains_are_allowed_at_a_label_boundary_only() -> None:
    allow = only_from("example.org")
    allow("example.org")
    allow("cdn.example.org")
    for host in ("evil-example.org", "example.org.evil.net", "example.com", ""):
        with pytest.raises(HostingError):
            allow(host)


@pytest.mark.parametrize("domain", ["Bücher.Example", " bücher.example. ", "xn--bcher-kva.example"])
def test_a_domain_is_meant_however_an_operator_wrote_it(domain: str) -> None:
    allow = only_from(domain)
    allow("xn--bcher-kva.example")
    allow("cdn.xn--bcher-kva.example")
    with pytest.raises(HostingError):
        allow("bcher.example")


@pytest.mark.parametrize(
    ("size", "bytes"),
    [("auto", None), ("AUTO", None), ("", None), ("20KB", 20480), ("1.5MB", 1536 * 1024), ("0.5MB", 512 * 1024),
     ("0.1k", 102), ("20480", 20480), ("999999999999 b", 999_999_999_999), ("999999.999999MB", None)],
)  # fmt: skip
def test_the_sizes_that_the_description_names_are_read(size: str, bytes: int | None) -> None:
    from hosting.api.imgsmaller.description import TARGETS

    assert re.match(TARGETS, size)
    target = target_of(Body(iter([("target_size", Value(BytesIO(size.encode())))]), {}))
    assert target == bytes or (target or 0) > 2**39


@pytest.mark.parametrize(
    "size", ["0", "-5", "0.0KB", "9999999MB", "5GB", ".5MB", "1e3", " ", "20,5KB"]
)
def test_the_description_names_no_size_that_is_refused(size: str) -> None:
    from hosting.api.imgsmaller.description import TARGETS

    assert not re.match(TARGETS, size)


def test_a_json_body_of_the_wrong_kind_is_refused(site: Site, people: People) -> None:
    answer = site.post(
        "/api/v1/compress",
        body=json.dumps(["a"]),
        headers={"X-API-Key": people.alice, "Content-Type": "application/json"},
    )
    refused(answer, 400)
