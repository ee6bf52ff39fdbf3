"""Jobs: pipelines that callers put together, run by a worker and polled."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from hosting.jobs import kinds
from hosting.models import HostedFile, Job
from hosting.storage import objects
from processing import OPERATIONS
from tests import networks
from tests.api.native.conftest import Api, opened, problem
from tests.factories import HostedFileFactory, picture

pytestmark = pytest.mark.django_db

Worked = Callable[[], Any]
RESIZE = {"operation": "resize", "width": 32}
# Parameters with which each operation runs.
EXAMPLES: dict[str, dict[str, Any]] = {
    "resize": {"width": 32},
    "cover": {"width": 20, "height": 20},
    "contain": {"width": 20, "height": 30},
    "crop": {"x": 1, "y": 2, "width": 10, "height": 10},
    "remove-background": {},
    "rotate": {"angle": 90},
    "mirror": {"mode": "vertical"},
    "blur": {"sigma": 2},
    "modulate": {"brightness": 1.5},
    "adjust": {"contrast": 10},
    "stamp": {"text": "DRAFT"},
}


@pytest.fixture
def worked(django_capture_on_commit_callbacks: Any) -> Worked:
    """Within it, a worker does at once what is handed over."""

    @contextmanager
    def run() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield

    return run


def content(values: dict[str, Any]) -> bytes:
    file = HostedFile.objects.get(public_id=values["id"])
    with objects.open_file(file.area, file.path) as stream:
        return stream.read()


def test_a_pipeline_over_ones_own_file_ends_as_a_file(alice: Api, worked: Worked) -> None:
    source = HostedFileFactory(owner=alice.user, title="Sea").public_id
    steps = [{"operation": "rotate", "angle": 90}, {"operation": "resize", "width": 12}]
    with worked():
        answer = alice.post(
            "/jobs",
            {"source": source, "pipeline": steps, "output": {"format": "webp", "quality": 60}},
        )
    assert answer.status_code == 202, answer.content
    queued = answer.json()
    assert (queued["state"], queued["result"], queued["error"]) == ("queued", None, None)
    assert answer["Location"] == f"http://testserver/api/v2/jobs/{queued['id']}"
    body = alice.get(f"/jobs/{queued['id']}").json()
    assert (body["state"], body["progress"], body["kind"]) == ("done", 100, "pipeline")
    assert body["pipeline"] == steps
    assert body["output"] == {"format": "webp", "quality": 60, "animated": True}
    assert body["started_at"] <= body["ended_at"]
    result = body["result"]
    assert (result["width"], result["height"], result["format"]) == (12, 16, "webp")
    assert (result["title"], result["privacy"], result["owner"]) == (
        "Sea",
        "private",
        alice.user.username,
    )
    image = opened(content(result))
    assert (image.size, image.format) == ((12, 16), "WEBP")
    assert alice.get(f"/files/{result['id']}").json()["id"] == result["id"]
    assert HostedFile.objects.count() == 2


def test_a_sent_picture_is_a_source_too(alice: Api, worked: Worked) -> None:
    part = SimpleUploadedFile("a.jpg", picture(64, 48))
    form = {"file": part, "pipeline": json.dumps([RESIZE]), "output": '{"format": "png"}',
            "title": "Sent", "privacy": "unlisted"}  # fmt: skip
    with worked():
        sent = alice.ask("POST", "/jobs", data=form).json()
    result = alice.get(f"/jobs/{sent['id']}").json()["result"]
    assert (result["title"], result["privacy"], result["format"]) == ("Sent", "unlisted", "png")
    text = base64.b64encode(picture(64, 48)).decode()
    with worked():
        sent = alice.post("/jobs", {"base64": text, "pipeline": [RESIZE]}).json()
    assert alice.get(f"/jobs/{sent['id']}").json()["result"]["width"] == 32


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "watermark"])
def test_every_operation_is_taken(alice: Api, name: str) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    step = {"operation": name, **EXAMPLES[name]}
    answer = alice.post("/jobs", {"source": source, "pipeline": [step]})
    assert answer.status_code == 202, answer.content
    job = Job.objects.get()
    assert job.queue == ("heavy" if OPERATIONS[name].heavy else "default")
    assert kinds.WORK[job.kind].queue == job.queue


def test_a_pipeline_removes_backgrounds_by_the_sites_network_and_tells_so(
    alice: Api, worked: Worked, tmp_path: Path, settings: Any
) -> None:
    settings.MODELS_DIR, settings.REMBG_MODEL = tmp_path, "u2net_custom"
    networks.install(tmp_path, "u2net_custom", networks.redness())
    step = {"operation": "remove-background"}
    with worked():
        sent = alice.post(
            "/jobs", {"source": HostedFileFactory(owner=alice.user).public_id, "pipeline": [step]}
        )
    answer = alice.get(f"/jobs/{sent.json()['id']}")
    assert answer.json()["state"] == "done"
    assert answer["X-Vitrine-Background-Engine"] == "rembg u2net_custom"
    assert "X-Vitrine-Background-Engine" in answer["Access-Control-Expose-Headers"]
    # Not before it is done, and not for other steps.
    assert "X-Vitrine-Background-Engine" not in sent
    with worked():
        other = alice.post(
            "/jobs", {"source": HostedFileFactory(owner=alice.user).public_id, "pipeline": [RESIZE]}
        )
    assert "X-Vitrine-Background-Engine" not in alice.get(f"/jobs/{other.json()['id']}")


def test_a_watermark_is_a_file_of_ones_own(alice: Api, bob: Api, worked: Worked) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    mark = alice.ask(
        "POST", "/files", data={"file": SimpleUploadedFile("m.png", black(8, 8))}
    ).json()["id"]
    overlays = [{"file": mark, "left": 3, "top": 4}]
    step = {"operation": "watermark", "overlays": overlays}
    with worked():
        sent = alice.post(
            "/jobs", {"source": source, "pipeline": [step], "output": {"format": "png"}}
        ).json()
    body = alice.get(f"/jobs/{sent['id']}").json()
    assert body["error"] is None
    assert body["pipeline"] == [step]
    image = opened(content(body["result"])).convert("RGB")
    assert image.getpixel((7, 8)) == (0, 0, 0)
    assert image.getpixel((40, 40)) != (0, 0, 0)
    foreign = HostedFileFactory(owner=bob.user).public_id
    step["overlays"] = [{"file": foreign}]
    body = problem(alice.post("/jobs", {"source": source, "pipeline": [step]}), 400, "unknown_file")
    assert body["param"] == "pipeline.0.overlays.0.file"
    for wrong in (
        *([], "x", [{"left": 3}], [{"file": mark, "source": "AA"}]),
        *(
            [{"file": mark, "path": "x"}],
            [{"file": mark, "left": "x"}],
            [{"file": mark, "opacity": 2}],
        ),
    ):
        step["overlays"] = wrong
        problem(
            alice.post("/jobs", {"source": source, "pipeline": [step]}), 400, "invalid_pipeline"
        )


def black(width: int, height: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (width, height)).save(stream, "png")
    return stream.getvalue()


def test_all_mistakes_of_a_pipeline_are_reported(alice: Api) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    steps = [
        {"operation": "resize", "width": "wide"},
        {"operation": "explode"},
        {"width": 3},
        {"operation": "blur", "sigma": 3, "colour": "red"},
    ]
    values = problem(
        alice.post("/jobs", {"source": source, "pipeline": steps}), 400, "invalid_pipeline"
    )
    places = [error["param"] for error in values["errors"]]
    assert places == [
        "pipeline.0.width", "pipeline.1.operation", "pipeline.2.operation", "pipeline.3.colour"
    ]  # fmt: skip
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("values", "param"),
    [
        ({"pipeline": [], "output": {"format": "exe"}}, "output.format"),
        ({"pipeline": [], "output": {"quality": 101}}, "output.quality"),
        ({"pipeline": [], "output": {"formt": "webp"}}, "output.formt"),
        ({"pipeline": ["resize"]}, "pipeline.0"),
        ({"pipeline": [RESIZE] * 21}, "pipeline"),
        ({"pipeline": [RESIZE], "priority": 1}, "priority"),
    ],
)
def test_bad_parameters_are_named(alice: Api, values: dict[str, Any], param: str) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    answer = problem(alice.post("/jobs", {"source": source, **values}), 400, "invalid_parameters")
    assert [error["param"] for error in answer["errors"]] == [param]


def test_a_job_takes_exactly_one_source(alice: Api, bob: Api) -> None:
    problem(alice.post("/jobs", {"pipeline": [RESIZE]}), 400, "invalid_parameters")
    own = HostedFileFactory(owner=alice.user).public_id
    both = {"pipeline": [RESIZE], "source": own, "base64": "AAAA"}
    problem(alice.post("/jobs", both), 400, "invalid_parameters")
    foreign = HostedFileFactory(owner=bob.user).public_id
    problem(alice.post("/jobs", {"pipeline": [RESIZE], "source": foreign}), 400, "unknown_file")


def test_a_failed_job_says_why(alice: Api, worked: Worked) -> None:
    text = base64.b64encode(b"no picture at all").decode()
    with worked():
        sent = alice.post("/jobs", {"base64": text, "pipeline": [RESIZE]}).json()
    body = alice.get(f"/jobs/{sent['id']}").json()
    assert (body["state"], body["result"]) == ("failed", None)
    assert body["error"]["code"] == "unsupported_format"
    assert body["error"]["message"]
    problem(alice.post(f"/jobs/{sent['id']}/retry"), 409, "conflict")


def test_a_waiting_job_can_be_cancelled_and_an_ended_one_cannot(alice: Api, worked: Worked) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    waiting = alice.post("/jobs", {"source": source, "pipeline": [RESIZE]}).json()["id"]
    for _ in range(2):
        assert alice.delete(f"/jobs/{waiting}").json()["state"] == "cancelled"
    with worked():
        done = alice.post("/jobs", {"source": source, "pipeline": [RESIZE]}).json()["id"]
    problem(alice.delete(f"/jobs/{done}"), 409, "job_ended")
    assert alice.ids("/jobs") == [done, waiting]


def test_a_job_that_was_lost_is_tried_again(alice: Api, worked: Worked) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    sent = alice.post("/jobs", {"source": source, "pipeline": [RESIZE]}).json()["id"]
    Job.objects.update(state="failed", error_code="worker_lost")
    with worked():
        assert alice.post(f"/jobs/{sent}/retry").json()["state"] == "queued"
    assert alice.get(f"/jobs/{sent}").json()["state"] == "done"


def test_jobs_are_their_owners_alone(alice: Api, bob: Api, moderator: Api) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    job = alice.post("/jobs", {"source": source, "pipeline": [RESIZE]}).json()["id"]
    for api in (bob, moderator):
        problem(api.get(f"/jobs/{job}"), 404, "not_found")
        problem(api.delete(f"/jobs/{job}"), 404, "not_found")
        assert api.ids("/jobs") == []


def test_a_polled_job_that_has_not_changed_costs_no_body(alice: Api) -> None:
    source = HostedFileFactory(owner=alice.user).public_id
    answer = alice.post("/jobs", {"source": source, "pipeline": [RESIZE]})
    again = alice.ask("GET", f"/jobs/{answer.json()['id']}", {"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
