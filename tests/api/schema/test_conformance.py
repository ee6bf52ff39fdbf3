"""Every API does what its document says: schemathesis asks each operation things that nobody would think of.

Requests are made up from the document, right ones and wrong ones, the same in every run. A part of them names
files, albums, jobs and images that are really there, with a key that may use them.
"""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import keys
from accounts.models import Plan
from accounts.scopes import SCOPES
from hosting.api.dialects import DIALECTS
from hosting.models import Category
from tests.factories import UserFactory
from tests.hosting.backends.conftest import server  # noqa: F401
from tests.hosting.backends.server import Asked, ModelServer, Said, completion, pictures, png

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.timeout(900),
]

# tus has a name of its own for bytes.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Examples that name what is the reader's own: other files, other sites, a password.
ELSEWHERE = {
    "native": {"createJob stored", "editAlbum cover", "unlockAlbum password"},
    "imghippo": {"delete url", "deleteByPost url"},
    "img_processing": {"createImage url", "watermark watermark"},
}
# The dialects read loosely, as their services do: what says nothing is nothing, wherever it stands.
STRICT = {"native"}
# Where tus wants its version, what lacks it is refused by 412, which passes for no refusal of wrong data.
TUS = "/api/v2/uploads"
# Requests of an operation: of right ones, and of wrong ones.
RIGHT, WRONG = 6, 4


