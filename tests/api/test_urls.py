"""What waits for others has threads of its own."""

from __future__ import annotations

import pytest
from django.test import Client

from hosting.api.dialects import waits


@pytest.mark.parametrize(
    "path",
    ["/v1/remove-background", "/v1/convert/word-to-pdf/", "/v1/images/imagine",
     "/v1/images/image_x/remove-background", "/v1/images/image_x/classify",
     "/v1/images/image_x/visualize/", "/v1/images/image_x/extract-formatted-text"],
)  # fmt: skip
def test_what_waits_for_a_worker_a_program_or_a_model_is_known(path: str) -> None:
    assert waits(path)


@pytest.mark.parametrize(
    "path", ["/", "/v1/images", "/v1/images/image_x/resize", "/v1/upload", "/v1/images/imagine/x"]
)
def test_all_else_is_answered_by_the_threads_for_everybody(path: str) -> None:
    assert not waits(path)


@pytest.mark.parametrize(
    "path", ["/result/a%0Ab", "/download/a%0Ab", "/api/v1/a%0Ab", "/api/v2/a%0Ab", "/v1/a%0Ab",
             "/v1/images/a%0A/b", "/api/1/a%0Ab", "/1/a%0Ab"]
)  # fmt: skip
def test_an_address_with_a_line_break_is_answered_by_its_api(path: str, db: None) -> None:
    answer = Client().get(path)
    assert 400 <= answer.status_code < 500
    assert "json" in answer["Content-Type"]
