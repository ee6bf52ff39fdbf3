"""What the site writes is for its own user, and pictures for the group that is named."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from django.conf import settings

from server import data_folder


def modes(folder: Path) -> dict[str, str]:
    """The rights of a folder and all in it, by their names in it."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink()
    }


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A folder as versions before this one left it, with a link to something that is not the site's."""
    folder, other = tmp_path / "data", tmp_path / "other"
    (folder / "files" / "public").mkdir(parents=True)
    (folder / "queue").mkdir()
    other.write_text("not ours")
    other.chmod(0o644)
    for name in ("vitrine.db", "files/public/a.jpg", "queue/message"):
        (folder / name).write_text("secret")
        (folder / name).chmod(0o644)
    for place in (folder, folder / "files", folder / "files/public", folder / "queue"):
        place.chmod(0o755)
    (folder / "models").symlink_to(other)
    return folder


def test_an_earlier_versions_folder_becomes_its_owners(wide: Path) -> None:
    data_folder.tighten(wide, None, (wide / "files",))
    found = modes(wide)
    assert {found[name] for name in (".", "files", "files/public", "queue")} == {"0o700"}
    assert {found[n] for n in ("vitrine.db", "files/public/a.jpg", "queue/message")} == {"0o600"}
    assert (wide.parent / "other").stat().st_mode & 0o777 == 0o644


def test_a_group_reads_the_pictures_and_nothing_else(wide: Path) -> None:
    group = os.getgid()
    for _ in range(2):
        data_folder.tighten(wide, group, (wide / "files",))
        found = modes(wide)
        assert found["."] == "0o710"
        assert (found["files"], found["files/public"]) == ("0o2750", "0o2750")
        assert found["files/public/a.jpg"] == "0o640"
        assert (found["vitrine.db"], found["queue"]) == ("0o600", "0o700")
    data_folder.tighten(wide, None, (wide / "files",))
    assert modes(wide)["files/public/a.jpg"] == "0o600"


def test_a_file_added_later_is_private_by_default(tmp_path: Path) -> None:
    assert settings.FILE_UPLOAD_PERMISSIONS == 0o600
    (tmp_path / "new").write_text("")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_an_unknown_group_is_an_error() -> None:
    assert data_folder.group_of("") is None
    assert data_folder.group_of("33") == 33
    with pytest.raises(LookupError):
        data_folder.group_of("there-is-no-such-group")
