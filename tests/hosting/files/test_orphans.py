"""find_orphans: what a killed process or a lost disk leaves is found, reported and cleared."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from hosting import tasks
from hosting.files import orphans, visibility
from hosting.models import HostedFile, Privacy, Variant
from hosting.storage import objects
from tests.factories import HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db


def on_disk(area: str, path: str) -> Path:
    place = objects.local_path(f"{area}/{path}")
    assert place is not None
    return place


def left_over(path: str = "images/2026/left.jpg", area: str = "public") -> Path:
    objects.put(area, path, b"half a picture")
    place = on_disk(area, path)
    os.utime(place, (0, 0))
    return place


def test_a_site_in_order_has_no_orphans() -> None:
    HostedFileFactory()
    assert len(orphans.find()) == 0


def test_a_dry_run_reports_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    place = left_over()
    call_command("find_orphans", "--dry-run")
    assert "file without row: public/images/2026/left.jpg" in capsys.readouterr().out
    assert place.exists()


def test_files_without_rows_are_deleted_in_both_areas() -> None:
    places = [left_over(area=area) for area in objects.AREAS]
    call_command("find_orphans")
    assert not any(place.exists() for place in places)


def test_a_row_without_its_file_goes_and_gives_the_room_back(
    django_capture_on_commit_callbacks: Any,
) -> None:
    owner = UserFactory(storage_used=700)
    file = HostedFileFactory(owner=owner, charged=700)
    objects.remove(file.path)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("find_orphans")
    assert not HostedFile.objects.exists()
    assert User.objects.get(pk=owner.pk).storage_used == 0
    assert list(objects.walk()) == []


def test_a_file_in_the_wrong_area_is_brought_where_it_belongs() -> None:
    file = HostedFileFactory()
    HostedFile.objects.filter(pk=file.pk).update(privacy=Privacy.PRIVATE)
    assert [found.pk for found in orphans.find().misplaced] == [file.pk]
    call_command("find_orphans")
    assert on_disk("guarded", file.path).exists()
    assert not on_disk("public", file.path).exists()
    assert len(orphans.find()) == 0


def test_a_wrong_count_of_used_storage_is_put_right() -> None:
    owner = UserFactory(storage_used=999)
    HostedFileFactory(owner=owner, charged=120)
    call_command("find_orphans")
    assert User.objects.get(pk=owner.pk).storage_used == 120


def test_a_file_whose_row_comes_late_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "images/2026/late.jpg"
    objects.put("public", path, b"a picture")
    found = orphans.find()

    def meanwhile(seconds: float) -> None:
        assert 0 < seconds <= orphans.SETTLING.total_seconds()
        HostedFile.objects.create(path=path, size=9, format="jpeg", md5="")

    monkeypatch.setattr("hosting.files.orphans.time.sleep", meanwhile)
    orphans.clear(found)
    assert on_disk("public", path).exists()


def test_a_disk_that_is_not_there_costs_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosting.files.orphans.MANY", 3)
    files = [HostedFileFactory() for _ in range(4)]
    for file in files[:3]:
        objects.remove(file.path)
    with pytest.raises(CommandError, match="is the storage there"):
        call_command("find_orphans")
    assert HostedFile.objects.count() == 4
    call_command("find_orphans", "--force")
    assert HostedFile.objects.count() == 1


def test_the_daily_look_closes_what_lies_open_opens_what_lies_guarded_and_says_so(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    exposed, original = HostedFileFactory(owner=UserFactory()), HostedFileFactory()
    hidden, fine = HostedFileFactory(), HostedFileFactory()
    # As an older version left them: the row is closed, and says that its bytes were moved.
    HostedFile.objects.filter(pk=exposed.pk).update(privacy=Privacy.PRIVATE, area="guarded")
    objects.move(hidden.path, to=objects.GUARDED)
    kept = original.path.replace(".jpg", ".original.tif")
    objects.put(objects.GUARDED, kept, b"untouched")
    Variant.objects.create(file=original, name=Variant.ORIGINAL, format="tiff", path=kept, size=9)
    left_over()

    with django_capture_on_commit_callbacks(execute=True):
        tasks.repair_misplaced()

    assert not on_disk("public", exposed.path).exists()
    assert {area for area, path in objects.walk() if path.startswith(exposed.path[:-4])} == {
        "guarded"
    }
    assert on_disk("public", hidden.path).exists()
    assert on_disk("public", fine.path).exists()
    assert on_disk("guarded", kept).exists()
    assert on_disk("public", "images/2026/left.jpg").exists()
    assert f"file {exposed.public_id} was in public, contrary to its row" in caplog.text
    assert "1 public objects have no row" in caplog.text

    caplog.clear()
    assert orphans.repair_misplaced() == orphans.Repaired(
        unnamed=1, first_unnamed="images/2026/left.jpg"
    )


def test_the_daily_look_reads_a_large_storage_some_objects_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(orphans, "BATCH", 4)
    monkeypatch.setattr(visibility, "BATCH", 2)
    files = [HostedFileFactory(owner=UserFactory()) for _ in range(9)]
    HostedFile.objects.update(privacy=Privacy.PRIVATE)
    seen: list[int] = []
    served_at = orphans._served_at
    monkeypatch.setattr(
        orphans, "_served_at", lambda paths: (seen.append(len(paths)), served_at(paths))[1]
    )
    orphans.repair_misplaced()
    assert max(seen) <= 4
    assert {area for area, _ in objects.walk()} == {"guarded"}
    assert len(list(objects.walk())) == 2 * len(files)


def test_a_row_that_was_given_other_bytes_meanwhile_is_no_orphan() -> None:
    file = HostedFileFactory()
    path = file.path
    objects.remove(path)
    found = orphans.find()
    assert [one.pk for one in found.files] == [file.pk]
    objects.put("public", "images/2026/new.jpg", b"a picture")
    HostedFile.objects.filter(pk=file.pk).update(path="images/2026/new.jpg")
    orphans.clear(found)
    assert HostedFile.objects.filter(pk=file.pk).exists()
