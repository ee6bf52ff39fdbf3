"""The tools: from a picture of one's own or an upload to a result, at once or as a job."""

from __future__ import annotations

import fcntl
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts import quotas
from accounts.models import User
from hosting.jobs import worker
from hosting.models import HostedFile, Job
from hosting.storage import objects
from tests import networks
from tests.factories import HostedFileFactory, picture
from tests.pictures import texture

pytestmark = pytest.mark.django_db
Part = Callable[[str, bytes], io.BytesIO]
Page = Callable[..., str]


def jpeg(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    texture(width, height).save(stream, "jpeg", quality=95)
    return stream.getvalue()


def opened(file: HostedFile) -> Image.Image:
    with objects.open_file(file.area, file.path) as content:
        return Image.open(io.BytesIO(content.read()))


def result_of(client: Client, name: str, form: dict[str, Any]) -> HostedFile:
    """The file that a tool makes while the request waits."""
    answer = client.post(f"/tools/{name}", form)
    assert answer.status_code == 302, answer.context["form"].errors
    file = HostedFile.objects.first()
    assert file is not None
    assert answer["Location"].startswith(f"/tools/result/{file.public_id}")
    assert client.get(answer["Location"]).status_code == 200
    return file


def test_an_upload_is_resized_and_is_its_members_alone(
    member_client: Client, member: User, part: Part
) -> None:
    form = {"upload": part("big.png", picture(400, 200, "png")), "width": 100, "fit": "within"}
    file = result_of(member_client, "resize", form)
    assert opened(file).size == (100, 50)
    assert opened(file).format == "PNG"
    assert (file.owner, file.privacy) == (member, "private")
    assert file.expires_at is not None
    assert Client().get(f"/{file.path}").status_code == 404
    assert member_client.get(f"/{file.path}").status_code == 200


def test_a_file_of_ones_own_is_cropped_and_stays_what_it_was(
    member_client: Client, member: User
) -> None:
    own = HostedFileFactory(owner=member, content=picture(64, 48))
    form = {"file": own.public_id, "x": 4, "y": 8, "width": 20, "height": 10}
    assert opened(result_of(member_client, "crop", form)).size == (20, 10)
    assert opened(own).size == (64, 48)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "avif", "gif"])
def test_a_picture_is_converted(member_client: Client, part: Part, format: str) -> None:
    form = {"upload": part("a.png", picture(40, 30, "png")), "format": format}
    assert opened(result_of(member_client, "convert", form)).format == format.upper()


def test_a_picture_is_compressed(member_client: Client, part: Part) -> None:
    data = jpeg(300, 200)
    file = result_of(member_client, "compress", {"upload": part("a.jpg", data)})
    assert file.size < len(data)


def test_a_result_that_is_kept_has_no_end(member_client: Client, part: Part) -> None:
    file = result_of(member_client, "compress", {"upload": part("a.jpg", jpeg(60, 40))})
    member_client.post(f"/tools/result/{file.public_id}/keep")
    file.refresh_from_db()
    assert file.expires_at is None
    assert file.privacy == "private"


def test_a_compression_to_a_size_is_a_job_that_keeps_to_it(
    member_client: Client, member: User, part: Part
) -> None:
    form = {"upload": part("a.jpg", jpeg(500, 400)), "target": "12,5 kb", "format": "webp"}
    answer = member_client.post("/tools/compress-to-size", form)
    job = Job.objects.get()
    assert answer["Location"] == f"/dashboard/jobs/{job.public_id}"
    assert job.parameters["target"] == 12_500
    page = member_client.get(answer["Location"]).content.decode()
    assert "data-unfinished" in page
    assert "Cancel" in page

    worker.run(job.pk)

    job.refresh_from_db()
    assert job.result is not None
    assert opened(job.result).format == "WEBP"
    assert job.result.size <= 12_500
    page = member_client.get(answer["Location"]).content.decode()
    assert "data-unfinished" not in page
    assert job.result.path in page
    today = quotas.compressions_today(member)
    assert today.limit - today.remaining == 1


