"""Where a new file's direct link leads: its path below the site, which never changes.

Each API has its own folder and its own form of names; every name is fresh, and none can be found by counting.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from hosting.models.file import stem_of
from hosting.models.public_id import ALPHABET
from hosting.storage.objects import FOLDERS

IMAGES, FILES, COMPRESSED, CONVERTED = FOLDERS


def upload_path(folder: str, day: datetime, filename: str, extension: str) -> str:
    """The address of an upload: sorted by day and readable, or, in FILES, short and flat as Imghippo's."""
    if folder == FILES:
        letters = "".join(secrets.choice(ALPHABET) for _ in range(16))
        return f"{FILES}/{letters}{int(time.time())}.{extension}"
    # By day, so that no folder grows without end.
    return f"{folder}/{day.astimezone(UTC):%Y/%m/%d}/{stem_of(filename)}.{extension}"


def result_path(folder: str, kind: str, extension: str) -> str:
    """The address of a processing result: `{kind}_{seconds}_{24 hex digits}.{ext}`.

    It begins as on the Imghippo API page, "Batch Response Format", whose six digits could be tried out; these
    are 96 random bits. Between uploads it looks like one of them.
    """
    if folder == IMAGES:
        return upload_path(folder, datetime.now(UTC), kind, extension)
    return f"{folder}/{kind}_{int(time.time())}_{secrets.token_hex(12)}.{extension}"
