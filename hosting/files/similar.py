"""Files of one owner that look alike: copies that were saved again, scaled or cut a little."""

from __future__ import annotations

import numpy as np

from hosting.files import hashing
from hosting.models import HostedFile, ModerationRules

# An owner's newest files that one is compared with, and the most that are shown.
MOST_COMPARED, MOST_SHOWN = 10_000, 12


def similar(file: HostedFile) -> list[HostedFile]:
    """Other files of the same owner that look like `file`, at most MOST_SHOWN, the likest first."""
    if file.owner_id is None or not file.perceptual_hash:
        return []
    others = HostedFile.objects.alive().filter(owner=file.owner_id, perceptual_hash__isnull=False)
    others = others.exclude(perceptual_hash=hashing.NOTHING)
    newest = others.exclude(pk=file.pk).order_by("-created_at", "-pk")
    rows = list(newest.values_list("pk", "perceptual_hash")[:MOST_COMPARED])
    if not rows:
        return []
    hashes = np.frombuffer(b"".join(bytes(one or b"") for _, one in rows), np.uint64).reshape(-1, 4)
    own = np.frombuffer(bytes(file.perceptual_hash), np.uint64)
    differences = np.bitwise_count(hashes ^ own).sum(axis=1, dtype=np.int64)
    order = np.argsort(differences, kind="stable")[:MOST_SHOWN]
    near = ModerationRules.current().hash_distance
    keys = [rows[at][0] for at in order if differences[at] <= near]
    found = (
        HostedFile.objects.prefetch_related("variants")
        .select_related("album", "owner")
        .in_bulk(keys)
    )
    return [found[key] for key in keys if key in found]
