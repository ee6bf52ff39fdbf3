"""Opening an album by its password, and remembering it in the visitor's session."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from django.contrib.auth.hashers import check_password

from accounts import attempts, counting
from accounts.client_ip import network_of
from hosting.delivery.access import proof_of
from hosting.errors import HostingError, TooManyTries
from hosting.models import Album, Privacy

# Wrong passwords from one address for one album, and for how long they count.
TRIES, TRIES_SECONDS = 10, 600
# Wrong passwords from all addresses together.
OF_ALBUM: counting.Limits = {"hour": 300, "day": 2000}
# The session's key for proofs, which are kept by album key; above this number the oldest is forgotten.
UNLOCKED = "unlocked_albums"
MOST_UNLOCKED = 50

Session = MutableMapping[str, Any]


def unlock(album: Album, password: str, address: str | None) -> str:
    """The proof for the session where `password` is right. Raises HostingError, also for too many attempts."""
    # Counted before the slow hash is computed, so that concurrent attempts all count.
    if not attempts.admitted(f"album:{album.pk}:{network_of(address)}", TRIES, TRIES_SECONDS):
        raise TooManyTries(TRIES_SECONDS)
    everybody = f"album {album.pk}"
    if (spent := counting.count(everybody, OF_ALBUM)) is not None:
        raise TooManyTries(spent.seconds)
    if album.privacy == Privacy.PASSWORD and check_password(password, album.password):
        counting.take_back(everybody)
    else:
        raise HostingError("wrong_password")
    return proof_of(album)


def remember(session: Session, album: Album, proof: str) -> None:
    """Keep `proof` in the visitor's session, as the newest."""
    kept = {key: value for key, value in proofs_in(session).items() if key != str(album.pk)}
    kept[str(album.pk)] = proof
    session[UNLOCKED] = dict(list(kept.items())[-MOST_UNLOCKED:])


def proofs_in(session: Session) -> dict[str, str]:
    """The proofs that the session keeps, by the albums' keys."""
    return dict(session.get(UNLOCKED, {}))
