"""rebuild_variants: files get what they lack, addresses stay, and it goes on wherever it was stopped."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image

from hosting import tasks
from hosting.files import deletion, orphans, rebuilds, renewal
from hosting.files.variants import VARIANTS, VariantKind
from hosting.models import HostedFile, Privacy, Rebuild, Variant
from hosting.storage import objects
from processing import Output, Pipeline, Recipe, render, wider_than
from processing.operations.geometry import Resize
from tests import pictures
from tests.factories import HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db

NARROW = VariantKind("w32", Recipe(Pipeline((Resize(width=32),)), Output("jpeg")))


@pytest.fixture(autouse=True)
def _one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that came after the files."""
    monkeypatch.setitem(VARIANTS, "narrow", NARROW)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The passes sent to workers, recorded instead of run."""
    keys: list[int] = []
    monkeypatch.setattr(tasks.rebuild_variants, "apply_async", lambda args, **_: keys.extend(args))
    return keys


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Have something happen between the making of a file's variants and their storing."""

    def arrange(happens: Callable[[], Any]) -> None:
        def slow(*args: Any) -> Any:
            results = render(*args)
            happens()
            return results

        monkeypatch.setattr(renewal, "render", slow)

    return arrange


def narrow(file: HostedFile) -> Variant:
    return Variant.objects.get(file=file, name="narrow")


def width_at(path: str) -> int:
    with objects.open_file(objects.PUBLIC, path) as content:
        return Image.open(io.BytesIO(content.read())).width


def everything() -> dict[tuple[str, str], bytes]:
    """All stored objects, by their areas and paths."""
    found = {}
    for area, path in objects.walk():
        with objects.files().open(f"{area}/{path}", "rb") as content:
            found[area, path] = content.read()
    return found


@pytest.mark.parametrize("how", [("--here",), ()])
def test_files_get_what_they_lack_and_keep_what_they_have(how: tuple[str, ...]) -> None:
    files = [HostedFileFactory() for _ in range(3)]
    before = everything()
    call_command("rebuild_variants", *how)
    after = everything()
    assert before.items() <= after.items()
    for file in files:
        made = narrow(file)
        assert made.path == f"{file.path.rpartition('.')[0]}.w32.jpg"
        assert (made.width, made.height, made.format) == (32, 24, "jpeg")
        assert made.size == len(after["public", made.path])
        assert width_at(made.path) == 32
    assert len(after) == len(before) + 3
    assert len(orphans.find()) == 0


def test_a_second_pass_finds_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    HostedFileFactory()
    call_command("rebuild_variants")
    before = everything()
    call_command("rebuild_variants")
    assert "1 files checked, 0 variants created, 0 files failed." in capsys.readouterr().out
    assert everything() == before


def test_bytes_that_were_lost_are_made_again_at_their_address() -> None:
    file = HostedFileFactory()
    thumb = file.variants.get(name="thumb")
    objects.remove(thumb.path)
    call_command("rebuild_variants", "--here")
    assert width_at(thumb.path) == 320
    assert file.variants.get(name="thumb").pk == thumb.pk


