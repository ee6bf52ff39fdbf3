"""Addresses that are not public are never dialled, however they are written."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosting.sources.fetch import FetchError, fetch, is_public
from tests.hosting.sources.fetch.servers import (
    ALSO_PUBLIC,
    PUBLIC,
    Dns,
    Site,
    Wires,
    hang_up,
    refusal,
)

NOT_PUBLIC = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b:1::/48",
    "64:ff9b::a00:0/104",
    "64:ff9b::7f00:0/104",
    "64:ff9b::a9fe:0/112",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "4000::/2",
    "5f00::/16",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
private4 = st.sampled_from([text for text in NOT_PUBLIC if "." in text]).flatmap(
    lambda text: st.ip_addresses(network=text)
)


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """One of the many ways to write an IPv4 address that is not public, all read by inet_aton."""
    address = draw(private4)
    bytes_left = list(address.packed)
    heads = [bytes_left.pop(0) for _ in range(draw(st.integers(0, 3)))]
    numbers = [*heads, int.from_bytes(bytes_left, "big")]
    forms: list[Callable[[int], str]] = [
        str,
        hex,
        lambda n: hex(n).upper(),
        lambda n: f"0{n:o}",
        lambda n: f"0x000{n:x}",
    ]
    host = ".".join(draw(st.sampled_from(forms))(number) for number in numbers)
    if draw(st.booleans()):  # full-width letters and digits
        host = "".join(chr(ord(char) + 0xFEE0) if char != "." else char for char in host)
    host = host.replace(".", draw(st.sampled_from([".", "。", "．", "｡"])))  # noqa: RUF001
    return host + draw(st.sampled_from(["", ".", ":8000", ":443"]))


@st.composite
def embeddings(draw: st.DrawFn) -> str:
    """An IPv4 address that is not public, wrapped into IPv6."""
    number = int(draw(private4))
    prefix, shift = draw(
        st.sampled_from(
            [
                ("::", 0),  # compatible
                ("::ffff:0:0", 0),  # mapped
                ("::ffff:0:0:0", 0),  # translated
                ("64:ff9b::", 0),  # NAT64
                ("64:ff9b:1::", 0),
                ("2002::", 80),  # 6to4
                ("2001::", 0),  # Teredo, whose client part is inverted
            ]
        )
    )
    if prefix == "2001::":
        number ^= 0xFFFFFFFF
    wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | number << shift)
    return draw(st.sampled_from([f"[{wrapped}]", f"[{wrapped.exploded.upper()}]"]))


class TestAnAddressThatIsNotPublic:
    @pytest.mark.parametrize("network", NOT_PUBLIC)
    def test_is_known_from_the_first_to_the_last_of_its_network(self, network: str) -> None:
        whole = ipaddress.ip_network(network)
        assert not any(
            is_public(address) for address in (whole[0], whole[-1], whole[len_half(whole)])
        )

    @pytest.mark.parametrize(
        "text", [PUBLIC, ALSO_PUBLIC, "8.8.8.8", "100.128.0.1", "172.32.0.1", "64:ff9b::808:808"]
    )
    def test_is_not_taken_for_one_that_is(self, text: str) -> None:
        assert is_public(ipaddress.ip_address(text))

    def test_is_one_with_a_zone(self) -> None:
        assert not is_public(ipaddress.ip_address(ALSO_PUBLIC + "%eth0"))

    @pytest.mark.parametrize(
        "host",
        [
            *(
                "127.0.0.1",
                "127.1",
                "127.0.1",
                "2130706433",
                "0x7f000001",
                "0x7f.1",
                "017700000001",
            ),
            *("0177.0.0.1", "00177.0.0.1", "127.0.0.1.", "localhost", "localhost.", "LOCALHOST"),
            *("0", "0.0.0.0", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"),
            *("１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛocalhost"),  # noqa: RUF001
        ],
    )
    def test_is_refused_in_any_spelling(self, host: str, site: Site) -> None:
        assert refusal(f"http://{host}:{site.port}/cat.png") == "forbidden_address"
        assert site.heard == []

    @given(spelling=spellings() | embeddings())
    @settings(
        max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    def test_is_never_dialled_however_it_is_written(self, spelling: str, wires: Wires) -> None:
        assert refusal(f"http://{spelling}/") == "forbidden_address"
        assert wires.dialled == []

    @given(host=st.text(st.sampled_from("0123456789abcdefx.:[]%@\\/?#-_１．。²⑦℀ßİ"), max_size=24))  # noqa: RUF001
    @settings(
        max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    def test_is_never_dialled_for_a_url_nobody_thought_of(
        self, host: str, wires: Wires, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numeric = socket.getaddrinfo

        def without_network(name: str, port: int, **options: Any) -> Any:
            return numeric(name, port, flags=socket.AI_NUMERICHOST, **options)

        with monkeypatch.context() as patch:
            patch.setattr("socket.getaddrinfo", without_network)
            patch.setattr("socket.create_connection", hang_up(wires))
            with pytest.raises(FetchError):
                fetch(f"http://{host}/", max_bytes=1)
        assert all(is_public(ipaddress.ip_address(text)) for text in wires.dialled)

    def test_is_refused_beside_a_public_one(self, dns: Dns, wires: Wires) -> None:
        dns["both.example"] = [[PUBLIC, "10.0.0.7"]]
        assert refusal("http://both.example/") == "forbidden_address"
        assert wires.dialled == []

    def test_is_not_named_in_the_refusal(self, dns: Dns, wires: Wires) -> None:
        dns["inside.example"] = [["10.0.0.7"]]
        with pytest.raises(FetchError) as caught:
            fetch("http://inside.example/", max_bytes=1)
        assert "10.0" not in caught.value.message + str(caught.value)


def len_half(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> int:
    return (network.num_addresses - 1) // 2