@dataclass
class Things:
    """What is there to be asked for: made when it is needed, and made again when enough was deleted."""

    key: str
    made: dict[str, list[str]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def ask(self, method: str, path: str, **data: Any) -> Any:
        """A request with the key: `json=`, or a form."""
        if "json" in data:
            data = {"data": json.dumps(data["json"]), "content_type": "application/json"}
        elif method == "POST":
            data = {"data": data}
        return getattr(Client(), method.lower())(path, headers={"X-API-Key": self.key}, **data)

    def one(self, kind: str) -> str:
        """The id of one that is there, most likely."""
        ids = self.made.setdefault(kind, [])
        if len(ids) < 2 or self.chance.random() < 0.2:
            ids.append(MAKERS[kind](self))
        return self.chance.choice(ids[-3:])

    def picture(self) -> SimpleUploadedFile:
        """A picture that was not there before."""
        stream = BytesIO()
        colour = tuple(self.chance.randbytes(3))
        Image.new("RGB", (480, 360), colour).save(stream, "PNG")
        return SimpleUploadedFile("a.png", stream.getvalue())


def _file(things: Things) -> str:
    return str(things.ask("POST", "/api/v2/files", file=things.picture()).json()["id"])


def _album(things: Things) -> str:
    values = {"name": "Ours", "privacy": "password", "password": "a long secret"}
    return str(things.ask("POST", "/api/v2/albums", json=values).json()["id"])


def _job(things: Things) -> str:
    return str(things.ask("POST", "/api/v2/jobs", file=things.picture()).json()["id"])


def _key(things: Things) -> str:
    return str(things.ask("POST", "/api/v2/account/keys", json={"name": "one"}).json()["id"])


def _webhook(things: Things) -> str:
    values = {"url": "https://192.0.2.1/", "events": ["file.deleted"]}
    made = things.ask("POST", "/api/v2/webhooks", json=values).json()
    there = things.ask("GET", "/api/v2/webhooks").json()["data"]
    return str(made["id"] if "id" in made else there[0]["id"])


def _upload(things: Things) -> str:
    headers = {"X-API-Key": things.key, "Tus-Resumable": "1.0.0", "Upload-Length": "1000"}
    return str(Client().post("/api/v2/uploads", headers=headers)["Location"].rpartition("/")[2])


def _image(things: Things) -> str:
    answer = things.ask("POST", "/v1/images/upload", image=things.picture(), name="ours")
    return str(answer.json()["id"])


def _compression(things: Things) -> str:
    return str(things.ask("POST", "/api/v1/compress", file=things.picture()).json()["progress_key"])


def _download(things: Things) -> str:
    return str(things.ask("GET", f"/result/{_compression(things)}").json()["image_id"])


MAKERS: dict[str, Callable[[Things], str]] = {
    "/api/v2/files/{id}": _file,
    "/api/v2/albums/{id}": _album,
    "/api/v2/jobs/{id}": _job,
    "/api/v2/account/keys/{id}": _key,
    "/api/v2/webhooks/{id}": _webhook,
    "/api/v2/uploads/{id}": _upload,
    "/v1/images/{id}": _image,
    "/result/{key}": _compression,
    "/download/{number}": _download,
}


@pytest.fixture
def things(db: None) -> Things:
    cache.clear()
    plan = Plan.objects.create(
        name="Unhurried",
        live_requests_per_minute=10**6,
        uploads_per_minute=None,
        uploads_per_hour=None,
        uploads_per_day=None,
        storage_limit=10**10,
        daily_compressions=10**6,
    )
    Category.objects.get_or_create(name="Animals", url_key="animals")
    return Things(keys.create(UserFactory(plan=plan), name="tests", scopes=SCOPES)[1])


@pytest.fixture(autouse=True)
def _no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up addresses are asked of nobody."""

    def unknown(host: Any, *args: Any, **named: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **named: (real if host == "127.0.0.1" else unknown)(
            host, *args, **named
        ),
    )


@pytest.fixture
def models(server: ModelServer) -> None:  # noqa: F811
    """A model that paints, names and describes."""
    labels = [{"label": name, "score": 0.1} for name in ("cat", "lynx", "mat", "rug", "dog")]

    def answer(asked: Asked) -> Said:
        if "images" in asked.path:
            return pictures(png())
        wants_labels = "Classify" in json.dumps(asked.body)
        return completion(json.dumps({"labels": labels}) if wants_labels else "A cat.")

    server.rule = answer


@pytest.fixture
def documented(things: Things, models: None) -> Callable[[str], Any]:
    """Load a document as anybody does."""
    app = get_wsgi_application()
    return lambda name: schemathesis.openapi.from_wsgi(f"/api/schema/{name}.json", app)


@pytest.mark.parametrize("name", list(DIALECTS))
def test_every_operation_answers_as_its_document_says(
    name: str, things: Things, documented: Callable[[str], Any]
) -> None:
    wrong: list[BaseException] = []
    for found in documented(name).get_all_operations():
        operation = found.ok()
        for mode, most in ((GenerationMode.POSITIVE, RIGHT), (GenerationMode.NEGATIVE, WRONG)):
            try:
                _ask(operation, mode, most, things, strict=name in STRICT)
            except (FailureGroup, ExceptionGroup) as failures:
                wrong.append(failures)
    if wrong:
        raise BaseExceptionGroup(f"{name} differs from its document", wrong)


@pytest.mark.parametrize("name", list(DIALECTS))
def test_every_example_of_a_request_that_can_run_here_does(
    name: str, things: Things, documented: Callable[[str], Any]
) -> None:
    refused = set()
    for found in documented(name).get_all_operations():
        operation = found.ok()
        for known, body in _examples(operation.definition.raw):
            case = operation.Case(body=body, media_type="application/json")
            _fill(case, things)
            answer = case.call_and_validate(headers={"X-API-Key": things.key}, checks=CHECKS)
            if not 200 <= answer.status_code < 300:
                refused.add(f"{operation.definition.raw['operationId']} {known}")
    assert refused == ELSEWHERE.get(name, set())


def _examples(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    content = values.get("requestBody", {}).get("content", {}).get("application/json", {})
    yield from ((known, one["value"]) for known, one in content.get("examples", {}).items())


def _ask(operation: Any, mode: GenerationMode, most: int, things: Things, *, strict: bool) -> None:
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, known: bool) -> None:
        filled = known and _fill(case, things)
        refuses = strict and not filled and not operation.path.startswith(TUS)
        checks = [*CHECKS, negative_data_rejection] if refuses else CHECKS
        case.call_and_validate(headers={"X-API-Key": things.key}, checks=checks)

    # Without parameters there is nothing to get wrong.
    with suppress(Unsatisfiable):
        ask()


def _fill(case: Any, things: Things) -> bool:
    """Name something that is there in the path, if there is such a thing."""
    for start in MAKERS:
        if case.operation.path.startswith(start):
            name = start.partition("{")[2].rstrip("}")
            case.path_parameters = {**(case.path_parameters or {}), name: things.one(start)}
            return True
    return False
