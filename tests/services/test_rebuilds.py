"""rebuild_variants on a running site: killed, stopped and finished by real processes."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import PATIENCE, ROOT, Site

pytestmark = [pytest.mark.live, pytest.mark.slow]

FILES = 40
SEED = f"""
from tests import pictures
from tests.factories import HostedFileFactory
data = pictures.saved(pictures.texture(1600, 1200, seed=1), "PNG")
for _ in range({FILES}):
    HostedFileFactory(content=data, format="png", width=1600, height=1200)
"""
COUNT = """
from hosting.models import Variant
print(Variant.objects.filter(name="medium").count())
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site whose files came before the variant `medium`."""
    with Site(tmp_path / "data") as running:
        running.shell(SEED)
        yield running


def began(site: Site, *arguments: str) -> subprocess.Popen[str]:
    """The command, when it is a few files into its work."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rebuild_variants", *arguments],
        cwd=ROOT,
        env=site.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A suite that runs in the background of a shell would have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )
    before, until = looked(site), time.monotonic() + PATIENCE
    while looked(site) < before + 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    return process


def looked(site: Site) -> int:
    with sqlite3.connect(f"file:{site.folder}/vitrine.db?mode=ro", uri=True) as database:
        row = database.execute("SELECT MAX(looked) FROM hosting_rebuild").fetchone()
    return row[0] or 0


def test_a_pass_that_is_killed_and_stopped_is_finished_by_the_workers(site: Site) -> None:
    killed = began(site, "--here")
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)

    stopped = began(site)
    stopped.send_signal(signal.SIGINT)
    _, values = stopped.communicate(timeout=PATIENCE)
    assert "The same command continues from there." in values
    assert stopped.returncode == 130
    time.sleep(1.0)
    here = looked(site)
    assert 6 <= here < FILES
    time.sleep(1.0)
    assert looked(site) == here

    out = site.manage("rebuild_variants")
    assert f"Continuing after {here} of {FILES} files." in out
    assert f"{FILES} files checked" in out
    assert site.shell(COUNT).strip() == str(FILES)
    site.manage("find_orphans")
    assert site.manage("find_orphans", "--dry-run").strip() == "0 found."
