"""Banned contents: refused in every API in its own shape, before anything is stored, re-saved copies too."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image, ImageOps

from accounts import keys
from accounts.scopes import SCOPES
from hosting.admission import content, hash_lists
from hosting.audit import COMMAND_LINE
from hosting.models import AuditEntry, BannedContent, HostedFile, Job, ModerationRules
from processing import Limits, looks_of
from tests import pictures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIMITS = Limits(bytes=10**8, pixels=10**8, frames=100, seconds=60)
SAYS = "This file may not be uploaded to this site."


def saved(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


PICTURE = pictures.texture(400, 300, seed=11)
COPIES = {
    "the same": saved(PICTURE),
    "JPEG of quality 50": saved(PICTURE, "JPEG", quality=50),
    "half size": saved(PICTURE.resize((200, 150))),
    "WebP": saved(PICTURE, "WEBP", quality=60),
    "grey": saved(PICTURE.convert("L")),
    "mirrored": saved(ImageOps.mirror(PICTURE)),
}


@pytest.fixture
def banned(tmp_path: Path) -> Path:
    path = tmp_path / "banned.png"
    path.write_bytes(COPIES["the same"])
    call_command("ban_content", str(path), "--reason", "Not here")
    return path


@pytest.fixture
def key() -> str:
    return keys.create(UserFactory(own_storage_limit=10**9), name="key", scopes=SCOPES)[1]


def part(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("sea.png", data)


@pytest.mark.parametrize("copy", COPIES)
def test_a_banned_picture_is_refused_however_it_was_saved(
    banned: Path, client: Client, key: str, copy: str
) -> None:
    answer = client.post(
        "/api/1/upload", {"source": part(COPIES[copy])}, headers={"X-API-Key": key}
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == {"message": SAYS, "code": 400}
    assert not HostedFile.every.exists()


def test_other_pictures_are_not(banned: Path, client: Client, key: str) -> None:
    other = saved(pictures.texture(400, 300, seed=12))
    answer = client.post("/api/1/upload", {"source": part(other)}, headers={"X-API-Key": key})
    assert answer.status_code == 200


def test_each_api_refuses_it_in_its_own_shape(banned: Path, client: Client, key: str) -> None:
    data = COPIES["JPEG of quality 50"]
    native = client.post("/api/v2/files", {"file": part(data)}, headers={"X-API-Key": key})
    assert native.status_code == 403
    assert native.headers["Content-Type"].startswith("application/problem+json")
    assert (native.json()["code"], native.json()["param"]) == ("banned_content", "file")

    hippo = client.post("/v1/upload", {"file": part(data), "api_key": key})
    assert hippo.status_code == 403
    assert hippo.json() == {"success": False, "status": 403, "message": SAYS}

    fields = {"image": part(data), "name": "sea"}
    stage = client.post("/v1/images/upload", fields, headers={"x-api-key": key})
    assert stage.status_code == 403
    assert (stage.json()["title"], stage.json()["errors"]) == ("Forbidden", [SAYS])

    small = client.post(
        "/api/v1/compress", {"file": part(COPIES["the same"])}, headers={"X-API-Key": key}
    )
    assert small.status_code == 403
    assert small.json() == {"message": SAYS}
    assert not HostedFile.every.exists()
    assert not Job.objects.exists()


def test_what_is_made_of_it_is_refused_too(banned: Path, client: Client, key: str) -> None:
    fields = {"api_key": key, "image": part(COPIES["JPEG of quality 50"]), "width": "300"}
    answer = client.post("/v1/resize-image", fields)
    assert answer.json()["summary"] == {"total": 1, "succeeded": 0, "failed": 1}
    assert SAYS in str(answer.json())
    assert not HostedFile.every.exists()


def test_a_lifted_ban_holds_no_longer(banned: Path, client: Client, key: str) -> None:
    call_command("ban_content", str(banned), "--lift")
    for data in (COPIES["the same"], COPIES["mirrored"]):
        answer = client.post("/api/1/upload", {"source": part(data)}, headers={"X-API-Key": key})
        assert answer.status_code == 200


def test_the_distance_of_a_ban_goes_before_that_of_the_rules(tmp_path: Path) -> None:
    looks = looks_of(COPIES["the same"], LIMITS)
    copy = looks_of(COPIES["JPEG of quality 50"], LIMITS)
    assert looks is not None
    assert copy is not None
    assert copy.bits != looks.bits
    row = content.ban(COMMAND_LINE, picture=looks.bits, bits=0)
    assert content.find(copy) is None
    assert content.find(looks) == row
    content.lift(COMMAND_LINE, row)
    ModerationRules.current()
    ModerationRules.objects.update(hash_distance=0)
    row = content.ban(COMMAND_LINE, picture=looks.bits)
    assert content.find(copy) is None
    ModerationRules.objects.update(hash_distance=31)
    assert content.find(copy) == row


def test_a_distance_that_is_changed_later_counts() -> None:
    looks, copy = (looks_of(COPIES[name], LIMITS) for name in ("the same", "JPEG of quality 50"))
    assert looks is not None
    assert copy is not None
    ModerationRules.current()
    ModerationRules.objects.update(hash_distance=0)
    row = content.ban(COMMAND_LINE, picture=looks.bits)
    assert content.find(copy) is None
    BannedContent.objects.update(distance=31)
    assert content.find(copy) == row


def test_a_picture_of_one_colour_is_banned_by_its_bytes_alone(tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    path.write_bytes(saved(Image.new("RGB", (300, 200), "red")))
    call_command("ban_content", str(path))
    row = BannedContent.objects.get()
    assert row.digest
    assert row.picture is None


def test_bans_are_in_the_audit_log(banned: Path) -> None:
    call_command("ban_content", str(banned), "--lift")
    lifted, made = AuditEntry.objects.all()
    assert [made.action, lifted.action] == ["ban content", "lift content ban"]
    assert made.channel == "command line"
    assert made.text == "Not here"
    assert made.after["picture"] == lifted.before["picture"]


@pytest.mark.parametrize("name", ["list.txt", "list.csv"])
def test_a_list_that_is_exported_is_imported_the_same(
    banned: Path, tmp_path: Path, name: str
) -> None:
    before = [(bytes(row.picture), row.digest) for row in BannedContent.objects.all()]
    path = tmp_path / name
    call_command("ban_content", "--export", str(path))
    BannedContent.objects.all().delete()
    call_command("ban_content", "--import", str(path))
    call_command("ban_content", "--import", str(path))
    after = [
        (row.picture and bytes(row.picture), row.digest) for row in BannedContent.objects.all()
    ]
    (picture, digest) = before[0]
    assert sorted(after, key=str) == sorted([(picture, ""), (None, digest)], key=str)


def test_hashes_of_other_kinds_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "exchange.csv"
    path.write_text(
        "td_description,td_indicator_type,td_raw_indicator\n"
        f"spam,HASH_PDQ,{'0f' * 32}\nspam,HASH_MD5,{'0f' * 16}\n"
    )
    call_command("ban_content", "--import", str(path), "--distance", "20")
    row = BannedContent.objects.get()
    assert bytes(row.picture or b"") == b"\x0f" * 32
    assert (row.reason, row.distance) == ("spam", 20)
    entry = AuditEntry.objects.get()
    assert entry.after == {"added": 1, "known": 0, "skipped": 1, "distance": 20}


def test_a_list_with_a_mistake_bans_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"# ours\n{'0f' * 32}\nnonsense\n")
    with pytest.raises(CommandError, match="Line 3"):
        call_command("ban_content", "--import", str(path))
    assert not BannedContent.objects.exists()


def test_a_spreadsheet_takes_no_reason_for_a_formula(tmp_path: Path) -> None:
    content.ban(COMMAND_LINE, digest="0f" * 32, reason="=1+1")
    stream = io.StringIO()
    hash_lists.write(stream, as_csv=True)
    assert stream.getvalue().splitlines()[1] == f"{'0f' * 32},HASH_SHA256,'=1+1"
