"""Fetching by address: what it brings home, and all the ways it must not be led astray.

Every server is a real one on 127.0.0.1. A test makes it public by entering a name into `dns` with
a public address, which `wires` leads back here: what is checked and what is dialled are both seen.
"""

import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psutil
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosting import fetch as module
from hosting.fetch import Fetched, FetchError, fetch, is_public

PUBLIC = "93.184.215.14"
ALSO_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
PICTURE = b"\x89PNG, or so it says. " * 100

Page = Callable[[BaseHTTPRequestHandler], None]


def answer(body: bytes = PICTURE, status: int = 200, length: bool = True, **headers: Any) -> Page:
    def page(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, text in headers.items():
            request.send_header(name.replace("_", "-"), text)
        if length and "Transfer_Encoding" not in headers:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        with suppress(OSError):
            request.wfile.write(body)

    return page


def redirect(target: str, status: int = 302) -> Page:
    # http.server writes headers in Latin-1; this way UTF-8 arrives.
    return answer(b"", status=status, Location=target.encode().decode("latin-1"))


def drip(*pieces: bytes, every: float = 0.1, start: bytes = b"") -> Page:
    """Send the pieces again and again, each well within any timeout of a single read."""

    def page(request: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            request.wfile.write(start)
            for _ in range(100):
                for piece in pieces:
                    request.wfile.write(piece)
                    time.sleep(every)

    return page


@dataclass
class Site:
    """A web server; `heard` are the requests that reached it."""

    server: ThreadingHTTPServer
    scheme: str = "http"
    pages: dict[str, Page] = field(default_factory=lambda: {"/cat.png": answer()})
    heard: list[BaseHTTPRequestHandler] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def trusted(self) -> list[str]:
        return [f"127.0.0.1:{self.port}"]

    def url(self, path: str = "/cat.png", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def fetch(self, path: str = "/cat.png", **options: Any) -> Fetched:
        """Fetch as from a trusted host, which leaves the address check out of it."""
        defaults: dict[str, Any] = {"max_bytes": 100_000, "trusted": self.trusted, "timeout": 5}
        return fetch(self.url(path), **defaults | options)


def serve(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    served: Site

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.heard.append(self)
            self.close_connection = True
            served.pages.get(self.path.partition("?")[0], answer(b"?", status=404))(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that hangs up, or refuses the certificate, is what is tested

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    served = Site(server, scheme="http" if tls is None else "https")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
def other_site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
def secure_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Site]:
    """Holds a certificate for pictures.example, from an authority made known to certifi."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setattr("certifi.where", lambda: str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pictures.example").configure_cert(context)
    yield from serve(context)


class Dns(dict[str, list[list[str]]]):
    """Names to the answers they give one after the other; the last is repeated."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, host: str, port: int) -> list[module.Address]:
        self.asked.append(host)
        if host not in self:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self[host]
        current = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ipaddress.ip_address(text) for text in current]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Dns:
    table = Dns()
    monkeypatch.setattr(module, "resolve", table.resolve)
    return table


@dataclass
class Wires:
    dialled: list[str] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    """Leads every connection to 127.0.0.1, and remembers where it was meant to go."""
    wires = Wires()
    connect = socket.create_connection

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        wires.dialled.append(address[0])
        wires.timeouts.append(timeout)
        if address[0] in wires.dead:
            raise TimeoutError
        return connect(("127.0.0.1", address[1]), timeout=timeout)

    monkeypatch.setattr("socket.create_connection", dial)
    return wires


def refusal(url: str, **options: Any) -> str:
    """Return the code with which the URL is refused."""
    with pytest.raises(FetchError) as caught:
        fetch(url, **({"max_bytes": 100_000, "timeout": 5} | options))
    assert caught.value.param == "source"
    return caught.value.code


class TestAFileFromATrustedHost:
    def test_arrives_whole_with_its_name_type_and_size(self, site: Site) -> None:
        site.pages["/a/my%20cat.png"] = answer(Content_Type="Image/PNG; charset=x")
        fetched = site.fetch("/a/my%20cat.png")
        with fetched.file as file:
            assert file.read() == PICTURE
        assert fetched.size == len(PICTURE)
        assert fetched.filename == "my cat.png"
        assert fetched.content_type == "image/png"
        assert fetched.url == site.url("/a/my%20cat.png")

    def test_arrives_whole_without_a_content_length(self, site: Site) -> None:
        site.pages["/cat.png"] = answer(length=False)
        assert site.fetch().file.read() == PICTURE

    def test_arrives_whole_in_chunks(self, site: Site) -> None:
        chunks = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"
        site.pages["/cat.png"] = answer(chunks, Transfer_Encoding="chunked")
        assert site.fetch().file.read() == b"hello world"

    def test_is_asked_for_without_cookies_proxies_or_compression(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        site.pages["/start"] = answer(b"", 302, Location="/cat.png?size=1#top", Set_Cookie="a=b")
        fetched = site.fetch("/start", user_agent="Vitrine/1.0 (+https://vitrine.example)")
        assert fetched.url == site.url("/cat.png?size=1")
        request = site.heard[-1]
        assert request.path == "/cat.png?size=1"
        assert dict(request.headers) == {
            "Host": f"127.0.0.1:{site.port}",
            "User-Agent": "Vitrine/1.0 (+https://vitrine.example)",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }

    @pytest.mark.parametrize(
        ("disposition", "shown"),
        [
            ('attachment; filename="holiday.jpg"', "holiday.jpg"),
            ("attachment; filename*=UTF-8''caf%C3%A9.jpg", "café.jpg"),
            ("attachment; filename*=nonsense''x.jpg", "cat.png"),
            ('attachment; filename="../../etc/passwd"', "passwd"),
            ('attachment; filename="C:\\\\temp\\\\dog.gif"', "dog.gif"),
            ("attachment; filename*=UTF-8''gpj.%E2%80%AEexe%00%0A.png", "gpj.exe.png"),
            ('attachment; filename=".."', ""),
            (f'attachment; filename="{"x" * 400}.png"', "x" * 196 + ".png"),
            ("inline", "cat.png"),
        ],
    )
    def test_is_named_by_its_server_in_a_form_fit_to_show(
        self, site: Site, disposition: str, shown: str
    ) -> None:
        site.pages["/cat.png"] = answer(Content_Disposition=disposition)
        assert site.fetch().filename == shown

    def test_is_found_under_an_address_with_spaces_and_accents(self, site: Site) -> None:
        site.pages["/my%20caf%C3%A9.png"] = answer()
        assert site.fetch("/my café.png").filename == "my café.png"


class TestTheUrl:
    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "ftp://a.example/b", "gopher://a", "data:,x"]
    )
    def test_of_another_scheme_is_refused(self, url: str) -> None:
        assert refusal(url) == "unsupported_scheme"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "cat.png",
            "//a.example/cat.png",
            "http://",
            "http:///cat.png",
            "http://.",
            "http://a..example/",
            "http://a.example:port/",
            "http://a.example:99999/",
            "http://[::1/",
            "http://[::1%25lo]/",
            "http://[fe80::1%eth0]/",
            "http://a b.example/",
            "http://a.example\\.b.example/",
            "http://a.ex%61mple/",
            "http://a.example/\r\nX-Injected: 1",
            "http://a.example/\x00",
            "http://a.example/\ud800",
            "http://" + "a" * 64 + ".example/",
            "http://a.example/" + "a" * 5000,
        ],
    )
    def test_that_cannot_be_read_one_way_only_is_refused(self, url: str, dns: Dns) -> None:
        assert refusal(url) == "invalid_url"
        assert dns.asked == []

    @pytest.mark.parametrize("user", ["me@", "me:secret@", "@", ":@", "a.example\\@", "a.example@"])
    def test_with_a_user_name_is_refused(self, user: str, dns: Dns) -> None:
        assert refusal(f"http://{user}b.example/cat.png") == "invalid_url"
        assert dns.asked == []

    @pytest.mark.parametrize("port", [0, 21, 22, 25, 81, 389, 445, 1023])
    def test_with_a_port_of_another_service_is_refused(self, port: int, dns: Dns) -> None:
        assert refusal(f"http://a.example:{port}/") == "forbidden_address"
        assert dns.asked == []

    @pytest.mark.parametrize("text", ["unheard.example", "a" * 63 + ".example"])
    def test_of_an_unknown_name_is_unreachable(self, text: str, dns: Dns) -> None:
        assert refusal(f"http://{text}/") == "unreachable"

    def test_of_a_name_without_addresses_is_unreachable(self, dns: Dns) -> None:
        dns["empty.example"] = [[]]
        assert refusal("http://empty.example/") == "unreachable"


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
            patch.setattr("socket.create_connection", _hang_up(wires))
            with pytest.raises(FetchError):
                fetch(f"http://{host}/", max_bytes=1, timeout=5)
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


