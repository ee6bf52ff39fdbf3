"""What is in a picture, by a server that speaks OpenAI's chat completions API: classify() and visualize().

The picture leaves this machine smaller, without metadata, as JPEG. What comes back is read strictly.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

from django.conf import settings
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from hosting.backends.service import Service, refused, timeout
from hosting.errors import HostingError
from processing import OPERATIONS, Limits, Output, Pipeline, run

if TYPE_CHECKING:
    import openai

SIDE = 1024  # pixels
MOST_BYTES = 1024 * 1024
LABELS = 5
FENCE = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL | re.IGNORECASE)
QUESTION = (
    "Classify what this picture shows. Answer with JSON only, of this form: "
    '{"labels": [{"label": "golden retriever", "score": 0.91}, …]}. '
    f"Give exactly {LABELS} different labels, the most probable first: English nouns in lower case. "
    "Each score is a probability from 0 to 1, and together they are at most 1."
)


@dataclass(frozen=True)
class Label:
    """What a picture may show, and how probable that is: 0 to 1."""

    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]


@dataclass(frozen=True)
class Classification:
    """The most probable label, and the four after it."""

    main_label: str
    main_score: float
    secondary_labels: tuple[Label, ...]


class _Labels(BaseModel):
    labels: list[Label] = Field(max_length=100)


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


# What makes servers that know it answer in this form alone.
_FORM = {
    "type": "json_schema",
    "json_schema": {
        "name": "labels",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "labels": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"label": {"type": "string"}, "score": {"type": "number"}},
                        "required": ["label", "score"],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["labels"],
            "additionalProperties": False,
        },
    },
}


def refuse_if_not_configured() -> None:
    """Raise not_configured where this site looks into no pictures; its message says what to set."""
    if missing := [name for name in ("VISION_URL", "VISION_MODEL") if not getattr(settings, name)]:
        raise HostingError("not_configured.vision", settings=" and ".join(missing))


def classify(source: bytes | BinaryIO, limits: Limits) -> Classification:
    """What the picture shows.

    Raises ProcessingError for the picture; HostingError: not_configured, backend_failed, timed_out, busy, or
    refused_prompt where the model does not want to.
    """
    said = _said(source, limits, QUESTION, "", {"response_format": _FORM, "temperature": 0})
    fenced = FENCE.fullmatch(said)
    try:
        found = _Labels.model_validate_json(fenced[1] if fenced else said).labels
    except ValidationError:
        raise HostingError("backend_failed.nonsense") from None
    best: dict[str, Label] = {}
    for label in sorted(found, key=lambda label: label.score, reverse=True):
        best.setdefault(label.label.casefold(), label)
    if len(best) < LABELS:
        raise HostingError("backend_failed.nonsense")
    main, *others = list(best.values())[:LABELS]
    return Classification(main.label, main.score, tuple(others))


def visualize(source: bytes | BinaryIO, limits: Limits, prompt: str, model: str = "") -> str:
    """What the model says of the picture when asked `prompt`; never empty.

    model: a name of the operator's table; another one, or none, is the model of the site. Raises as classify().
    """
    return _said(source, limits, prompt, model, {})


def _said(
    source: bytes | BinaryIO, limits: Limits, text: str, model: str, optional: Mapping[str, Any]
) -> str:
    refuse_if_not_configured()
    name = settings.VISION_MODELS.get(model, settings.VISION_MODEL)
    picture = _data_uri(source, limits)

    def ask(client: openai.OpenAI, known: Mapping[str, Any], seconds: float) -> Any:
        return client.chat.completions.with_raw_response.create(
            model=name,
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": text},
                        {"type": "image_url", "image_url": {"url": picture}},
                    ],
                }
            ],
            extra_body=dict(known),
            timeout=timeout(seconds),
        )

    service = Service(settings.VISION_URL, settings.VISION_KEY, settings.VISION_SECONDS, MOST_BYTES)
    message = service.ask(ask, optional, _Completion).choices[0].message
    said = (message.content or "").strip()
    if not said and message.refusal:
        raise refused()
    if not said:
        raise HostingError("backend_failed.silent")
    return said


def _data_uri(source: bytes | BinaryIO, limits: Limits) -> str:
    smaller = OPERATIONS["resize"].model_validate({"width": SIDE, "height": SIDE})
    output = Output("jpeg", quality=85, profile="srgb")
    data = run(source, Pipeline((smaller,)), output, limits).data
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()
