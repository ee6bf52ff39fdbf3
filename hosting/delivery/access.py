"""Who may see a file or an album: owners, staff, and visitors with an album's proof."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from django.utils.crypto import salted_hmac

from accounts.keys import Caller
from accounts.models import User
from accounts.scopes import READ
from hosting.delivery.links import Stored
from hosting.models import Album, HostedFile, Privacy
from hosting.models.privacy import OPEN


def proof_of(album: Album) -> str:
    """What a session keeps once the password was given; another password makes it worthless."""
    return salted_hmac("hosting.albums.unlocked", f"{album.pk}:{album.password}").hexdigest()[:32]


NO_PROOFS: Mapping[str, str] = MappingProxyType({})


class Access(Enum):
    """What a visitor gets when requesting a file."""

    GRANTED = 200
    HIDDEN = 404
    GONE = 410


def owns(user: User | None, file: HostedFile) -> bool:
    """Whether `file` is the user's own, or one that a moderator's rights open to them."""
    return _has_right(user, file, "view")


def may_delete(user: User | None, file: HostedFile) -> bool:
    """Whether `user` may delete `file`: its owner, and moderators who have that right."""
    return _has_right(user, file, "delete")


def _has_right(user: User | None, file: HostedFile, right: str) -> bool:
    if user is None:
        return False
    is_moderator = user.is_staff and user.has_perm(f"hosting.{right}_hostedfile")
    # What moderators withhold does not exist for its owner.
    return is_moderator or (user.pk == file.owner_id and not file.withheld)


# What a visitor's session holds of albums whose password was given: the album's key, and `albums.proof_of` it.
Proofs = Mapping[str, str]


def access(file: HostedFile, user: User | None, proofs: Proofs = NO_PROOFS) -> Access:
    """Whether `user` (None: anybody) with these proofs may see `file` now."""
    if file.is_expired:
        return Access.GONE
    if owns(user, file):
        return Access.GRANTED
    if not file.is_approved or file.privacy not in OPEN:
        return Access.HIDDEN
    # A suspended member's files are withheld already: no look at the album's owner.
    if file.album is not None and not _opens(file.album, user, proofs):
        return Access.HIDDEN
    return Access.GRANTED


def require_as_input(caller: Caller, file: HostedFile) -> None:
    """Raise MissingScope where the caller's key may not work on `file`, one of its owner's.

    A result can be published, and so shows what it was made from. Without `read` a key works on what it made
    itself and on what anybody may have.
    """
    made_it = caller.key is not None and file.api_key_id == caller.key.pk
    if not made_it and access(file, None) is not Access.GRANTED:
        caller.require(READ)


def album_opens(album: Album, user: User | None, proofs: Proofs = NO_PROOFS) -> bool:
    """Whether `user` with these proofs may view `album`; a suspended member's is for moderators alone."""
    if album.owner.suspended_at is not None and not _moderates_albums(user):
        return False
    return _opens(album, user, proofs)


def _opens(album: Album, user: User | None, proofs: Proofs) -> bool:
    if album.privacy in OPEN or owns_album(user, album):
        return True
    proof = proofs.get(str(album.pk), "")
    return album.privacy == Privacy.PASSWORD and hmac.compare_digest(proof, proof_of(album))


def owns_album(user: User | None, album: Album) -> bool:
    """Whether `album` is the user's own, or one that a moderator's rights open to them."""
    return user is not None and (user.pk == album.owner_id or _moderates_albums(user))


def _moderates_albums(user: User | None) -> bool:
    return user is not None and user.is_staff and user.has_perm("hosting.view_album")


def access_to(stored: Stored, user: User | None, proofs: Proofs = NO_PROOFS) -> Access:
    """Whether `user` may have these bytes; an original is for its owner and the staff."""
    granted = access(stored.file, user, proofs)
    if granted is Access.GRANTED and stored.is_original and not owns(user, stored.file):
        return Access.HIDDEN
    return granted
