"""What is in a picture, by a server that speaks OpenAI's chat completions API, read strictly."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image

from hosting.backends import vision
from hosting.errors import HostingError
from processing import Limits, ProcessingError
from tests.hosting.backends.server import Asked, ModelServer, Said, complaint, completion, png

GOOD = [
    {"label": "tabby cat", "score": 0.7},
    {"label": "tiger cat", "score": 0.2},
    {"label": "lynx", "score": 0.05},
    {"label": "mat", "score": 0.03},
    {"label": "carpet", "score": 0.0},
]


def labels(found: Any) -> Said:
    return completion(json.dumps({"labels": found}))


def classify() -> vision.Classification:
    return vision.classify(png(), Limits())


def failure() -> HostingError:
    with pytest.raises(HostingError) as raised:
        classify()
    return raised.value


def sent_picture(asked: Asked) -> Image.Image:
    content = asked.body["messages"][0]["content"]
    url = next(part["image_url"]["url"] for part in content if part["type"] == "image_url")
    assert url.startswith("data:image/jpeg;base64,")
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def test_a_picture_has_one_label_and_four_more(server: ModelServer) -> None:
    server.says(labels(GOOD[::-1]))
    found = classify()
    assert (found.main_label, found.main_score) == ("tabby cat", 0.7)
    assert [asdict(label) for label in found.secondary_labels] == GOOD[1:]
    assert server.asked[0].path == "/v1/chat/completions"
    assert server.asked[0].body["model"] == "looker"


def test_more_than_five_labels_are_cut_and_doubles_count_once(server: ModelServer) -> None:
    double = {"label": "Tabby Cat", "score": 0.1}
    server.says(labels([double, *GOOD, {"label": "dust", "score": 0.0}]))
    found = classify()
    assert found.main_score == 0.7
    assert [label.label for label in found.secondary_labels] == [
        "tiger cat", "lynx", "mat", "carpet",
    ]  # fmt: skip


def test_a_fence_around_the_json_is_taken_off(server: ModelServer) -> None:
    server.says(completion("```json\n" + json.dumps({"labels": GOOD}) + "\n```"))
    assert classify().main_label == "tabby cat"


def test_the_picture_is_sent_small_upright_and_without_metadata(server: ModelServer) -> None:
    server.says(labels(GOOD))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"
    stream = io.BytesIO()
    Image.new("RGB", (3000, 2000), "red").save(stream, "JPEG", exif=exif)
    vision.classify(stream.getvalue(), Limits())
    sent = sent_picture(server.asked[0])
    assert max(sent.size) == 1024
    assert sent.height > sent.width
    assert not dict(sent.getexif())


def test_what_the_server_does_not_know_is_left_out(server: ModelServer) -> None:
    def picky(asked: Asked) -> Said:
        for name in ("response_format", "temperature"):
            if name in asked.body:
                return complaint(400, f"'{name}' is not supported with this model.", param=name)
        return labels(GOOD)

    server.rule = picky
    assert classify().main_label == "tabby cat"
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "said",
    [
        completion("It is a cat."),
        completion(""),
        completion(None),
        completion("[]"),
        completion('{"labels": 5}'),
        labels(GOOD[:4]),
        labels([*GOOD[:4], GOOD[0]]),
        labels([*GOOD[:4], {"label": "x", "score": 1.5}]),
        labels([*GOOD[:4], {"label": "x", "score": -0.1}]),
        labels([*GOOD[:4], {"label": "x", "score": "0.5"}]),
        labels([*GOOD[:4], {"label": " ", "score": 0.5}]),
        labels([*GOOD[:4], {"label": "x" * 101, "score": 0.5}]),
        labels([*GOOD[:4], {"label": "x"}]),
        completion(json.dumps({"labels": GOOD}).replace("0.7", "NaN")),
        Said({"choices": []}),
        Said({"choices": [{"message": {"content": [1]}}]}),
        Said({"hello": "world"}),
        Said(b"not json"),
        complaint(500, "out of memory"),
    ],
    ids=range(19),
)
def test_nonsense_is_the_backends_failure(server: ModelServer, said: Said) -> None:
    server.says(said)
    assert failure().code == "backend_failed"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(JSON)
@examples(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
def test_whatever_a_server_says_it_is_labels_or_its_failure(server: ModelServer, said: Any) -> None:
    server.says(Said(said))
    assert failure().code == "backend_failed"
    server.says(labels(said))
    assert failure().code == "backend_failed"


def test_a_question_about_a_picture_is_answered_in_words(server: ModelServer) -> None:
    server.says(completion("  A cat on a mat.\n"))
    assert vision.visualize(png(), Limits(), "What is this?") == "A cat on a mat."
    text = server.asked[0].body["messages"][0]["content"][0]["text"]
    assert text == "What is this?"
    assert sent_picture(server.asked[0]).size == (64, 64)


def test_the_model_that_is_asked_for_is_looked_up(server: ModelServer, settings: Any) -> None:
    settings.VISION_MODELS = {"llava": "llava-1.6"}
    server.says(completion("A cat."))
    vision.visualize(png(), Limits(), "What?", "llava")
    vision.visualize(png(), Limits(), "What?", "gemini")
    assert [asked.body["model"] for asked in server.asked] == ["llava-1.6", "looker"]


def test_a_models_refusal_is_passed_on(server: ModelServer) -> None:
    server.says(completion(None, refusal="I cannot help with that."))
    with pytest.raises(HostingError) as raised:
        vision.visualize(png(), Limits(), "Who is this?")
    assert raised.value.code == "refused_prompt"


def test_an_answer_without_end_is_cut_off(server: ModelServer) -> None:
    server.says(completion("x" * (vision.MOST_BYTES + 1)))
    with pytest.raises(HostingError) as raised:
        vision.visualize(png(), Limits(), "Go on")
    assert raised.value.code == "backend_failed"


def test_a_server_that_hangs_is_given_up(server: ModelServer, settings: Any) -> None:
    settings.VISION_SECONDS = 1
    server.says(Said(None, hang=True))
    assert failure().code == "timed_out"


def test_what_is_no_picture_is_sent_to_nobody(server: ModelServer) -> None:
    with pytest.raises(ProcessingError):
        vision.visualize(b"no picture", Limits(), "What?")
    assert server.asked == []


@pytest.mark.parametrize("name", ["VISION_URL", "VISION_MODEL"])
def test_where_nothing_is_set_up_it_is_said_what_to_set(
    server: ModelServer, settings: Any, name: str
) -> None:
    setattr(settings, name, "")
    with pytest.raises(HostingError, match=name) as raised:
        vision.refuse_if_not_configured()
    assert raised.value.code == "not_configured"
    assert failure().code == "not_configured"
    assert server.asked == []


def test_a_classification_is_returned_in_plain_values(server: ModelServer) -> None:
    server.says(labels(GOOD))
    assert json.loads(json.dumps(asdict(classify()))) == {
        "main_label": "tabby cat",
        "main_score": 0.7,
        "secondary_labels": GOOD[1:],
    }
