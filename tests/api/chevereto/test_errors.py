"""Errors in the dialect's own shape: duplicates, unknown addresses, wrong methods, hostile bodies."""

from __future__ import annotations

import json
import select
import socket
import threading

import pytest

from tests import pictures
from tests.api.chevereto.conftest import Upload, fresh_jpeg, fresh_png
from tests.api.chevereto.test_parameters import refused
from tests.conftest import People
from tests.live import Site

pytestmark = pytest.mark.live


def test_a_duplicate_is_refused_with_the_picture_that_is_there(upload: Upload) -> None:
    sent = fresh_png()
    first = upload(sent).json()["image"]
    answer = upload(sent)
    assert refused(answer, 101) == "Duplicated upload"
    again = answer.json()["image"]
    assert again["delete_url"] is None
    assert {**again, "delete_url": 0} == {**first, "delete_url": 0}


@pytest.mark.parametrize("format", ["txt", "redirect"])
def test_a_duplicate_in_plain_text_carries_its_link_in_a_header(
    upload: Upload, format: str
) -> None:
    sent = fresh_png()
    url = upload(sent, format="txt").text
    answer = upload(sent, format=format)
    assert (answer.status, answer.text) == (400, "Duplicated upload")
    assert answer.headers["Link"] == f'<{url}>; rel="duplicate"'


def test_a_second_copy_is_made_where_it_is_asked_for(upload: Upload) -> None:
    sent = fresh_png()
    first = upload(sent).json()["image"]
    second = upload(sent, allow_duplicate=1).json()["image"]
    assert first["id_encoded"] != second["id_encoded"]


def test_the_same_picture_of_somebody_else_is_no_duplicate(upload: Upload, people: People) -> None:
    sent = fresh_png()
    assert upload(sent).status == 200
    assert upload(sent, key=people.bob).status == 200
    assert upload(sent, key=people.guest).status == 200
    assert upload(sent, key=people.guest).status == 200


def test_two_same_uploads_at_once_leave_one_file(upload: Upload) -> None:
    sent = fresh_jpeg(1600, 1200)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(upload(sent).status)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 400, 400, 400]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/1/delete", 120),
        ("/api/1/", 100),
        ("/api/1", 100),
        ("/api", 100),
        ("/api/", 100),
        ("/api/2/upload", 110),
        ("/1/", 100),
    ],
)
def test_unknown_actions_and_versions_are_answered_in_the_dialect(
    site: Site, people: People, path: str, code: int
) -> None:
    refused(site.post(path, fields={"key": people.alice}), code)


def test_a_format_that_is_no_word_is_json(upload: Upload) -> None:
    assert upload(fresh_png(), format="x" * 100_000).json()["status_code"] == 200
    refused(upload(None, format="x" * 100_000), 130)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_wrong_methods_are_refused_in_the_dialect(site: Site, method: str) -> None:
    answer = site.request(method, "/api/1/upload")
    assert answer.status == 405
    assert answer.json()["status_code"] == 405
    assert "POST" in answer.headers["Allow"]


def test_a_missing_and_a_wrong_key_are_told_apart(upload: Upload) -> None:
    assert refused(upload(fresh_png(), key=""), 100) == "No key provided"
    assert refused(upload(fresh_png(), key="chv_x_y"), 100) == "Invalid API key."
    assert refused(upload(fresh_png(), key="\u017e".encode().decode("latin-1")), 100)


def test_the_guest_key_can_be_switched_off_without_touching_members(
    upload: Upload, people: People, site: Site
) -> None:
    switch = "from accounts.models import GuestAccess; GuestAccess.objects.update(api_enabled={})"
    try:
        site.shell(switch.format(False))
        assert refused(upload(fresh_png(), key=people.guest), 401)
        assert upload(fresh_png()).status == 200
    finally:
        site.shell(switch.format(True))
    assert upload(fresh_png(), key=people.guest).status == 200


def test_guests_own_nothing_and_their_tags_are_left_out(upload: Upload, people: People) -> None:
    image = upload(fresh_png(), key=people.guest, tags="spam").json()["image"]
    assert image["tags"] == []
    assert image["delete_url"]


