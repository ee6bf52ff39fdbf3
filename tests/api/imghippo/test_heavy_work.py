"""What heavy workers do while the request waits, and what is said when they cannot."""

from __future__ import annotations

import io
import json
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pypdf
import pytest
from PIL import Image, ImageDraw

from tests import documents, pictures
from tests.api.imghippo.conftest import Ask, picture
from tests.api.imghippo.test_files import refused
from tests.conftest import People
from tests.live import Answer, Site

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]


def product(format: str = "JPEG", size: tuple[int, int] = (400, 300)) -> bytes:
    """A red disc in the middle of a light, slightly uneven table."""
    image = Image.new("RGB", size, (228, 226, 222))
    width, height = size
    box = (width * 0.3, height * 0.2, width * 0.7, height * 0.8)
    ImageDraw.Draw(image).ellipse(box, fill=(190, 30, 40))
    noise = np.random.default_rng(3).normal(0, 3, (height, width, 3))
    pixels = np.clip(np.asarray(image, float) + noise, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format)
    return stream.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_remove_background_keeps_the_object_and_clears_the_rest(
    ask: Ask, site: Site, format: str
) -> None:
    sent = product(format)
    answer = ask("remove-background", [(f"cup.{format.lower()}", sent)])
    assert answer.status == 200, answer.text
    body = answer.json()
    assert body["summary"] == {"total": 1, "succeeded": 1, "failed": 0}
    (item,) = body["data"]
    # The page shows no saved_percent here.
    assert list(item) == [
        "status", "index", "original_name", "output_url", "original_size", "output_size", "format",
    ]  # fmt: skip
    assert (item["format"], item["original_size"]) == ("png", len(sent))
    place = rf"{site.url}/converted/removebackground/bg_removed_\d{{10}}_[0-9a-f]{{24}}\.png"
    assert re.fullmatch(place, item["output_url"])
    result = picture(site, item["output_url"])
    assert (result.format, result.mode, result.size) == ("PNG", "RGBA", (400, 300))
    alpha = result.getchannel("A")
    assert alpha.getpixel((200, 150)) == 255
    assert max(alpha.getpixel(corner) for corner in [(3, 3), (396, 3), (3, 296), (396, 296)]) < 8
    assert result.getpixel((200, 150))[0] > 150
    assert answer.headers["X-Vitrine-Background-Engine"] == "grabcut"
    assert "X-Vitrine-Background-Engine" in answer.headers["Access-Control-Expose-Headers"]


def test_a_batch_names_the_broken_one_and_does_the_others(ask: Ask, site: Site) -> None:
    files = [("a.jpg", product()), ("b.png", b"\x89PNG\r\n\x1a\nbroken"), ("c.png", product("PNG"))]
    body = ask("remove-background", files).json()
    assert body["summary"] == {"total": 3, "succeeded": 2, "failed": 1}
    assert [item["index"] for item in body["data"]] == [0, 1, 2]
    assert body["data"][1] == {
        "status": "failed", "index": 1, "original_name": "b.png", "error": "Processing failed",
    }  # fmt: skip


def test_types_that_the_page_does_not_list_are_415(ask: Ask) -> None:
    refused(ask("remove-background", [("a.gif", pictures.gif())]), 415)
    refused(ask("convert/word-to-pdf", [("a.png", pictures.png())], field="file"), 415)


@pytest.fixture
def office(needs: Callable[[str, str], str]) -> str:
    return needs("soffice", "libreoffice-writer-nogui")


def text_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def converted(answer: Answer, site: Site) -> bytes:
    assert answer.status == 200, answer.text
    (item,) = answer.json()["data"]
    assert item["status"] == "success", item
    assert item["format"] == "pdf"
    assert "saved_percent" in item
    place = rf"{site.url}/converted/word-to-pdf/converted_\d{{10}}_[0-9a-f]{{24}}\.pdf"
    assert re.fullmatch(place, item["output_url"])
    fetched = site.get(item["output_url"])
    assert fetched.headers["Content-Type"] == "application/pdf"
    assert len(fetched.data) == item["output_size"]
    return fetched.data


def test_word_becomes_a_pdf_with_its_text_on_its_pages(ask: Ask, site: Site, office: str) -> None:
    body = documents.paragraph("Žalia, grüne, verde") + documents.new_page("The second page")
    answer = ask("convert/word-to-pdf", [("letter.docx", documents.docx(body))], field="file")
    first, second = text_of(converted(answer, site))
    assert "Žalia, grüne, verde" in first
    assert "The second page" in second


