"""Who counts as one sender: for limits, forms and visits, and as what an address is kept."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from accounts.client_ip import address_of, network_of
from tests.factories import HostedFileFactory, UserFactory

SAME = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9"
OTHER = "2001:db8:1:3::1"


@pytest.mark.parametrize(
    ("seen", "address", "network"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%2", "fe80::1", "fe80::/64"),
        ("", None, ""),
        ("unix:", None, ""),
    ],
)
def test_what_the_server_sees_is_one_address_and_one_sender(
    seen: str, address: str | None, network: str
) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=seen)
    assert address_of(request) == address
    assert network_of(address) == network
    assert not seen or address is None or network_of(seen) == network


@pytest.mark.parametrize("trusted", [0, 1])
def test_a_trusted_proxys_word_is_read_in_the_same_way(settings: object, trusted: int) -> None:
    settings.TRUSTED_PROXIES = trusted  # type: ignore[attr-defined]
    told = {"REMOTE_ADDR": "192.0.2.9", "HTTP_X_FORWARDED_FOR": "198.51.100.1, ::ffff:192.0.2.1"}
    wanted = "192.0.2.1" if trusted else "192.0.2.9"
    assert address_of(RequestFactory().get("/", **told)) == wanted


@pytest.mark.django_db
def test_a_visit_is_one_from_whatever_address_of_the_same_customer() -> None:
    file = HostedFileFactory(owner=UserFactory())
    for address in (*SAME, OTHER):
        Client(REMOTE_ADDR=address).get(file.viewer_path)
    file.refresh_from_db()
    assert file.views == 2


@pytest.mark.django_db
def test_signing_up_and_resets_are_limited_by_customer_and_not_for_all_of_ipv4() -> None:
    cache.clear()

    # Five a minute for one mail address, so each has its own here; twenty a minute for one sender.
    def reset(address: str, number: int) -> int:
        sent = {"email": f"nobody{number}@example.org"}
        return Client(REMOTE_ADDR=address).post("/account/password/reset/", sent).status_code

    many = [reset(f"2001:db8:1:2::{number:x}", number) for number in range(1, 26)]
    assert set(many[:20]) == {302}
    assert set(many[20:]) == {429}
    assert reset(OTHER, 99) == 302
    mapped = [reset(f"::ffff:192.0.2.{number}", 100 + number) for number in range(1, 26)]
    assert set(mapped) == {302}
    cache.clear()