def test_one_that_is_named_is_made_anew_at_its_address_and_in_its_format(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = HostedFileFactory(medium=True)
    thumb, others = file.variants.get(name="thumb"), everything()
    others.pop(("public", thumb.path))
    wider = Recipe(Pipeline((Resize(width=50),)), Output("webp"))
    monkeypatch.setitem(VARIANTS, "thumb", VariantKind("other", wider))
    call_command("rebuild_variants", "--only", "thumb", "--here")

    renewed = file.variants.get(name="thumb")
    assert (renewed.pk, renewed.path, renewed.format) == (thumb.pk, thumb.path, "jpeg")
    after = everything()
    content = after.pop(("public", thumb.path))
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert (renewed.width, renewed.size) == (50, len(content))
    assert after == others


def test_a_variant_that_its_row_would_not_make_today_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    HostedFileFactory(medium=True)
    recipe = Recipe(Pipeline((Resize(width=500),)), Output("jpeg"), when=wider_than(2000))
    monkeypatch.setitem(VARIANTS, "medium", VariantKind("md", recipe))
    monkeypatch.delitem(VARIANTS, "narrow")
    before = everything()
    call_command("rebuild_variants", "--here")
    call_command("rebuild_variants", "--here", "--only", "medium")
    assert everything() == before
    assert len(orphans.find()) == 0


def test_a_kept_original_is_the_source_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    large = VariantKind(
        "w200", Recipe(Pipeline((Resize(width=200),)), Output("jpeg"), wider_than(200))
    )
    monkeypatch.setitem(VARIANTS, "large", large)
    file = HostedFileFactory(owner=UserFactory())
    path = f"{file.path.rpartition('.')[0]}.original.png"
    file.variants.create(
        name=Variant.ORIGINAL, format="png", path=path, size=1, width=400, height=300
    )
    objects.put(objects.GUARDED, path, pictures.png(400, 300))
    call_command("rebuild_variants", "--here")
    assert width_at(file.variants.get(name="large").path) == 200
    assert objects.files().exists(f"guarded/{path}")


def test_each_lies_in_the_area_of_its_file() -> None:
    closed = HostedFileFactory(privacy=Privacy.PRIVATE)
    opened = HostedFileFactory()
    call_command("rebuild_variants")
    areas = {path: area for area, path in objects.walk()}
    assert areas[narrow(closed).path] == objects.GUARDED
    assert areas[narrow(opened).path] == objects.PUBLIC


def test_one_that_lies_open_by_mistake_is_closed_when_it_is_renewed() -> None:
    file = HostedFileFactory(privacy=Privacy.PRIVATE)
    thumb = file.variants.get(name="thumb")
    objects.move(thumb.path, to=objects.PUBLIC)
    call_command("rebuild_variants", "--only", "thumb")
    assert [area for area, path in objects.walk() if path == thumb.path] == [objects.GUARDED]


def test_results_of_tools_and_expired_files_are_left_alone() -> None:
    expired = HostedFileFactory(expires_at=timezone.now() - timedelta(seconds=1))
    result = HostedFileFactory()
    result.variants.all().delete()
    upload = HostedFileFactory(content_hash="ab" * 32)
    upload.variants.all().delete()
    call_command("rebuild_variants")
    assert {v.file_id for v in Variant.objects.filter(name="narrow")} == {upload.pk}
    assert upload.variants.count() == 2
    assert not result.variants.exists()
    assert expired.variants.count() == 1


def test_only_files_since_a_day_are_looked_at() -> None:
    old = HostedFileFactory(created_at=timezone.now() - timedelta(days=30))
    new = HostedFileFactory()
    day = timezone.now() - timedelta(days=2)
    call_command("rebuild_variants", "--since", f"{day:%Y-%m-%d}")
    assert [v.file_id for v in Variant.objects.filter(name="narrow")] == [new.pk]
    assert old.variants.count() == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--only", "huge"), "no variant 'huge'; there are thumb, medium, frame, narrow"),
        (("--only", "original"), "no variant 'original'"),
        (("--since", "last week"), "not a date: write it as 2026-11-30"),
        (("--since", "2026-13-40"), "not a date"),
        (("--here", "--detach"), "not both"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("rebuild_variants", *arguments)
    assert not Rebuild.objects.exists()


def test_a_broken_file_is_named_and_the_others_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    broken, gone, fine = (
        HostedFileFactory(content=b"no picture"),
        HostedFileFactory(),
        HostedFileFactory(),
    )
    objects.remove(gone.path)
    call_command("rebuild_variants", "--here")
    output = capsys.readouterr()
    assert f"{broken.public_id}: " in output.err
    assert f"{gone.public_id}: Its bytes are gone" in output.err
    assert "3 files checked, 1 variants created, 2 files failed." in output.out
    assert narrow(fine)


def test_a_file_that_is_closed_meanwhile_gets_nothing_public(meanwhile: Any) -> None:
    file = HostedFileFactory()
    meanwhile(lambda: HostedFile.objects.filter(pk=file.pk).update(privacy=Privacy.PRIVATE))
    call_command("rebuild_variants", "--here")
    assert ("guarded", narrow(file).path) in everything()
    assert ("public", narrow(file).path) not in everything()


def test_a_file_that_is_deleted_meanwhile_leaves_nothing(
    meanwhile: Any, django_capture_on_commit_callbacks: Any
) -> None:
    file = HostedFileFactory()
    meanwhile(lambda: deletion.delete(HostedFile.objects.get(pk=file.pk)))
    with django_capture_on_commit_callbacks(execute=True):
        call_command("rebuild_variants", "--here")
    assert everything() == {}
    assert not Variant.objects.exists()


def test_a_file_that_is_replaced_meanwhile_gets_no_picture_of_its_old_bytes(meanwhile: Any) -> None:
    file = HostedFileFactory()
    before = everything()
    meanwhile(lambda: HostedFile.objects.filter(pk=file.pk).update(path="images/other.jpg"))
    call_command("rebuild_variants", "--here")
    assert everything() == before
    assert not file.variants.filter(name="narrow").exists()


@pytest.mark.parametrize("only", ["thumb", "narrow"])
def test_what_fails_at_the_row_leaves_the_bytes_as_they_were(
    only: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    HostedFileFactory()
    before = everything()

    def fails(*args: Any, **options: Any) -> None:
        assert everything() != before
        raise OSError("the database is gone")

    monkeypatch.setattr(Variant, "save", fails)
    monkeypatch.setattr(renewal, "_update", fails)
    with pytest.raises(CommandError, match="the database is gone"):
        call_command("rebuild_variants", "--here", "--only", only)
    assert everything() == before
    assert Rebuild.objects.get().looked == 0


def interrupted_at(monkeypatch: pytest.MonkeyPatch, number: int) -> list[HostedFile]:
    """The files that were begun; Ctrl-C comes in the middle of that one, once."""
    begun: list[HostedFile] = []
    whole = renewal.renew

    def renew(file: HostedFile, names: list[str]) -> int:
        begun.append(file)
        if len(begun) == number:
            raise KeyboardInterrupt
        return whole(file, names)

    monkeypatch.setattr(renewal, "renew", renew)
    return begun


def test_after_ctrl_c_the_same_command_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [HostedFileFactory() for _ in range(4)]
    begun = interrupted_at(monkeypatch, 3)
    with pytest.raises(CommandError, match="Stopped after 2 of 4 files") as stopped:
        call_command("rebuild_variants", "--here", "--only", "thumb")
    assert stopped.value.returncode == 130
    call_command("rebuild_variants", "--here", "--only", "thumb")
    assert [file.pk for file in begun] == [files[at].pk for at in (0, 1, 2, 2, 3)]
    output = capsys.readouterr().out
    assert "Continuing after 2 of 4 files." in output
    assert "4 files checked, 4 variants created, 0 files failed." in output


def test_a_restart_begins_with_the_first_file_again(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [HostedFileFactory() for _ in range(2)]
    begun = interrupted_at(monkeypatch, 2)
    with pytest.raises(CommandError):
        call_command("rebuild_variants", "--here", "--only", "thumb")
    call_command("rebuild_variants", "--here", "--only", "thumb", "--restart")
    assert [file.pk for file in begun] == [files[at].pk for at in (0, 1, 0, 1)]


def test_what_is_uploaded_while_it_runs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    HostedFileFactory()
    whole = renewal.renew

    def renew(file: HostedFile, names: list[str]) -> int:
        HostedFileFactory()
        return whole(file, names)

    monkeypatch.setattr(renewal, "renew", renew)
    call_command("rebuild_variants", "--here")
    assert Rebuild.objects.get().looked == 1


def test_workers_do_it_in_small_batches_each_by_a_message_of_its_own(
    sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [HostedFileFactory() for _ in range(3)]
    monkeypatch.setattr(rebuilds, "BATCH_SECONDS", 0.0)
    call_command("rebuild_variants", "--detach")
    done = []
    while sent:
        tasks.rebuild_variants(sent.pop())
        done.append(Rebuild.objects.get().looked)
    assert done == [1, 2, 3, 3]
    assert Rebuild.objects.get().state == Rebuild.State.DONE
    assert all(narrow(file) for file in files)


def test_a_message_that_comes_twice_does_not_work_beside_the_first(
    sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    HostedFileFactory()
    rebuild = rebuilds.begin()
    rebuilds.hand_over(rebuild)
    begun = []
    whole = renewal.renew

    def renew(file: HostedFile, names: list[str]) -> int:
        begun.append(file)
        tasks.rebuild_variants(rebuild.pk)
        return whole(file, names)

    monkeypatch.setattr(renewal, "renew", renew)
    tasks.rebuild_variants(rebuild.pk)
    assert len(begun) == 1


def test_a_killed_workers_pass_is_sent_again_when_its_lease_has_ended(
    sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [HostedFileFactory() for _ in range(2)]
    rebuild = rebuilds.begin()
    rebuilds.hand_over(rebuild)
    interrupted_at(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        tasks.rebuild_variants(sent.pop())
    tasks.rebuild_variants(rebuild.pk)
    rebuilds.requeue_stalled()
    assert (sent, Rebuild.objects.get().looked) == ([], 1)

    Rebuild.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.requeue_stalled()
    assert sent == [rebuild.pk]
    tasks.rebuild_variants(sent.pop())
    assert Rebuild.objects.get().state == Rebuild.State.DONE
    assert all(narrow(file) for file in files)


def test_a_file_that_ends_every_worker_is_passed_over(
    sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    fatal, fine = HostedFileFactory(), HostedFileFactory()
    rebuild = rebuilds.begin()
    rebuilds.hand_over(rebuild)
    whole = renewal.renew

    def renew(file: HostedFile, names: list[str]) -> int:
        if file.pk == fatal.pk:
            raise SystemExit
        return whole(file, names)

    monkeypatch.setattr(renewal, "renew", renew)
    for _ in range(rebuilds.MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            tasks.rebuild_variants(rebuild.pk)
        Rebuild.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.rebuild_variants(rebuild.pk)
    done = Rebuild.objects.get()
    assert (done.state, done.failed, done.made) == (Rebuild.State.DONE, 1, 1)
    assert done.failures == [[fatal.public_id, "Given up after 3 tries."]]
    assert narrow(fine)


def test_ctrl_c_at_the_command_stops_the_workers_at_the_next_file(
    sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        HostedFileFactory()

    def ctrl_c(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hosting.management.commands.rebuild_variants.time.sleep", ctrl_c)
    whole = renewal.renew

    def renew(file: HostedFile, names: list[str]) -> int:
        with pytest.raises(CommandError, match="continues from there"):
            call_command("rebuild_variants")
        return whole(file, names)

    rebuilds.hand_over(rebuilds.begin())
    with monkeypatch.context() as patched:
        patched.setattr(renewal, "renew", renew)
        tasks.rebuild_variants(sent.pop())
    stopped = Rebuild.objects.get()
    assert (stopped.state, stopped.looked) == (Rebuild.State.PAUSED, 0)
    assert sent == []

    call_command("rebuild_variants", "--here")
    assert Rebuild.objects.get().state == Rebuild.State.DONE
    assert Variant.objects.filter(name="narrow").count() == 3


def test_it_can_be_taken_over_from_the_workers(sent: list[int]) -> None:
    HostedFileFactory()
    call_command("rebuild_variants", "--detach")
    call_command("rebuild_variants", "--here")
    assert Rebuild.objects.get().state == Rebuild.State.DONE
    tasks.rebuild_variants(sent.pop())
    assert Rebuild.objects.get().looked == 1


def test_a_worker_that_does_not_know_the_variant_yet_says_so_and_stops(
    sent: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    HostedFileFactory()
    call_command("rebuild_variants", "--detach", "--only", "narrow")
    monkeypatch.delitem(VARIANTS, "narrow")
    tasks.rebuild_variants(sent.pop())
    assert "does not know the variant 'narrow': restart it" in caplog.text
    assert Rebuild.objects.get().state == Rebuild.State.PAUSED


def test_a_terminal_has_one_live_line_and_a_log_has_plain_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    path = "hosting.management.commands.rebuild_variants"
    monkeypatch.setattr(f"{path}.LOOK_SECONDS", 0.0)
    monkeypatch.setattr(f"{path}.LINE_SECONDS", 0.0)
    for _ in range(2):
        HostedFileFactory()
    terminal, log = Terminal(), io.StringIO()
    call_command("rebuild_variants", "--here", "--only", "thumb", stdout=terminal)
    call_command("rebuild_variants", "--here", "--only", "thumb", stdout=log)
    lines = terminal.getvalue().split("\n")
    assert lines[1].startswith("\r1 of 2 files, 1 made, 0 failed, about ")
    assert "\r2 of 2 files" in lines[1]
    assert "\r" not in log.getvalue()
    assert [line.partition(",")[0] for line in log.getvalue().split("\n")[1:3]] == [
        "1 of 2 files", "2 of 2 files",
    ]  # fmt: skip
