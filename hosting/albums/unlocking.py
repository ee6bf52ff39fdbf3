"""Opening an album by its password."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password

from accounts import attempts
from hosting.delivery.access import proof_of
from hosting.errors import HostingError, TooManyTries
from hosting.models import Album, Privacy

# Wrong passwords from one address for one album, and for how long they count.
TRIES, TRIES_SECONDS = 10, 600


def unlock(album: Album, password: str, address: str | None) -> str:
    """The proof for the session where `password` is right. Raises HostingError, also for too many tries."""
    # Counted before the slow hash is made: many tries at once are as many tries.
    if not attempts.admitted(f"album:{album.pk}:{address}", TRIES, TRIES_SECONDS):
        raise TooManyTries(TRIES_SECONDS)
    if album.privacy != Privacy.PASSWORD or not check_password(password, album.password):
        raise HostingError("wrong_password", "This is not the album's password.", "password")
    return proof_of(album)
