"""A site of each released version starts on this one: its database is migrated with what is in it.

RELEASES has a row for every release: add one when a version is tagged (docs/releasing.md).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

# The newest migrations of each of our apps in that version.
RELEASES = {
    "0.1.0": {"accounts": "0004_upload_defaults", "hosting": "0009_partial_uploads"},
}

SITE = """
import hashlib, json, sys
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

release = json.loads(sys.argv[1])
executor = MigrationExecutor(connection)
targets = list(release.items())
executor.migrate(targets)
old = executor.loader.project_state(targets).apps
User, ApiKey = old.get_model("accounts", "User"), old.get_model("accounts", "ApiKey")
user = User.objects.create(username="alice", email="alice@example.org", storage_used=126)
digest = hashlib.sha256(b"an-old-key").hexdigest()
ApiKey.objects.create(user=user, name="old", kind="live", prefix="an-old", digest=digest)
Album = old.get_model("hosting", "Album")
albums = {name: Album.objects.create(owner=user, name=name, privacy=name) for name in ("public", "private")}
HostedFile = old.get_model("hosting", "HostedFile")
for name, album in albums.items():
    HostedFile.objects.create(
        public_id=name, owner=user, album=album, format="jpeg", path=f"images/{name}.jpg", size=63,
        charged=63, md5="0" * 32, area="guarded" if name == "private" else "public",
    )
old.get_model("hosting", "Webhook").objects.create(
    owner=user, url="https://example.org/", events=["file.created"], secret="whsec_b2xk"
)

executor = MigrationExecutor(connection)
executor.migrate(executor.loader.graph.leaf_nodes())
from accounts import keys
from hosting.models import Album, HostedFile, Webhook
caller = keys.identify("an-old-key")
with connection.cursor() as cursor:
    cursor.execute("SELECT secret FROM hosting_webhook")
    stored = cursor.fetchone()[0]
print(json.dumps({
    "user": caller.user.username,
    "scopes": sorted(caller.key.scopes),
    "secret": Webhook.objects.get().secret,
    "secret_at_rest": stored,
    "open": {file.public_id: file.opens_to_all for file in HostedFile.objects.select_related("album")},
    "marked": HostedFile.objects.filter(moving=True).count() + Album.objects.filter(moving=True).count(),
}))
"""


def migrated(release: dict[str, str], folder: Path, database: str) -> dict[str, Any]:
    """What a site of `release` has, asked by this version after its migrations."""
    ran = subprocess.run(
        [sys.executable, "-c", SITE, json.dumps(release)],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("version", RELEASES)
def test_what_a_site_of_an_earlier_version_holds_is_there_after_the_update(
    version: str, tmp_path: Path
) -> None:
    found = migrated(RELEASES[version], tmp_path, f"sqlite:///{tmp_path}/site.sqlite3")
    assert found["user"] == "alice"
    # An old key does what it could do before, but for making keys.
    assert found["scopes"] == ["delete", "edit", "process", "read", "upload"]
    assert found["secret"] == "whsec_b2xk"
    assert "whsec" not in found["secret_at_rest"]
    assert found["open"] == {"public": True, "private": False}
    assert found["marked"] == 0


def test_every_version_of_the_changelog_is_tried() -> None:
    text = (Path(settings.BASE_DIR) / "CHANGELOG.md").read_text()
    versions = [line.split()[1] for line in text.splitlines() if line.startswith("## ")]
    assert set(versions) - {"Unreleased"} == set(RELEASES)
