"""Pages come packed to who takes them so; what programs and viewers get does not."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
TAKES = {"Accept-Encoding": "gzip, br"}


def test_a_page_is_packed_and_the_same(client: Client) -> None:
    packed = client.get("/about", headers=TAKES)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    plain = client.get("/about")
    assert "Content-Encoding" not in plain
    assert len(gzip.decompress(packed.content)) == len(plain.content)
    assert len(packed.content) < len(plain.content) / 2


def test_an_answer_to_a_program_is_not(client: Client) -> None:
    answer = client.post("/api/1/upload", headers=TAKES)
    assert answer.status_code == 400
    assert "Content-Encoding" not in answer
