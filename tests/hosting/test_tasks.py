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
    # What a running process keeps as long as it lives.
    (tmp_path / "pymp-1a2b3c").mkdir()
    for name in ("word-old", "answer-old", "pymp-1a2b3c"):
        os.utime(tmp_path / name, (long_ago, long_ago))
    tasks.clear_temporary()
    assert {path.name for path in tmp_path.iterdir()} == {"answer-new", "pymp-1a2b3c"}


@pytest.mark.django_db
def test_work_that_does_not_fit_into_its_time_is_sent_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bool] = []
    monkeypatch.setattr(tasks.visibility, "send_sweep", lambda: sent.append(True))
    tasks.settle_bytes()
    assert sent == []
    monkeypatch.setattr(tasks.visibility, "sweep", lambda seconds: False)
    tasks.settle_bytes()
    assert sent == [True]


def test_every_task_that_is_named_somewhere_exists(settings: Any) -> None:
    named = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    named.add(tasks.visibility.SWEEP)
    assert named <= set(tasks.delete_expired.app.tasks)
