"""Finding files that an owner already has: same owner, same bytes as uploaded.

Guests have no owner to compare with: two strangers who send the same picture get a file each, so that
one cannot find out about the other's, nor delete it for both.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from accounts.models import User
from hosting.models import HostedFile

BLOCK = 1024 * 1024


def digest(file: BinaryIO, algorithm: str = "sha256") -> str:
    """The hash of `file` in hex, read block by block."""
    file.seek(0)
    found = hashlib.new(algorithm, usedforsecurity=algorithm != "md5")
    while block := file.read(BLOCK):
        found.update(block)
    file.seek(0)
    return found.hexdigest()


def find(owner: User | None, content_hash: str, *, is_test: bool) -> HostedFile | None:
    """The owner's unexpired file with the same content, from the same stage (live or test)."""
    if owner is None:
        return None
    same = HostedFile.objects.alive().filter(
        owner=owner, content_hash=content_hash, is_test=is_test
    )
    # There seldom is one, so its columns are fetched only then.
    found = same.order_by("pk").values_list("pk", flat=True).first()
    return HostedFile.objects.select_related("album", "owner").get(pk=found) if found else None
