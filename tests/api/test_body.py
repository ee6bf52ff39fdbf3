"""Bodies are read within bounds, whoever sends them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import RequestFactory

from hosting.api import body
from hosting.errors import HostingError


def sent(text: str, content_type: str) -> body.Body:
    return body.read(RequestFactory().post("/v1/upload", text, content_type=content_type))


Meetings = Callable[[float], list[int]]


@pytest.fixture
def meetings(monkeypatch: pytest.MonkeyPatch) -> Meetings:
    """Has each parsing wait so many seconds for another one; the list grows when two of them meet."""

    def begin(patience: float) -> list[int]:
        met: list[int] = []
        both = threading.Barrier(2)
        loads: Callable[[bytes], Any] = json.loads

        def meet(text: bytes) -> Any:
            try:
                both.wait(patience)
                met.append(1)
            except threading.BrokenBarrierError:
                both.reset()
            return loads(text)

        monkeypatch.setattr(body.json, "loads", meet)  # type: ignore[attr-defined]
        return met

    return begin


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"]
)
def test_large_texts_are_parsed_one_at_a_time(meetings: Meetings, content_type: str) -> None:
    text = json.dumps({"title": "x", "file": "\N{GRINNING FACE}" + "A" * (2 * body.MEMORY)})
    met = meetings(0.5)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: sent(text, content_type), range(2)))
    assert [one.text("title") for one in found] == ["x", "x"]
    assert met == []


def test_small_texts_wait_for_nobody(meetings: Meetings) -> None:
    met = meetings(60)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: sent('{"title": "x"}', "application/json"), range(2)))
    assert met


def test_null_says_nothing_but_a_list_that_holds_it_lost_something() -> None:
    found = sent('{"title": null, "tags": ["a", "b"]}', "application/json")
    assert "title" not in found
    assert [one.text() for one in found.all("tags")] == ["a", "b"]
    with pytest.raises(HostingError) as raised:
        sent('{"file": ["AAAA", null]}', "application/json")
    assert raised.value.code == "invalid_body"
