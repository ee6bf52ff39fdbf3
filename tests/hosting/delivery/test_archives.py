"""Archives have turns: few to an address, few in all, each given back however it ends."""

from __future__ import annotations

import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client

from hosting.delivery import archives
from hosting.delivery.archives import MOST_AT_ONCE, MOST_FOR_ONE, Entry, InTurn, NoTurn, stream
from hosting.models import Privacy
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _archive(pieces: int = 3) -> Iterator[bytes]:
    return stream([Entry("a.txt", NOW, lambda: [b"x" * 1000] * pieces)])


def test_an_address_has_few_turns_and_another_still_has_its_own() -> None:
    held = [InTurn(_archive(), "192.0.2.1") for _ in range(MOST_FOR_ONE)]
    with pytest.raises(NoTurn):
        InTurn(_archive(), "192.0.2.1")
    InTurn(_archive(), "192.0.2.2").close()
    held[0].close()
    held[0].close()
    again = InTurn(_archive(), "192.0.2.1")
    with pytest.raises(NoTurn):
        InTurn(_archive(), "192.0.2.1")
    for one in (*held, again):
        one.close()


def test_an_ipv6_customer_has_one_address_however_many_there_are() -> None:
    held = [InTurn(_archive(), f"2001:db8::{number}") for number in range(MOST_FOR_ONE)]
    with pytest.raises(NoTurn):
        InTurn(_archive(), "2001:db8::ffff:9")
    InTurn(_archive(), "2001:db8:0:1::1").close()
    for one in held:
        one.close()


def test_all_addresses_together_have_so_many() -> None:
    held = [InTurn(_archive(), f"192.0.2.{number}") for number in range(MOST_AT_ONCE)]
    with pytest.raises(NoTurn):
        InTurn(_archive(), "198.51.100.1")
    for one in held:
        one.close()
    InTurn(_archive(), "198.51.100.1").close()


def test_a_turn_that_is_forgotten_is_given_back() -> None:
    for _ in range(10):
        InTurn(_archive(), "192.0.2.1")


class _Collecting(Counter[str]):
    """Counts, while which a forgotten archive is found to be rubbish: Python looks for that at any moment."""

    forgotten: InTurn | None = None

    def total(self) -> int:
        self.forgotten = None
        return super().total()


def test_a_forgotten_turn_may_be_given_back_while_another_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = _Collecting()
    monkeypatch.setattr(archives, "_sending", counts)
    counts.forgotten = InTurn(_archive(), "192.0.2.1")
    taken = threading.Thread(target=lambda: InTurn(_archive(), "192.0.2.1").close(), daemon=True)
    taken.start()
    taken.join(10)
    assert not taken.is_alive()
    assert not counts


def test_an_archive_in_turn_is_whole() -> None:
    turn = InTurn(_archive(), "192.0.2.1")
    with zipfile.ZipFile(BytesIO(b"".join(turn))) as archive:
        assert archive.read("a.txt") == b"x" * 3000
    turn.close()


@pytest.mark.django_db
def test_an_album_s_visitor_is_told_to_wait_when_his_address_downloads_enough(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = AlbumFactory(owner=UserFactory(), privacy=Privacy.PUBLIC)
    HostedFileFactory(owner=album.owner, album=album)
    monkeypatch.setattr(archives, "MOST_FOR_ONE", 0)
    answer = client.get(f"/album/{album.public_id}/download")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "Too many archives" in answer.content.decode()
