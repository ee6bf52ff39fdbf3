"""Which area of the storage a file belongs to, by what its row and its album say.

Only `hosting.files.visibility` moves bytes there.
"""

from __future__ import annotations

from hosting.models import HostedFile, Variant
from hosting.storage import objects


def area_for(file: HostedFile) -> str:
    """`public` for files that anybody may have for as long as they exist; `guarded` for all others.

    An expiring file is guarded even while it is open: the server of `public/` cannot check the time. A file of
    an album that is being closed is guarded before the album's privacy changes.
    """
    forever_open = file.opens_to_all and file.expires_at is None
    closing = file.album is not None and bool(file.album.closing_to)
    return objects.PUBLIC if forever_open and not closing else objects.GUARDED


def served_paths(file: HostedFile) -> list[str]:
    """The addresses that follow the file's privacy: all but the original, which is its owner's alone."""
    variants = [v.path for v in file.variants.all() if v.name != Variant.ORIGINAL]
    return [file.path, *variants]
