"""Limits, and the budget that holds back threads."""

from __future__ import annotations

import pickle
import threading
import time

import pytest

from processing import Limits, ProcessingError, inspect
from processing.codecs import decode
from processing.errors import InvalidImage
from processing.limits import PILLOW_PIXELS, DecodeBudget
from tests import pictures


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        Limits(frames=0)
    with pytest.raises(ValueError, match="above"):
        Limits(pixels=PILLOW_PIXELS + 1)


@pytest.mark.parametrize(("limit", "text"), [(50 * 1024 * 1024, "50 MB"), (1536 * 1024, "1.5 MB")])
def test_a_limit_is_shown_in_the_megabytes_that_it_is_given_in(limit: int, text: str) -> None:
    with pytest.raises(ProcessingError, match=f"^The file is larger than {text}.$"):
        Limits(bytes=limit).check_bytes(limit + 1)
    drawing = pictures.svg() + bytes(limit)
    with pytest.raises(ProcessingError, match=f"^The drawing is larger than {text}.$"):
        inspect(drawing, Limits(bytes=2 * limit, vector_bytes=limit))


def test_the_budget_is_never_exceeded() -> None:
    budget = DecodeBudget(100)
    held, most = 0, 0
    lock = threading.Lock()

    def work(weight: int) -> None:
        nonlocal held, most
        with budget.reserve(weight):
            with lock:
                held += weight
                most = max(most, held)
            time.sleep(0.005)
            with lock:
                held -= weight

    threads = [threading.Thread(target=work, args=(10 + 7 * n % 60,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == 0
    assert 50 <= most <= 100


def test_a_picture_above_the_budget_is_decoded_alone() -> None:
    budget = DecodeBudget(100)
    with budget.reserve(1_000):
        waiting = threading.Thread(target=lambda: budget.reserve(1).__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(60)
    assert not waiting.is_alive()


def test_an_error_gives_its_share_back() -> None:
    budget = DecodeBudget(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="x"), budget.reserve(10):
            raise ValueError("x")


def test_errors_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(ProcessingError("too_long", "Too long.", "width")))
    assert (error.code, error.message, error.param) == ("too_long", "Too long.", "width")
    assert pickle.loads(pickle.dumps(InvalidImage())).code == "invalid_image"


def test_formats_whose_decoders_copy_weigh_what_their_copies_take() -> None:
    limits = Limits()
    jpeg, webp, deep = (
        decode.cost(data, inspect(data, limits), None)
        for data in (
            pictures.jpeg(100, 80),
            pictures.webp(1, 100, 80),
            pictures.png(100, 80, mode="I;16"),
        )
    )
    assert (jpeg, webp, deep) == (8000, 4 * 8000, 2 * 8000)
