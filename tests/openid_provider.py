"""An OpenID Connect provider for tests: oidc-provider-mock, which here also insists on PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import flask
import oidc_provider_mock
import requests
from werkzeug.serving import make_server


@dataclass
class Provider:
    """A running one: its address, and the queries with which browsers were sent to it."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    # How often it was asked what it is.
    discovered: int = 0
    # Whom its second answer, /userinfo, is about, if not the same person as the first.
    second_subject: str = ""

    def knows(self, sub: str, **claims: Any) -> None:
        """Let it have a person whom it tells so much of."""
        answer = requests.put(f"{self.url}/users/{sub}", json=claims, timeout=30)
        assert answer.ok, answer.text

    def agree(self, address: str, sub: str) -> str:
        """Sign in there as this person at the page that `address` is; return where it leads back to."""
        answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=30)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@contextmanager
def running() -> Iterator[Provider]:
    """Run one on this machine."""
    provider, app = Provider(), oidc_provider_mock.app()
    challenges: set[str] = set()

    @app.after_request
    def mix_up(response: flask.Response) -> flask.Response:
        if flask.request.path == "/userinfo" and provider.second_subject:
            told = {**(response.get_json() or {}), "sub": provider.second_subject}
            response.set_data(json.dumps(told))
        return response

    @app.before_request
    def insist() -> None:
        provider.discovered += flask.request.path.startswith("/.well-known/")
        if flask.request.path == "/oauth2/authorize":
            query = flask.request.args
            provider.asked.append(query.to_dict())
            if query.get("code_challenge_method") != "S256":
                flask.abort(400, "PKCE is asked for")
            challenges.add(query["code_challenge"])
        elif flask.request.path == "/oauth2/token":
            digest = hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() not in challenges:
                flask.abort(400, "the verifier does not fit")

    server = make_server("localhost", 0, app, threaded=True)
    provider.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
