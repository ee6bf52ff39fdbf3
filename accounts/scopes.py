"""SCOPES: what a key may be allowed to do, and PRESETS, the sets of them that people choose by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

READ, UPLOAD, PROCESS, EDIT, DELETE, ACCOUNT = (
    "read", "upload", "process", "edit", "delete", "account",
)  # fmt: skip

# In the order in which they are listed.
SCOPES: Mapping[str, str | Promise] = {
    READ: _("See files, albums and jobs, including private ones"),
    UPLOAD: _("Upload files"),
    PROCESS: _(
        "Process pictures: convert, compress, transform (private ones only with read access)"
    ),
    EDIT: _("Change files, albums and webhooks"),
    DELETE: _("Delete files and albums"),
    ACCOUNT: _("Create and revoke API keys"),
}

# The default scopes of a key.
USUAL = tuple(scope for scope in SCOPES if scope != ACCOUNT)
PRESETS: Mapping[str, tuple[str, ...]] = {
    "usual": USUAL,
    "uploader": (UPLOAD,),
    "reader": (READ,),
    "everything": tuple(SCOPES),
}


def usual() -> list[str]:
    """The scopes of a new key for which none are named."""
    return list(USUAL)


def ordered(scopes: Iterable[str]) -> list[str]:
    """These scopes without repetition, in the order of SCOPES. Raises ValueError for an unknown one."""
    wanted = set(scopes)
    if unknown := wanted - SCOPES.keys():
        raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))}")
    return [scope for scope in SCOPES if scope in wanted]
