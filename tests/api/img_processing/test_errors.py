"""Error objects: for every kind of refusal, at every address below `/v1/images`."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hosting.api.body import Body, Value
from hosting.api.img_processing.errors import InvalidParameters, render
from hosting.api.img_processing.requests import (
    Created,
    Derived,
    Imagined,
    Page,
    Parameters,
    checked,
    read,
    sent_file,
)
from hosting.api.img_processing.transformations import TRANSFORMATIONS, Ground, Recipe
from hosting.api.problems import from_exception
from hosting.errors import HostingError, JobFailed
from processing import FORMATS, Limits, ProcessingError
from tests import pictures
from tests.api.img_processing.conftest import Api, invalid, refused
from tests.conftest import People
from tests.live import Site

ADDRESSES = [
    ("GET", ""), ("POST", ""), ("POST", "/upload"), ("POST", "/imagine"), ("GET", "/image_x"),
    ("DELETE", "/image_x"), ("GET", "/image_x/download"), ("POST", "/image_x/publish"),
    ("POST", "/image_x/unpublish"), ("POST", "/image_x/remove-background"),
    ("POST", "/image_x/classify"), ("POST", "/image_x/visualize"),
    ("POST", "/image_x/extract-formatted-text"), ("GET", "/no/such/address"),
    *(("POST", f"/image_x/{step}") for step in TRANSFORMATIONS),
]  # fmt: skip


@pytest.mark.live
@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_nothing_is_revealed_without_a_valid_key(
    site: Site, people: People, method: str, path: str
) -> None:
    for key in ("", "live_wrong", "x" * 5000, people.guest):
        refused(Api(site, key).ask(method, path), 401, "Unauthorized")


@pytest.mark.live
def test_a_revoked_key_opens_nothing(site: Site) -> None:
    key = site.manage("create_api_key", "revoker").strip()
    assert Api(site, key).ask("GET").status == 200
    site.shell(
        "from accounts import keys; from accounts.models import ApiKey;"
        "keys.revoke(ApiKey.objects.get(user__username='revoker'))"
    )
    refused(Api(site, key).ask("GET"), 401, "Unauthorized")


@pytest.mark.live
@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", ""), ("PUT", ""), ("GET", "/upload"), ("GET", "/imagine"), ("POST", "/image_x"),
     ("PATCH", "/image_x"), ("POST", "/image_x/download"), ("GET", "/image_x/publish"),
     ("GET", "/image_x/resize"), ("DELETE", "/image_x/blur"), ("GET", "/image_x/classify")],
)  # fmt: skip
def test_a_wrong_method_is_refused_in_the_same_shape(live: Api, method: str, path: str) -> None:
    answer = live.ask(method, path)
    refused(answer, 405, "Method Not Allowed")
    assert method not in answer.headers["Allow"]
    # Refused before anybody looked at the key, so it is none of the key's requests.
    assert "X-RateLimit-Limit" not in answer.headers


@pytest.mark.live
@pytest.mark.parametrize("path", ["/image_x/sharpen", "/a/b/c", "/image_x/blur/more", "//"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_unknown_address_is_answered_in_the_same_shape(
    live: Api, method: str, path: str
) -> None:
    refused(live.ask(method, path), 404, "Not Found")


@pytest.mark.live
@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", "{"), ("application/json", "[1]"), ("application/json", "[" * 9000),
     ("multipart/form-data", "x"), ("multipart/form-data; boundary=a", "--b\r\n")],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused_in_the_same_shape(
    live: Api, kind: str, body: str
) -> None:
    headers = {"Content-Type": kind}
    answer = live.ask("POST", "/image_x/resize", headers=headers, body=body)
    refused(answer, 400, "Bad Request")
    assert answer.headers["X-RateLimit-Remaining"]


@pytest.mark.live
def test_a_request_that_is_too_large_is_refused_in_the_same_shape(live: Api) -> None:
    refused(live.send(bytes(80 * 1024 * 1024), name="x"), 413, "Payload Too Large")


@pytest.mark.live
def test_what_the_vendors_clients_expect_to_fail_fails(live: Api) -> None:
    image = live.image(pictures.png(40, 40))["id"]
    assert isinstance(invalid(live.send(pictures.svg(), name="x")), list)
    invalid(live.send(pictures.png()))
    invalid(live.post(f"/{image}/convert", format="webp", quality=101))
    invalid(live.post(f"/{image}/crop", x1=0.5, y1=0, x2=10, y2=10))
    invalid(live.post(f"/{image}/modulate", hue=120.5))
    invalid(live.post("/imagine", name="x", prompt="a cat", seed=42.1))
    reasons = refused(live.ask("GET", "/image_exampleid"), 404, "Not Found")
    assert reasons == ["Image with id image_exampleid not found."]


@pytest.mark.live
def test_a_page_of_another_site_may_ask_and_read_the_headers(live: Api, site: Site) -> None:
    answer = site.request("OPTIONS", "/v1/images/upload")
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = live.ask("GET").headers["Access-Control-Expose-Headers"]
    assert {"X-RateLimit-Remaining", "X-Image-Processing-Usage"} <= set(exposed.split(", "))


# --- Without a site


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [(HostingError("busy"), 503, "service-unavailable"),
     (HostingError("not_configured", settings="IT"), 503, "service-unavailable"),
     (HostingError("forbidden"), 403, "forbidden"),
     (HostingError("too_many_jobs"), 429, "rate-limit"),
     (JobFailed("no_such_code", "Wrong."), 422, "validation-error"),
     (HostingError("invalid_body"), 400, "bad-request"),
     (ProcessingError("unsupported_format", "No."), 422, "validation-error"),
     (InvalidParameters(["a", "b"]), 422, "validation-error"),
     (RuntimeError("secret"), 500, "internal-server-error")],
)  # fmt: skip
def test_every_problem_has_its_status_and_its_type(
    error: Exception, status: int, slug: str
) -> None:
    found, body = render(from_exception(error))
    assert found == body["status"] == status
    assert body["type"].rpartition("/")[2] == slug
    assert "secret" not in str(body)
    assert body["errors"] == (
        ["a", "b"] if isinstance(error, InvalidParameters) else [body["message"]]
    )


def body_of(data: dict[str, str]) -> Body:
    values = (
        (name, Value(BytesIO(text.encode("utf-8", "replace")))) for name, text in data.items()
    )
    return Body(values, {})


ODD = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["", "null", "undefined", "true", "1e9", "-0", "transparent", "#fff", "[]", "[{}]", "[[]]",
                     '[{"id": "image_x", "left": 1e99}]', '{"id": 5}', "degrees", "cover"]),
)  # fmt: skip
MODELS: list[type[Parameters]] = [*TRANSFORMATIONS.values(), Page, Imagined]
NAMES = sorted(
    {about.alias or name for model in MODELS for name, about in model.model_fields.items()}
)


@given(st.sampled_from(MODELS), st.dictionaries(st.sampled_from(NAMES), ODD, max_size=6))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_whatever_is_sent_is_a_request_or_a_list_of_reasons(
    model: type[Parameters], values: dict[str, str]
) -> None:
    ground = Ground(FORMATS["jpeg"], (8, 8), Limits(), lambda id: pictures.png(8, 8))
    reasons = ["none"]
    try:
        wanted: Any = read(model, body_of(values))
        if hasattr(wanted, "recipe"):
            with checked():
                assert isinstance(wanted.recipe(ground), Recipe)
    except InvalidParameters as refusal:
        reasons = refusal.errors
    except (HostingError, ProcessingError) as refusal:
        reasons = [refusal.message]
    assert reasons
    assert all(isinstance(reason, str) and reason for reason in reasons)


@pytest.mark.parametrize(
    ("step", "given", "text"),
    [
        ("crop", b'{"x1": 0.5, "y1": 0, "x2": 9, "y2": 9}', "x1: Input should be a whole number."),
        ("rotate", b'{"angle": "much"}', "angle: Input should be a number."),
        (
            "watermark",
            b'{"watermarks": [{"id": "a"}, {"id": "a"}, {"id": "a"}, {"id": "a"}, {"id": "a"}, {"id": "a"}]}',
            "watermarks: List should have at most 5 items.",
        ),
        ("watermark", b'{"watermarks": ["a"]}', "watermarks.0: Input should be an object."),
        (
            "watermark",
            b'{"watermarks": [{"id": "a", "left": 9999999}]}',
            "watermarks.0.left: Input should be less than or equal to 65500.",
        ),
    ],
)
def test_mistakes_are_reported_without_pythons_terms(step: str, given: bytes, text: str) -> None:
    values = [
        (
            name,
            Value(BytesIO(json.dumps(one).encode() if not isinstance(one, str) else one.encode())),
        )
        for name, value in json.loads(given).items()
        for one in (value if isinstance(value, list) else [value])
    ]
    with pytest.raises(InvalidParameters) as refusal:
        read(TRANSFORMATIONS[step], Body(iter(values), {}))
    assert text in refusal.value.errors


def test_a_list_with_wrong_items_is_not_said_to_be_too_short() -> None:
    with pytest.raises(InvalidParameters) as refusal:
        read(TRANSFORMATIONS["watermark"], body_of({"watermarks": '[{"left": 1}, {"id": "a"}]'}))
    assert refusal.value.errors == ["watermarks.0.id: Field required."]


def test_a_crop_outside_the_image_names_the_side_that_is_outside() -> None:
    corners = {"x1": "2", "y1": "2", "x2": "9", "y2": "10"}
    ground = Ground(FORMATS["png"], (8, 9), Limits(), lambda id: b"")
    with pytest.raises(InvalidParameters) as refusal:
        read(TRANSFORMATIONS["crop"], body_of(corners)).recipe(ground)  # type: ignore[attr-defined]
    assert refusal.value.errors == [
        "x2: The image is only 8 pixels wide.", "y2: The image is only 9 pixels high.",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["\u202e", "\x01\x02", " \u2066 "])
@pytest.mark.parametrize("model", [Created, Derived])
def test_a_name_that_shows_nothing_is_none(model: type[Parameters], name: str) -> None:
    with pytest.raises(InvalidParameters) as refusal:
        read(model, body_of({"name": name}))
    assert refusal.value.errors == ["name: String should have at least 1 character."]


def test_a_name_is_measured_as_it_is_shown() -> None:
    assert (
        read(Created, body_of({"name": "a  b\n" + "c" * 26 + "\u202e"})).name == "a b " + "c" * 26
    )


def test_an_upload_of_nothing_lists_all_that_is_missing() -> None:
    with pytest.raises(InvalidParameters) as refusal:
        sent_file(body_of({"name": "x" * 31}), Limits())
    assert refusal.value.errors == [
        "image: Send a file as multipart/form-data.",
        "name: String should have at most 30 characters.",
    ]


@pytest.mark.live
def test_what_is_no_picture_at_all_is_answered_with_what_to_send(
    site: Site, people: People
) -> None:
    fields = {"image": ("a.png", b"just words"), "name": "a"}
    answer = site.post("/v1/images/upload", fields=fields, headers={"x-api-key": people.alice})
    assert answer.status == 422
    assert answer.json()["errors"] == ["image: Send one of jpeg, png, webp."]
