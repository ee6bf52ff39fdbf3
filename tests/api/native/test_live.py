"""The native API on a running site: many at once, and webhooks and jobs through its worker."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Verifier

from tests import pictures
from tests.conftest import People
from tests.live import PATIENCE, Answer, Site, free_port

pytestmark = pytest.mark.live

JSON = {"Content-Type": "application/json"}


def ask(site: Site, key: str, method: str, path: str, headers: Any = (), **options: Any) -> Answer:
    values = {"Authorization": f"Bearer {key}", **dict(headers)}
    return site.request(method, f"/api/v2{path}", headers=values, **options)


def test_of_many_same_requests_at_once_one_is_done(site: Site, people: People) -> None:
    name = f"Once {uuid4().hex}"
    values = {**JSON, "Idempotency-Key": uuid4().hex}

    def make(_: int) -> Answer:
        return ask(site, people.bob, "POST", "/albums", values, body=json.dumps({"name": name}))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(make, range(24)))
    statuses = {answer.status for answer in answers}
    assert statuses <= {201, 409}
    made = [answer for answer in answers if answer.status == 201]
    assert len({answer.json()["id"] for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    for answer in answers:
        if answer.status == 409:
            assert answer.json()["code"] == "idempotency_in_progress"
    listed = ask(site, people.bob, "GET", "/albums?size=100").json()["data"]
    assert [album["name"] for album in listed].count(name) == 1
    assert make(0).headers["Idempotent-Replayed"] == "true"


def test_a_session_cookie_of_nobody_is_a_guest(site: Site) -> None:
    answer = site.request("GET", "/api/v2/account", headers={"Cookie": "sessionid=nothing"})
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_a_problem(site: Site, people: People) -> None:
    # The embedded server keeps none of it.
    huge = b"0" * (77 * 1024 * 1024)
    answer = ask(site, people.bob, "POST", "/files", {"Content-Type": "image/jpeg"}, body=huge)
    assert answer.status == 413
    assert answer.json()["code"] == "request_too_large"


def test_a_job_is_done_by_the_worker_and_announced_to_a_webhook(tmp_path: Any) -> None:
    heard: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.put(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    ear = free_port()
    server = ThreadingHTTPServer(("127.0.0.1", ear), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Site(tmp_path / "data", env={"FETCH_TRUSTED_HOSTS": f"127.0.0.1:{ear}"}) as site:
            key = site.shell(
                "from accounts import keys\n"
                "print(keys.create(keys.user_named('alice'), name='tests')[1])"
            ).strip()
            events = {"url": f"http://127.0.0.1:{ear}/", "events": ["file.created", "job.done"]}
            hook = ask(site, key, "POST", "/webhooks", JSON, body=json.dumps(events)).json()
            fields = {
                "file": ("photo.jpg", pictures.photo(300, 200)),
                "pipeline": '[{"operation": "resize", "width": 30}]',
            }
            job = ask(site, key, "POST", "/jobs", fields=fields)
            assert job.status == 202, job.text
            values = {}
            while set(values) != {"file.created", "job.done"}:
                headers, body = heard.get(timeout=PATIENCE)
                event = Verifier(hook["secret"]).verify(body, headers)
                values[event["type"]] = event["data"]
            assert values["job.done"]["id"] == job.json()["id"]
            result = values["job.done"]["result"]
            assert (result["id"], result["width"]) == (values["file.created"]["id"], 30)
            read = ask(site, key, "GET", f"/jobs/{job.json()['id']}").json()
            assert (read["state"], read["result"]["id"]) == ("done", result["id"])
    finally:
        server.shutdown()
        server.server_close()