def _hang_up(wires: Wires) -> Callable[..., socket.socket]:
    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        wires.dialled.append(address[0])
        raise ConnectionRefusedError

    return dial


class TestAName:
    def test_is_looked_up_once_and_the_checked_address_is_dialled(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
        fetched = fetch(site.url(host="rebind.example"), max_bytes=100_000)
        assert fetched.file.read() == PICTURE
        assert dns.asked == ["rebind.example"]
        assert wires.dialled == [PUBLIC]
        assert site.heard[0].headers["Host"] == f"rebind.example:{site.port}"

    def test_is_never_given_to_the_system_to_connect_to(
        self, site: Site, dns: Dns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Any] = []
        lookup = socket.getaddrinfo

        def listen_in(host: Any, *rest: Any, **options: Any) -> Any:
            asked.append(host)
            return lookup(host, *rest, **options)

        monkeypatch.setattr("socket.getaddrinfo", listen_in)
        dns["nas.example"] = [["127.0.0.1"], ["10.0.0.7"]]
        trusted = [f"nas.example:{site.port}"]
        fetch(site.url(host="nas.example"), max_bytes=100_000, trusted=trusted)
        assert set(asked) <= {"127.0.0.1"}

    def test_whose_second_answer_is_private_fails_on_the_second_hop(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
        site.pages["/again"] = redirect("/cat.png")
        assert refusal(site.url("/again", host="rebind.example")) == "forbidden_address"
        assert [request.path for request in site.heard] == ["/again"]

    def test_is_tried_at_its_next_address_with_a_share_of_the_time_each(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["two.example"] = [[ALSO_PUBLIC, PUBLIC]]
        wires.dead.add(ALSO_PUBLIC)
        fetch(site.url(host="two.example"), max_bytes=100_000, timeout=4)
        assert wires.dialled == [ALSO_PUBLIC, PUBLIC]
        assert wires.timeouts == [pytest.approx(2, abs=0.3), pytest.approx(4, abs=0.6)]

    def test_is_asked_for_permission_on_every_hop_before_it_is_looked_up(
        self, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["a.example"] = dns["xn--bcher-kva.example"] = [[PUBLIC]]
        site.pages["/on"] = redirect(site.url(host="BÜCHER.example."))
        seen: list[tuple[str, int]] = []
        options: Any = {
            "max_bytes": 100_000,
            "allow": lambda host: seen.append((host, len(dns.asked))),
        }
        fetch(site.url("/on", host="A.example"), **options)
        assert seen == [("a.example", 0), ("xn--bcher-kva.example", 1)]

    def test_that_is_not_allowed_is_not_looked_up(self, dns: Dns) -> None:
        def only_ours(host: str) -> None:
            raise PermissionError(host)

        with pytest.raises(PermissionError, match=r"a\.example"):
            fetch("http://a.example/", max_bytes=1, allow=only_ours)
        assert dns.asked == []

    def test_that_nothing_listens_on_is_unreachable(self) -> None:
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
            assert (
                refusal(f"http://127.0.0.1:{port}/", trusted=[f"127.0.0.1:{port}"]) == "unreachable"
            )


class TestATrustedHost:
    def test_is_trusted_on_its_port_only(self, site: Site, other_site: Site) -> None:
        assert refusal(other_site.url(), trusted=site.trusted) == "forbidden_address"

    def test_is_trusted_under_its_name_only(self, site: Site) -> None:
        assert refusal(site.url(host="2130706433"), trusted=site.trusted) == "forbidden_address"
        assert refusal(site.url(host="localhost"), trusted=site.trusted) == "forbidden_address"

    def test_without_a_port_is_trusted_on_80_and_443(self, dns: Dns, monkeypatch: Any) -> None:
        wires = Wires()
        monkeypatch.setattr("socket.create_connection", _hang_up(wires))
        dns["nas"] = [["192.168.1.4"]]
        for url in ("http://nas/", "https://nas/", "http://NAS.:443/"):
            assert refusal(url, trusted=["Nas"]) == "unreachable"
        assert wires.dialled == ["192.168.1.4"] * 3
        assert refusal("http://nas:8080/", trusted=["nas"]) == "forbidden_address"

    def test_may_use_any_port_and_ipv6(self, dns: Dns, monkeypatch: Any) -> None:
        wires = Wires()
        monkeypatch.setattr("socket.create_connection", _hang_up(wires))
        dns["::1"] = [["::1"]]
        assert refusal("http://[0:0::1]:81/", trusted=["[::1]:81"]) == "unreachable"
        assert wires.dialled == ["::1"]

    @pytest.mark.parametrize(
        "entry", ["", "http://nas", "nas/path", "me@nas", "nas:port", "a b", "::1"]
    )
    def test_written_wrongly_is_a_wrong_setting(self, entry: str) -> None:
        with pytest.raises(ValueError, match="Trusted hosts"):
            fetch("http://a.example/", max_bytes=1, trusted=[entry])

    def test_does_not_make_its_redirects_trusted(self, site: Site, other_site: Site) -> None:
        site.pages["/in"] = redirect(other_site.url())
        assert refusal(site.url("/in"), trusted=site.trusted) == "forbidden_address"
        assert other_site.heard == []

    def test_may_redirect_to_a_public_one(
        self, site: Site, other_site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["127.0.0.1"], dns["public.example"] = [["127.0.0.1"]], [[PUBLIC]]
        site.pages["/out"] = redirect(other_site.url(host="public.example"), status=308)
        fetched = site.fetch("/out")
        assert fetched.file.read() == PICTURE
        assert fetched.url == other_site.url(host="public.example")
        assert wires.dialled == ["127.0.0.1", PUBLIC]


class TestARedirect:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("target", ["/cat.png", "cat.png", "//{authority}/cat.png", "?x=1"])
    def test_is_followed_however_it_is_written(self, site: Site, status: int, target: str) -> None:
        target = target.replace("{authority}", f"127.0.0.1:{site.port}")

        def page(request: BaseHTTPRequestHandler) -> None:
            (answer() if "?" in request.path else redirect(target, status))(request)

        site.pages["/start"] = page
        assert site.fetch("/start").size == len(PICTURE)

    def test_to_a_path_in_raw_utf8_is_followed(self, site: Site) -> None:
        site.pages["/start"] = redirect("/café.png")
        site.pages["/caf%C3%A9.png"] = answer()
        assert site.fetch("/start").filename == "café.png"

    @pytest.mark.parametrize(
        ("target", "code"),
        [
            ("http://169.254.169.254/latest/meta-data", "forbidden_address"),
            ("http://[::ffff:10.0.0.1]/", "forbidden_address"),
            ("http://2130706433:8000/", "forbidden_address"),
            ("file:///etc/passwd", "unsupported_scheme"),
            ("http://me:secret@a.example/", "invalid_url"),
            ("http://[::1", "invalid_url"),
            ("", "bad_status"),
        ],
    )
    def test_is_checked_like_a_first_url(self, site: Site, target: str, code: str) -> None:
        site.pages["/start"] = redirect(target)
        assert refusal(site.url("/start"), trusted=site.trusted) == code

    def test_is_followed_as_often_as_allowed_and_no_more(self, site: Site) -> None:
        for hop in range(3):
            site.pages[f"/{hop}"] = redirect(f"/{hop + 1}")
        site.pages["/3"] = answer()
        assert site.fetch("/0", max_redirects=3).size == len(PICTURE)
        code = refusal(site.url("/0"), trusted=site.trusted, max_redirects=2)
        assert code == "too_many_redirects"

    def test_in_a_circle_ends(self, site: Site) -> None:
        site.pages["/round"] = redirect("/round")
        assert refusal(site.url("/round"), trusted=site.trusted) == "too_many_redirects"
        assert len(site.heard) == 6

    def test_from_https_to_http_is_refused(
        self, secure_site: Site, site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["pictures.example"] = [[PUBLIC]]
        secure_site.pages["/down"] = redirect(site.url(host="pictures.example"))
        code = refusal(secure_site.url("/down", host="pictures.example"))
        assert code == "unsupported_scheme"
        assert site.heard == []


class TestTls:
    def test_is_verified_for_the_name_while_the_address_is_dialled(
        self, secure_site: Site, dns: Dns, wires: Wires
    ) -> None:
        names: list[str | None] = []
        context = secure_site.server.socket.context  # type: ignore[attr-defined]
        context.sni_callback = lambda connection, name, context: names.append(name)
        dns["pictures.example"] = [[PUBLIC]]
        fetched = fetch(secure_site.url(host="pictures.example"), max_bytes=100_000)
        assert fetched.file.read() == PICTURE
        assert names == ["pictures.example"]
        assert wires.dialled == [PUBLIC]

    def test_refuses_the_certificate_of_another_host(
        self, secure_site: Site, dns: Dns, wires: Wires
    ) -> None:
        dns["bank.example"] = [[PUBLIC]]
        assert refusal(secure_site.url(host="bank.example")) == "unreachable"
        assert secure_site.heard == []

    def test_refuses_that_certificate_from_a_trusted_host_too(self, secure_site: Site) -> None:
        assert refusal(secure_site.url(), trusted=secure_site.trusted) == "unreachable"

    def test_refuses_an_unknown_authority(
        self, secure_site: Site, dns: Dns, wires: Wires, monkeypatch: Any, tmp_path: Any
    ) -> None:
        trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
        monkeypatch.setattr("certifi.where", lambda: str(tmp_path / "another.pem"))
        dns["pictures.example"] = [[PUBLIC]]
        assert refusal(secure_site.url(host="pictures.example")) == "unreachable"

    def test_spoken_to_a_plain_server_is_unreachable(self, site: Site) -> None:
        url = site.url().replace("http:", "https:")
        assert refusal(url, trusted=site.trusted) == "unreachable"


class TestTooMuch:
    def test_is_as_little_as_one_byte_more(self, site: Site) -> None:
        assert site.fetch(max_bytes=len(PICTURE)).size == len(PICTURE)
        assert refusal(site.url(), trusted=site.trusted, max_bytes=len(PICTURE) - 1) == "too_large"

    def test_is_refused_by_its_content_length_before_the_body(self, site: Site) -> None:
        site.pages["/big"] = answer(b"", length=False, Content_Length="10000000000")
        assert refusal(site.url("/big"), trusted=site.trusted) == "too_large"

    @pytest.mark.parametrize("chunked", [False, True])
    def test_is_refused_while_streaming_without_a_content_length(
        self, site: Site, chunked: bool
    ) -> None:
        sent = 0

        def endless(request: BaseHTTPRequestHandler) -> None:
            nonlocal sent
            headers: dict[str, Any] = {"Transfer_Encoding": "chunked"} if chunked else {}
            answer(b"", length=False, **headers)(request)
            piece = b"10000\r\n" + b"x" * 65536 + b"\r\n" if chunked else b"x" * 65536
            with suppress(OSError):
                while sent < 1_000_000_000:
                    sent += request.connection.send(piece)

        site.pages["/endless"] = endless
        assert refusal(site.url("/endless"), trusted=site.trusted) == "too_large"
        assert sent < 50_000_000

    @pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "deflate, gzip", "identity, gzip"])
    def test_is_what_a_compressed_body_may_hide(self, site: Site, coding: str) -> None:
        bomb = gzip.compress(bytes(10_000_000))
        site.pages["/bomb"] = answer(bomb, Content_Encoding=coding)
        assert refusal(site.url("/bomb"), trusted=site.trusted) == "bad_status"

    def test_is_what_a_compressed_transfer_may_hide(self, site: Site) -> None:
        site.pages["/bomb"] = answer(gzip.compress(b"x"), Transfer_Encoding="gzip, chunked")
        assert refusal(site.url("/bomb"), trusted=site.trusted) == "bad_status"

    @pytest.mark.parametrize(
        "headers",
        [{f"X-{number}": "x" * 8000 for number in range(20)}, {"X": "x" * 70_000}],
        ids=["many headers", "one long header"],
    )
    def test_is_refused_in_headers_as_well(self, site: Site, headers: dict[str, Any]) -> None:
        site.pages["/head"] = answer(**headers)
        assert refusal(site.url("/head"), trusted=site.trusted) == "too_large"


@contextmanager
def drip_handshake(byte: bytes) -> Iterator[int]:
    """Listen on a port, announce a TLS record of 16 KiB, and send it a byte at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def handshake() -> None:
            with suppress(OSError), listener.accept()[0] as connection:
                connection.sendall(b"\x16\x03\x03\x40\x00" if byte else b"")
                for _ in range(50):
                    connection.sendall(byte)
                    time.sleep(0.1)

        threading.Thread(target=handshake, daemon=True).start()
        yield listener.getsockname()[1]


class TestTheDeadline:
    DRIPS = {
        "status line": drip(b"x"),
        "headers": drip(b"x", start=b"HTTP/1.1 200 OK\r\nX: "),
        "interim answers": drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "body with a length": drip(b"x", start=b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
        "body without a length": drip(b"x", start=b"HTTP/1.1 200 OK\r\n\r\n"),
        "chunks": drip(
            b"1\r\nx\r\n", start=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        "chunk size": drip(b"0", start=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        "trailers": drip(
            b"X: y\r\n", start=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        ),
        "nothing at all": drip(b"", every=0.1),
    }

    @pytest.mark.parametrize("part", DRIPS)
    def test_ends_a_slow_drip_of(self, part: str, site: Site) -> None:
        site.pages["/slow"] = self.DRIPS[part]
        with Stopwatch(1.0):
            assert refusal(site.url("/slow"), trusted=site.trusted, timeout=1) == "timeout"

    def test_ends_a_slow_drip_inside_tls(self, secure_site: Site, dns: Dns, wires: Wires) -> None:
        dns["pictures.example"] = [[PUBLIC]]
        secure_site.pages["/slow"] = self.DRIPS["body without a length"]
        with Stopwatch(1.0):
            assert (
                refusal(secure_site.url("/slow", host="pictures.example"), timeout=1) == "timeout"
            )

    @pytest.mark.parametrize("byte", [b"", b"\x16"], ids=["silent", "dripping"])
    def test_ends_a_handshake_that_goes_nowhere(self, byte: bytes) -> None:
        with drip_handshake(byte) as port, Stopwatch(1.0):
            trusted = [f"127.0.0.1:{port}"]
            assert refusal(f"https://127.0.0.1:{port}/", trusted=trusted, timeout=1) == "timeout"

    def test_ends_a_connection_that_was_made_too_late(self, monkeypatch: Any) -> None:
        connect = socket.create_connection

        def connect_late(*address: Any, **options: Any) -> socket.socket:
            time.sleep(1.8)  # past the deadline, so that its timer has found no socket to cut
            return connect(*address, **options)

        monkeypatch.setattr("socket.create_connection", connect_late)
        with drip_handshake(b"\x16") as port, Stopwatch(1.8):
            trusted = [f"127.0.0.1:{port}"]
            assert refusal(f"https://127.0.0.1:{port}/", trusted=trusted, timeout=1.5) == "timeout"

    def test_ends_a_lookup_that_does_not_return(self, monkeypatch: pytest.MonkeyPatch) -> None:
        release = threading.Event()
        monkeypatch.setattr(module, "resolve", lambda host, port: release.wait(10) and [])
        with Stopwatch(0.5):
            assert refusal("http://a.example/", timeout=0.5) == "timeout"
        release.set()

    def test_covers_all_hops_together(self, site: Site) -> None:
        def slow(request: BaseHTTPRequestHandler) -> None:
            time.sleep(0.4)
            redirect("/round")(request)

        site.pages["/round"] = slow
        with Stopwatch(1.0):
            assert refusal(site.url("/round"), trusted=site.trusted, timeout=1) == "timeout"

    def test_leaves_no_timer_and_no_socket_behind(self, site: Site) -> None:
        def left() -> tuple[int, int]:
            timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
            return len(timers), len(psutil.Process().net_connections("tcp"))

        site.heard = _Forgetful()  # or the server's side would be held open
        before = left()
        site.fetch(timeout=60).file.close()
        assert refusal(site.url("/missing"), trusted=site.trusted) == "bad_status"
        end = time.monotonic() + 5
        while left() != before and time.monotonic() < end:
            time.sleep(0.01)  # the server's threads, and the cancelled timer's, end by themselves
        assert left() == before


class _Forgetful(list[BaseHTTPRequestHandler]):
    def append(self, request: BaseHTTPRequestHandler) -> None:
        pass


class Stopwatch:
    """Fails when its block ends much before or after the given seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        self.start = time.monotonic()

    def __exit__(self, *error: object) -> None:
        if error == (None, None, None):
            assert self.seconds - 0.05 <= time.monotonic() - self.start < self.seconds + 1


class TestABadAnswer:
    @pytest.mark.parametrize("status", [201, 204, 206, 300, 304, 400, 401, 404, 500, 503])
    def test_is_every_status_but_200(self, site: Site, status: int) -> None:
        site.pages["/odd"] = answer(b"", status=status)
        assert refusal(site.url("/odd"), trusted=site.trusted) == "bad_status"

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\x89PNG\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        ],
    )
    def test_that_is_broken_off_or_malformed_leaves_no_file(self, site: Site, raw: bytes) -> None:
        def page(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(raw)

        site.pages["/raw"] = page
        assert refusal(site.url("/raw"), trusted=site.trusted) == "unreachable"

    def test_does_not_blame_the_server_for_a_full_disk(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full() -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tempfile.TemporaryFile", full)
        with pytest.raises(OSError, match="No space left"):
            site.fetch()


@pytest.mark.parametrize("agent", ["Vitrine\r\nX: y", "Vitrine (+https://bücher.example)"])
def test_a_user_agent_that_is_no_header_is_a_wrong_setting(agent: str) -> None:
    with pytest.raises(ValueError, match="User-Agent"):
        fetch("http://a.example/", max_bytes=1, user_agent=agent)
