"""Who on this machine may read what the site writes.

What belongs here: the permissions of DATA_DIR and its contents. New files get theirs from the umask in the
settings; this is for folders of earlier versions, and for the group that may read pictures.
"""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

# What others than the owner may do, to take away.
OTHERS = 0o077
PASS = 0o710
READ_FOLDER, READ_FILE = 0o2750, 0o640


def group_of(name: str) -> int | None:
    """The number of the group called `name`, or numbered so; None for "". LookupError for an unknown one."""
    if not name:
        return None
    return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid


def tighten(folder: Path, group: int | None, shared: Sequence[Path]) -> None:
    """Leave `folder` and all in it to its owner, and what is in `shared` to be read by `group` as well.

    Walks through everything only where the folder itself is not as it should be, once after an update or a
    change of the group: its own rights are set last. Raises OSError where some cannot be set.
    """
    for place in shared if group is not None else ():
        place.mkdir(exist_ok=True)
    if not _is_right(folder, group, shared):
        for path in _below(folder):
            _set(path, group if any(path.is_relative_to(place) for place in shared) else None)
    for path in folder.iterdir():
        if not path.is_symlink():
            _set(path, group if path in shared else None)
    if group is not None:
        os.chown(folder, -1, group)
    folder.chmod(0o700 if group is None else PASS)


def _is_right(folder: Path, group: int | None, shared: Sequence[Path]) -> bool:
    state = folder.stat()
    if group is None:
        return stat.S_IMODE(state.st_mode) & OTHERS == 0
    owned = all(place.stat().st_gid == group for place in (folder, *shared))
    return owned and stat.S_IMODE(state.st_mode) == PASS


def _below(folder: Path) -> Iterator[Path]:
    """Everything below `folder`; links to elsewhere are left out and not followed."""
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(parent) / name
            if not path.is_symlink():
                yield path


def _set(path: Path, group: int | None) -> None:
    """Give one file or folder its rights; one that is gone meanwhile is fine."""
    try:
        state = path.stat()
        mode = stat.S_IMODE(state.st_mode)
        if group is None:
            wanted = mode & ~OTHERS & ~stat.S_ISGID
        else:
            wanted = READ_FOLDER if path.is_dir() else READ_FILE
            if state.st_gid != group:
                os.chown(path, -1, group)
        # A change of the group takes bits away.
        if wanted != mode or (group is not None and state.st_gid != group):
            path.chmod(wanted)
    except FileNotFoundError:
        pass
