"""Pictures from prompts, by a server that speaks OpenAI's images API, whatever that answers."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from PIL import Image

from accounts.keys import Caller
from hosting import tasks
from hosting.backends import images_api, imagine
from hosting.backends.imagine import Prompt
from hosting.errors import HostingError
from hosting.files.options import ResultOptions
from hosting.jobs import queue, worker
from hosting.models import Job
from hosting.storage import objects
from processing import Result
from tests.factories import UserFactory
from tests.hosting.backends.conftest import KEY
from tests.hosting.backends.server import (
    Asked,
    ModelServer,
    Said,
    base64_of,
    complaint,
    model_server,
    pictures,
    png,
)


def draw(**wish: Any) -> Result:
    return imagine.draw(Prompt(**{"prompt": "a cat on a mat", **wish}), lambda fraction: None)


def failure(**wish: Any) -> HostingError:
    with pytest.raises(HostingError) as raised:
        draw(**wish)
    return raised.value


def test_a_prompt_becomes_a_jpeg_of_1024_by_1024(server: ModelServer) -> None:
    server.says(pictures(png(1024, 1024, "#2060c0")))
    result = draw()
    image = Image.open(io.BytesIO(result.data))
    assert (image.format, image.size) == ("JPEG", (1024, 1024))
    assert (result.format.name, result.width, result.height) == ("jpeg", 1024, 1024)
    red, green, blue = image.getpixel((500, 500))
    assert abs(red - 0x20) + abs(green - 0x60) + abs(blue - 0xC0) < 12
    assert server.asked[0].path == "/v1/images/generations"
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    values = server.asked[0].body
    assert (values["model"], values["prompt"], values["n"], values["size"]) == (
        "painter", "a cat on a mat", 1, "1024x1024",
    )  # fmt: skip


@pytest.mark.parametrize("size", [(64, 64), (300, 200), (1792, 1024)])
def test_a_picture_of_another_size_fills_the_square(
    server: ModelServer, size: tuple[int, int]
) -> None:
    server.says(pictures(png(*size)))
    assert Image.open(io.BytesIO(draw().data)).size == (1024, 1024)


def test_seed_and_negative_prompt_are_passed_on(server: ModelServer) -> None:
    server.says(pictures(png()))
    draw(seed=7, negative_prompt="dogs")
    assert server.asked[0].body["seed"] == 7
    assert server.asked[0].body["negative_prompt"] == "dogs"


def test_what_the_server_does_not_know_is_left_out_and_said_in_words(server: ModelServer) -> None:
    def picky(asked: Asked) -> Said:
        for name in ("response_format", "seed", "negative_prompt"):
            if name in asked.body:
                return complaint(400, f"Unknown parameter: '{name}'.", param=name)
        return pictures(png())

    server.rule = picky
    draw(seed=7, negative_prompt="dogs")
    last = server.asked[-1].body
    assert last["prompt"].startswith("a cat on a mat")
    assert "dogs" in last["prompt"]
    assert len(server.asked) == 4


def test_the_model_that_is_asked_for_is_looked_up(server: ModelServer, settings: Any) -> None:
    settings.IMAGINE_MODELS = {"flux": "black-forest/flux.1"}
    server.says(pictures(png()))
    draw(model="flux")
    draw(model="sdxl")
    assert [asked.body["model"] for asked in server.asked] == ["black-forest/flux.1", "painter"]


def test_a_picture_is_fetched_from_the_server_itself(server: ModelServer) -> None:
    def rule(asked: Asked) -> Said:
        if asked.path == "/made/1.png":
            return Said(png())
        return Said({"data": [{"url": server.url.replace("/v1", "/made/1.png")}]})

    server.rule = rule
    assert draw().width == 1024
    # The key is the API's, not that of whatever file an answer names.
    assert "authorization" not in server.asked[-1].headers


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/secret.png", "file:///etc/passwd"])
def test_nothing_is_fetched_from_elsewhere_in_our_network(server: ModelServer, url: str) -> None:
    with model_server() as other:
        other.says(Said(png()))
        port = other.url.split(":")[2].split("/")[0]
        server.says(Said({"data": [{"url": url.format(port=port)}]}))
        assert failure().code == "backend_failed"
        assert other.asked == []


def test_no_redirect_of_the_api_is_followed(server: ModelServer) -> None:
    with model_server() as other:
        other.says(pictures(png()))
        server.says(Said({}, 307, {"Location": f"{other.url}/images/generations"}))
        assert failure().code == "backend_failed"
        assert other.asked == []


@pytest.mark.parametrize(
    "said",
    [
        Said({"data": []}),
        Said({"data": [{}]}),
        Said({"data": [{"b64_json": "no base64!"}]}),
        Said({"data": [{"b64_json": 7}]}),
        Said({"data": {"b64_json": ""}}),
        Said([1, 2]),
        Said("text"),
        Said(None),
        Said(b"<html>welcome</html>", headers={"Content-Type": "text/html"}),
        Said(b"", headers={"Content-Type": "application/json"}),
        Said(b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"}),
        pictures(b"no picture at all"),
        pictures(png()[:60]),
        pictures(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
        pictures(png(9000, 1)),
    ],
    ids=range(15),
)
def test_an_answer_that_is_no_picture_is_the_backends_failure(
    server: ModelServer, said: Said
) -> None:
    server.says(said)
    assert failure().code == "backend_failed"


def test_an_answer_that_never_ends_is_cut_off(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_api, "MOST_BYTES", 10_000)
    server.says(pictures(b"x" * 200_000))
    assert failure().code == "backend_failed"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_an_error_of_the_server_is_reported_without_its_text(
    server: ModelServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    server.says(complaint(status, f"Incorrect key provided: {KEY}."))
    with caplog.at_level(logging.DEBUG, "hosting"):
        error = failure()
    assert error.code == "backend_failed"
    assert KEY not in error.message
    assert KEY not in caplog.text
    assert str(status) in caplog.text


def test_a_key_is_in_no_trace_of_an_error(server: ModelServer) -> None:
    server.says(complaint(401, f"Incorrect key provided: {KEY}."))
    error = failure()
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_a_server_that_is_too_busy_is_asked_again(server: ModelServer) -> None:
    server.says(complaint(429, "slow down"), complaint(503, "starting"), pictures(png()))
    assert draw().width == 1024
    assert len(server.asked) == 3


def test_a_server_that_stays_too_busy_is_asked_no_more(server: ModelServer) -> None:
    server.says(complaint(429, "slow down"))
    assert failure().code == "busy"
    assert len(server.asked) == 3


@pytest.mark.parametrize("said", [Said(None, hang=True), Said({}, drip=True)])
def test_a_server_that_hangs_is_given_up(server: ModelServer, settings: Any, said: Said) -> None:
    settings.IMAGINE_SECONDS = 1
    server.says(said)
    assert failure().code == "timed_out"
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_no_fault_of_the_caller(
    server: ModelServer, settings: Any
) -> None:
    with model_server() as gone:
        settings.IMAGINE_URL = gone.url
    assert failure().code == "backend_failed"


def test_a_prompt_that_the_model_refuses_is_the_callers_fault(server: ModelServer) -> None:
    server.says(complaint(400, "Your request was rejected", code="moderation_blocked"))
    error = failure()
    assert (error.code, error.param) == ("refused_prompt", "prompt")
    assert len(server.asked) == 1


def test_data_uris_are_read_where_an_address_is_expected(server: ModelServer) -> None:
    server.says(Said({"data": [{"url": f"data:image/png;base64,{base64_of(png())}"}]}))
    assert draw().width == 1024


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"IMAGINE_BACKEND": ""}, "IMAGINE_BACKEND=openai with IMAGINE_URL and IMAGINE_MODEL"),
        ({"IMAGINE_BACKEND": ""}, "IMAGINE_BACKEND=diffusers with IMAGINE_MODEL_DIR"),
        ({"IMAGINE_URL": ""}, "IMAGINE_URL"),
        ({"IMAGINE_MODEL": ""}, "IMAGINE_MODEL"),
        ({"IMAGINE_BACKEND": "diffusers", "IMAGINE_MODEL_DIR": ""}, "IMAGINE_MODEL_DIR"),
    ],
)
def test_where_nothing_is_set_up_it_is_said_what_to_set(
    server: ModelServer, settings: Any, given: dict[str, str], named: str
) -> None:
    for name, value in given.items():
        setattr(settings, name, value)
    with pytest.raises(HostingError, match=named) as raised:
        imagine.refuse_if_not_configured()
    assert raised.value.code == "not_configured"
    assert failure().code == "not_configured"
    assert server.asked == []


def test_where_a_server_is_set_up_nothing_is_refused(server: ModelServer) -> None:
    imagine.refuse_if_not_configured()
    assert server.asked == []


@pytest.mark.django_db
def test_a_worker_keeps_the_picture_for_who_asked(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda *args, **more: None)
    server.says(pictures(png(1024, 1024)))
    owner = UserFactory()
    placement = ResultOptions(folder="images", kind="imagined", title="Cat")
    wish = {"prompt": "a cat", "seed": 3}
    job = queue.submit(Caller(owner), "imagine", None, wish, placement)
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.queue) == (Job.State.DONE, Job.Queue.HEAVY)
    assert job.result is not None
    assert (job.result.owner, job.result.width, job.result.format) == (owner, 1024, "jpeg")
    with objects.open_file(job.result.area, job.result.path) as file:
        assert Image.open(file).size == (1024, 1024)
    assert server.asked[0].body["seed"] == 3


@pytest.mark.django_db
def test_a_job_whose_backend_fails_says_so(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda *args, **more: None)
    server.says(complaint(500, "out of memory"))
    placement = ResultOptions(folder="images", kind="imagined")
    job = queue.submit(Caller(UserFactory()), "imagine", None, {"prompt": "a cat"}, placement)
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "backend_failed")
