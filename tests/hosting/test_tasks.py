"""The scheduler's tasks leave nothing lying about."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from hosting import tasks


@pytest.mark.django_db
def test_what_killed_processes_left_goes_and_what_is_in_use_stays(
    settings: Any, tmp_path: Path
) -> None:
    settings.TEMP_DIR = tmp_path
    (tmp_path / "word-old").mkdir()
    (tmp_path / "word-old" / "profile").write_text("x")
    (tmp_path / "answer-old").write_text("x")
    (tmp_path / "answer-new").write_text("x")
    long_ago = time.time() - tasks.PASSING_SECONDS - 1
    for name in ("word-old", "answer-old"):
        os.utime(tmp_path / name, (long_ago, long_ago))
    tasks.clear_temporary()
    assert [path.name for path in tmp_path.iterdir()] == ["answer-new"]