@pytest.mark.parametrize(
    ("sent", "filename", "code"),
    [
        (pictures.png_bomb(), "bomb.png", 400),
        (pictures.gif_bomb(), "bomb.gif", 400),
        (pictures.billion_laughs(), "laughs.svg", 400),
        (pictures.truncated(pictures.photo(640, 480)), "cut.jpg", 400),
        (pictures.truncated(pictures.png()), "cut.png", 400),
        (pictures.truncated(pictures.video("mp4")), "cut.mp4", 400),
        (b"<?php system($_GET['c']); ?>", "shell.jpg", 613),
        (b"MZ" + bytes(2000), "program.png", 613),
        (b"<html><script>alert(1)</script></html>", "page.svg", 613),
        (b"%PDF-1.7\n", "paper.jpg", 613),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bombs_broken_files_and_what_is_no_picture_are_refused(
    upload: Upload, sent: bytes, filename: str, code: int
) -> None:
    assert refused(upload(sent, filename=filename), code)


def test_a_polyglot_is_served_without_its_second_half(upload: Upload, site: Site) -> None:
    sent = fresh_jpeg() + b"PK\x03\x04<script>alert(document.domain)</script>"
    image = upload(sent, filename="both.html").json()["image"]
    served = site.get(image["url"])
    assert b"<script>" not in served.data
    assert (image["extension"], served.headers["Content-Type"]) == ("jpg", "image/jpeg")


def test_a_script_in_an_svg_is_taken_out_and_the_rest_is_sandboxed(
    upload: Upload, site: Site
) -> None:
    sent = pictures.svg(body='<script>alert(1)</script><rect onload="x()" width="9" height="9"/>')
    image = upload(sent, filename="drawing.svg").json()["image"]
    served = site.get(image["url"])
    assert b"script" not in served.data
    assert b"onload" not in served.data
    assert "sandbox" in served.headers["Content-Security-Policy"]


def test_ten_thousand_parts_are_refused(site: Site, people: People) -> None:
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nx\r\n' % n for n in range(10_000)
    )
    headers = {"X-API-Key": people.alice, "Content-Type": "multipart/form-data; boundary=b"}
    answer = site.post("/api/1/upload", body=parts + b"--b--\r\n", headers=headers)
    refused(answer, 400)


def test_a_thousand_query_fields_are_refused_in_the_dialect(site: Site, people: People) -> None:
    query = "&".join(f"a{n}=1" for n in range(1000))
    refused(site.post(f"/api/1/upload?{query}", fields={"key": people.alice}), 400)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nx"),
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b"[" * 100_000),
        ("application/json", b"\xff\xfe"),
        ("application/json", b'{"source": [' + b"{}," * 20_000 + b"1]}"),
        ("text/plain", b"hello"),
        ("application/x-www-form-urlencoded", b"&&&=&%&%z"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_an_error_of_the_dialect(
    site: Site, people: People, kind: str, body: bytes
) -> None:
    headers = {"X-API-Key": people.alice, "Content-Type": kind}
    answer = site.post("/api/1/upload", body=body, headers=headers)
    assert answer.status == 400
    assert answer.json()["error"]["message"]


def test_a_request_that_is_too_large_is_refused_in_the_dialect(site: Site, people: People) -> None:
    body = bytes(80 * 1024 * 1024)
    headers = {"X-API-Key": people.alice, "Content-Type": "application/x-www-form-urlencoded"}
    answer = site.post("/api/1/upload", body=body, headers=headers)
    assert (answer.status, answer.json()["status_code"]) == (413, 413)


def test_a_file_above_the_limit_is_refused_with_the_limit(upload: Upload) -> None:
    sent = fresh_png() + bytes(51 * 1024 * 1024)
    assert refused(upload(sent), 400) == "File too big - max 50 MB"


def test_at_the_storage_limit_new_files_are_refused_and_old_ones_stay(
    site: Site, upload: Upload
) -> None:
    key = site.manage("create_api_key", "small").strip()
    first = upload(fresh_jpeg(), key=key).json()["image"]
    site.manage("set_account", "small", "--storage-limit", str(first["size"] + 10))
    assert "full" in refused(upload(fresh_jpeg(), key=key), 104)
    assert site.get(first["url"]).status == 200
    assert site.post(first["delete_url"]).status == 200
    assert upload(fresh_png(), key=key).status == 200


def test_a_slow_client_holds_nobody_up(site: Site, upload: Upload, people: People) -> None:
    head = (
        f"POST /api/1/upload HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nX-API-Key: {people.alice}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nsource="
    ).encode()
    slow = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(40)]
    answered = threading.Event()

    def dawdle() -> None:
        while not answered.wait(1):
            for one in slow:
                one.sendall(b"x")

    dawdling = threading.Thread(target=dawdle)
    try:
        for one in slow:
            one.sendall(head)
        dawdling.start()
        assert upload(fresh_png()).status == 200
        assert select.select(slow, [], [], 0)[0] == []
    finally:
        answered.set()
        dawdling.join()
        for one in slow:
            one.close()


def test_a_fault_of_ours_is_answered_in_the_dialect_without_its_details(
    site: Site, upload: Upload
) -> None:
    folder = site.folder / "files" / "public"
    hidden = folder.rename(folder.with_name("hidden"))
    try:
        folder.write_text("a file where a folder should be")
        answer = upload(fresh_png())
        assert answer.status == 500
        assert answer.json()["status_code"] == 500
        assert str(site.folder) not in answer.text
    finally:
        folder.unlink()
        hidden.rename(folder)
    assert upload(fresh_png()).status == 200


def kept(site: Site) -> set[str]:
    """The files that the site holds for its users and the ones it works on; not its queue,
    where the scheduler may put a message at any moment."""
    places = (site.folder / "files", site.folder / "tmp")
    return {str(path) for place in places for path in place.rglob("*") if path.is_file()}


def test_a_rejected_upload_leaves_nothing_behind(site: Site, upload: Upload) -> None:
    before = kept(site)
    refused(upload(pictures.truncated(fresh_jpeg(1200, 900))), 400)
    refused(upload(fresh_png(), album_id="nothing"), 400)
    assert kept(site) - before == set()
    assert json.loads(upload(fresh_png()).data)["status_code"] == 200
    assert kept(site) - before