def test_five_documents_come_back_in_their_order(ask: Ask, site: Site, office: str) -> None:
    files = [(f"{n}.docx", documents.docx(documents.paragraph(f"number {n}"))) for n in range(5)]
    body = ask("convert/word-to-pdf", files, field="file[]").json()
    assert body["summary"] == {"total": 5, "succeeded": 5, "failed": 0}
    for number, item in enumerate(body["data"]):
        assert f"number {number}" in text_of(site.get(item["output_url"]).data)[0]


def test_a_damaged_document_fails_alone(ask: Ask, site: Site, office: str) -> None:
    whole = documents.docx()
    body = ask(
        "convert/word-to-pdf",
        [("a.docx", whole[: len(whole) // 2]), ("b.docx", whole)],
        field="file",
    ).json()
    assert [item["status"] for item in body["data"]] == ["failed", "success"]


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Sites of the test's own, with the settings it names."""
    running: list[Site] = []

    def start(**env: str) -> Site:
        running.append(Site(tmp_path / f"data{len(running)}", env=env).start())
        return running[-1]

    yield start
    for site in running:
        site.stop()


def send_product(site: Site, key: str) -> Answer:
    fields: list[tuple[str, Any]] = [("image", ("a.jpg", product())), ("api_key", key)]
    return site.post("/v1/remove-background", fields=fields)


def heavy_workers(site: Site) -> list[psutil.Process]:
    found = []
    for process in site.processes():
        with suppress(psutil.Error):
            if "--queues=heavy" in process.cmdline():
                found.append(process)
    return found


def job_states(site: Site) -> dict[str, int]:
    code = (
        "import json; from hosting.models import Job; from django.db.models import Count; "
        "print(json.dumps(dict(Job.objects.values_list('state').annotate(Count('pk')))))"
    )
    found: dict[str, int] = json.loads(site.shell(code))
    return found


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_is_made_up_for(
    own_site: Callable[..., Site],
) -> None:
    site = own_site()
    key = site.manage("create_api_key", "alice").strip()
    answers: list[Answer] = []
    request = threading.Thread(target=lambda: answers.append(send_product(site, key)))
    request.start()
    until = time.monotonic() + 60
    while job_states(site).get("running", 0) == 0 and request.is_alive():
        assert time.monotonic() < until
    for worker in heavy_workers(site):
        with suppress(psutil.Error):
            worker.send_signal(signal.SIGKILL)
    request.join(300)
    assert answers[0].status == 200, answers[0].text
    assert answers[0].json()["summary"]["succeeded"] == 1
    assert job_states(site) == {"done": 1}


@pytest.mark.slow
def test_what_takes_too_long_is_answered_in_the_apis_words_and_keeps_nothing(
    own_site: Callable[..., Site],
) -> None:
    site = own_site(HEAVY_WAIT_SECONDS="1")
    key = site.manage("create_api_key", "alice").strip()
    for worker in heavy_workers(site):
        worker.suspend()
    try:
        message = refused(send_product(site, key), 500)
    finally:
        for worker in heavy_workers(site):
            worker.resume()
    assert "too long" in message
    assert job_states(site) == {"cancelled": 1}
    assert "0" in site.manage("find_orphans")


@pytest.mark.slow
def test_requests_that_wait_keep_nobody_else_waiting(own_site: Callable[..., Site]) -> None:
    site = own_site(SERVER_WORKERS="1", HEAVY_WAIT_SECONDS="60")
    key = site.manage("create_api_key", "alice").strip()
    workers = heavy_workers(site)
    for worker in workers:
        worker.suspend()
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(send_product, site, key) for _ in range(8)]
        until = time.monotonic() + 60
        while job_states(site).get("queued", 0) < 8:
            assert time.monotonic() < until
        # Twice as many wait as the server has threads; it answers others all the same.
        assert site.get("/healthz").status == 200
        assert not any(answer.done() for answer in waiting)
        for worker in workers:
            worker.resume()
        assert {answer.result().status for answer in waiting} == {200}


def test_full_accounts_begin_no_heavy_work(site: Site, people: People) -> None:
    key = site.manage("create_api_key", "fullhippo").strip()
    site.manage("set_account", "fullhippo", "--storage-limit", "0")
    refused(send_product(site, key), 413)
