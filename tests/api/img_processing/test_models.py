"""What models, programs and workers do: imagine, remove-background, classify, visualize, text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests import pictures
from tests.api.img_processing.conftest import Api, invalid, made, newcomer, refused
from tests.api.img_processing.test_stages import is_stamped
from tests.hosting.backends.server import (
    Asked,
    ModelServer,
    Said,
    complaint,
    completion,
    model_server,
    png,
)
from tests.hosting.backends.server import pictures as drawn
from tests.light import LightSite
from tests.live import Site

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]

LABELS = [
    {"label": name, "score": score}
    for name, score in (("cat", 0.6), ("lynx", 0.2), ("mat", 0.1), ("rug", 0.05), ("dog", 0.01))
]


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[Site]:
    """A site that has a model to ask."""
    values = {"URL": model.url, "KEY": "sk-secret", "MODEL": "artist"}
    env = {
        f"{kind}_{name}": value for kind in ("IMAGINE", "VISION") for name, value in values.items()
    }
    folder = tmp_path_factory.mktemp("modelled") / "data"
    with LightSite(folder, env={**env, "IMAGINE_BACKEND": "openai"}) as running:
        yield running


@pytest.fixture(scope="module")
def artist(modelled: Site) -> Api:
    return newcomer(modelled, "artist")


@pytest.fixture(scope="module")
def tester(modelled: Site) -> Api:
    return newcomer(modelled, "tester", kind="test")


# --- imagine


def test_a_prompt_becomes_an_image(artist: Api, model: ModelServer) -> None:
    model.says(drawn(png(1024, 1024, "#2060c0")))
    asked = {"prompt": "A blue square", "negative_prompt": "red", "seed": 42, "model": "flux"}
    image = made(artist.post("/imagine", name="Blue", **asked))
    assert (image["name"], image["url"]) == ("Blue", None)
    assert (image["width"], image["height"], image["format"]) == (1024, 1024, "jpeg")
    pixel = artist.pixels(image).getpixel((500, 500))
    assert isinstance(pixel, tuple)
    assert all(abs(a - b) < 6 for a, b in zip(pixel, (32, 96, 192), strict=True))
    sent = model.asked[-1].body
    assert (sent["prompt"], sent["seed"]) == ("A blue square", 42)
    assert sent["negative_prompt"] == "red"


def test_an_imagined_test_image_is_stamped(tester: Api, model: ModelServer) -> None:
    model.says(drawn(png(1024, 1024, "#808080")))
    image = made(tester.post("/imagine", name="Grey", prompt="grey"))
    assert is_stamped(tester.pixels(image))


@pytest.mark.parametrize(
    "asked",
    [{"prompt": "x"}, {"name": "x"}, {"name": "x", "prompt": ""}, {"name": "x", "prompt": "x" * 1001},
     {"name": "x" * 31, "prompt": "x"}, {"name": "x", "prompt": "x", "seed": 42.1},
     {"name": "x", "prompt": "x", "seed": -1}, {"name": "x", "prompt": "x", "model": "dall-e"},
     {"name": "x", "prompt": "x", "negative_prompt": "x" * 1001}],
)  # fmt: skip
def test_what_cannot_be_imagined_is_refused_before_the_model_is_asked(
    artist: Api, model: ModelServer, asked: dict[str, Any]
) -> None:
    before = len(model.asked)
    invalid(artist.post("/imagine", **asked))
    assert len(model.asked) == before


def test_a_model_that_fails_is_reported_without_its_secrets(
    artist: Api, model: ModelServer
) -> None:
    model.says(complaint(401, "bad key sk-secret"))
    answer = artist.post("/imagine", name="x", prompt="x")
    refused(answer, 502, "Bad Gateway")
    assert "sk-secret" not in answer.text
    assert not any(image["name"] == "x" for image in artist.list()["data"])


def test_a_site_without_a_model_says_what_to_set(live: Api) -> None:
    (reason,) = refused(live.post("/imagine", name="x", prompt="x"), 503, "Service Unavailable")
    assert "IMAGINE_BACKEND" in reason
    id = live.image(pictures.png(8, 8))["id"]
    for path, asked in (("classify", {}), ("visualize", {"prompt": "What is it?"})):
        (reason,) = refused(live.post(f"/{id}/{path}", **asked), 503, "Service Unavailable")
        assert "VISION_URL" in reason


# --- classify, visualize


def test_classify_returns_the_main_label_and_four_more(artist: Api, model: ModelServer) -> None:
    model.says(completion(json.dumps({"labels": LABELS})))
    id = artist.image(pictures.png(64, 48))["id"]
    answer = artist.post(f"/{id}/classify")
    assert answer.status == 201
    assert answer.json() == {
        "main_label": "cat", "main_score": 0.6, "secondary_labels": LABELS[1:],
    }  # fmt: skip


def test_visualize_answers_a_question(artist: Api, model: ModelServer) -> None:
    def answer(asked: Asked) -> Said:
        (text,) = [p["text"] for p in asked.body["messages"][0]["content"] if p["type"] == "text"]
        return completion(f"You asked: {text}")

    model.rule = answer
    id = artist.image(pictures.png(64, 48))["id"]
    values = artist.post(f"/{id}/visualize", prompt="What is it?", model="llava")
    assert (values.status, values.json()) == (201, {"response": "You asked: What is it?"})
    for asked in ({}, {"prompt": "x" * 1001}, {"prompt": "x", "model": "gpt"}):
        invalid(artist.post(f"/{id}/visualize", **asked))


# --- remove-background


def product() -> bytes:
    """A red disc in the middle of a light table."""
    image = Image.new("RGB", (300, 300), (228, 226, 222))
    ImageDraw.Draw(image).ellipse((90, 90, 210, 210), fill=(190, 30, 40))
    return pictures.saved(image, "JPEG", quality=95)


def test_remove_background_makes_a_png_with_the_object_alone(artist: Api) -> None:
    answer = artist.send(product(), name="Disc")
    before = int(answer.headers["X-Image-Processing-Usage"])
    answer = artist.post(f"/{made(answer)['id']}/remove-background")
    image = made(answer)
    assert (image["name"], image["format"], image["url"]) == ("Disc", "png", None)
    alpha = artist.pixels(image).convert("RGBA").getchannel("A")
    assert (alpha.getpixel((150, 150)), alpha.getpixel((5, 5))) == (255, 0)
    assert answer.headers["X-Vitrine-Background-Engine"] == "grabcut"
    assert "X-Vitrine-Background-Engine" in answer.headers["Access-Control-Expose-Headers"]
    # It counts twice.
    assert int(answer.headers["X-Image-Processing-Usage"]) == before + 2


def test_a_test_images_background_goes_and_its_result_is_stamped(tester: Api) -> None:
    image = tester.change(tester.image(product()), "remove-background", name="Cut out")
    assert image["name"] == "Cut out"
    picture = tester.pixels(image).convert("RGBA")
    # Where there is nothing but the stamp.
    corner = picture.crop((0, 0, 300, 80)).getchannel("A").getextrema()
    assert corner[1] > 100  # type: ignore[operator]


# --- text


def written(*lines: str) -> bytes:
    image = Image.new("RGB", (900, 60 + 80 * len(lines)), "white")
    for number, line in enumerate(lines):
        font = ImageFont.load_default(48)
        ImageDraw.Draw(image).text((40, 30 + 80 * number), line, "black", font)
    return pictures.saved(image, "PNG")


def test_text_is_read_from_an_image(artist: Api, needs: Callable[[str, str], str]) -> None:
    needs("tesseract", "tesseract-ocr")
    id = artist.image(written("The quick brown fox", "jumps over the dog"))["id"]
    for asked, format in (({}, "plain"), ({"format": "markdown"}, "markdown")):
        answer = artist.post(f"/{id}/extract-formatted-text", **asked)
        assert answer.status == 201, answer.text
        assert answer.json()["format"] == format
        assert "quick brown fox" in answer.json()["content"]
    invalid(artist.post(f"/{id}/extract-formatted-text", format="html"))