def test_no_compression_is_begun_when_none_is_left(
    member_client: Client, member: User, part: Part
) -> None:
    User.objects.filter(pk=member.pk).update(own_daily_compressions=0)
    form = {"upload": part("a.jpg", jpeg(60, 40)), "target": "10 KB"}
    answer = member_client.post("/tools/compress-to-size", form)
    assert answer.status_code == 429
    assert "Daily limit exceeded" in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("remove-background", picture(40, 30, "png"), "remove-background"),
        ("word-to-pdf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "word-to-pdf"),
    ],
)
def test_heavy_work_is_handed_over(
    member_client: Client, member: User, part: Part, name: str, content: bytes, kind: str
) -> None:
    answer = member_client.post(f"/tools/{name}", {"upload": part("a.bin", content)})
    job = Job.objects.get()
    assert (job.kind, job.queue, job.owner) == (kind, "heavy", member)
    assert job.source_size == len(content)
    assert answer["Location"].endswith(job.public_id)


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("resize", {"fit": "within"}, "width"),
        ("resize", {"fit": "within", "width": "0"}, "width"),
        ("resize", {"fit": "within", "width": "9" * 30}, "width"),
        ("resize", {"fit": "sideways", "width": "10"}, "fit"),
        ("crop", {"x": "0", "y": "0", "width": "10"}, "height"),
        ("convert", {"format": "exe"}, "format"),
        ("convert", {"format": "jpeg", "quality": "0"}, "quality"),
        ("compress-to-size", {"target": "small"}, "target"),
        ("compress-to-size", {"target": "0 KB"}, "target"),
    ],
)
def test_invalid_parameters_are_reported_beside_their_field(
    member_client: Client, part: Part, name: str, values: dict[str, str], field: str
) -> None:
    form = {"upload": part("a.jpg", picture(64, 48)), **values}
    answer = member_client.post(f"/tools/{name}", form)
    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert not HostedFile.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"not a picture at all", "not in a supported format"),
        (b"%PDF-1.7 nothing", "Send one of these formats: JPEG, PNG, GIF, WebP, SVG."),
        (picture(64, 48)[:200], ""),
        (b"", "Empty upload source"),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(
    member_client: Client, part: Part, content: bytes, text: str
) -> None:
    answer = member_client.post("/tools/compress", {"upload": part("a.jpg", content)})
    assert answer.status_code == 400
    assert text in answer.content.decode()
    assert not HostedFile.objects.exists()
    assert not list(objects.walk())


def test_a_crop_beside_the_picture_is_an_error_and_no_fault(
    member_client: Client, part: Part
) -> None:
    form = {"upload": part("a.jpg", picture(64, 48)), "x": 500, "y": 0, "width": 9, "height": 9}
    assert member_client.post("/tools/crop", form).status_code == 400


def test_without_a_file_the_form_says_so(member_client: Client) -> None:
    answer = member_client.post("/tools/compress", {})
    assert answer.status_code == 400
    assert "Choose a file first." in answer.content.decode()


def test_anothers_file_is_no_source(member_client: Client, stranger: User) -> None:
    theirs = HostedFileFactory(owner=stranger)
    answer = member_client.post("/tools/compress", {"file": theirs.public_id})
    assert answer.status_code == 400
    assert HostedFile.objects.count() == 1


def test_a_full_account_begins_no_work(member_client: Client, member: User, part: Part) -> None:
    User.objects.filter(pk=member.pk).update(own_storage_limit=0)
    answer = member_client.post("/tools/compress", {"upload": part("a.jpg", jpeg(60, 40))})
    assert answer.status_code == 400
    assert "storage is full" in answer.content.decode()


def test_an_unknown_tool_is_not_there(member_client: Client) -> None:
    assert member_client.get("/tools/explode").status_code == 404


def test_a_tool_offers_ones_own_pictures_and_has_the_named_one_chosen(
    member_client: Client, member: User
) -> None:
    own = HostedFileFactory(owner=member)
    theirs = HostedFileFactory()
    html = member_client.get(f"/tools/compress?file={own.public_id}").content.decode()
    assert f'value="{own.public_id}" checked' in html
    assert theirs.public_id not in html


class TestWhatRemovesBackgrounds:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, settings: Any) -> Path:
        settings.MODELS_DIR, settings.REMBG_MODEL = tmp_path, "u2net_custom"
        return tmp_path

    def test_without_weights_it_is_grabcut(self, page: Page) -> None:
        assert "removed by GrabCut, which is best on plain" in page("/tools/remove-background")
        assert "GrabCut" not in page("/tools/compress")

    def test_weights_that_are_there_are_named(self, page: Page, folder: Path) -> None:
        networks.install(folder, "u2net_custom", b"")
        assert "Backgrounds are removed by rembg u2net_custom." in page("/tools/remove-background")

    @pytest.mark.parametrize(("whole", "percent"), [(200, " (25 %)"), (None, "")])
    def test_weights_on_their_way_are_told(
        self, page: Page, folder: Path, whole: int | None, percent: str
    ) -> None:
        (folder / "u2net_custom.onnx.part").write_bytes(bytes(50))
        (folder / "u2net_custom.onnx.state").write_text(json.dumps({"whole": whole}))
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            html = page("/tools/remove-background")
        finally:
            os.close(held)
        assert f"until rembg u2net_custom has been downloaded{percent}." in html
