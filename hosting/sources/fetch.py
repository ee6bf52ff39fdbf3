"""The only module that opens an address a user typed.

What makes that safe belongs here: which addresses may be asked, how the answer is limited, what
name the file claims. What the bytes are (`processing`), and who may import by address (`accounts`),
do not. How a request is kept away from the server's own network:

- a URL is taken apart once, and that result is what is looked up, checked, asked and verified;
- its name is looked up once, and *every* address found has to be public: a name with one public and
  one private address is an attempt. The connection goes to a checked address, never to the name;
- a redirect is a new URL: parsed, allowed, looked up and checked like the first;
- one deadline covers lookups, connections, headers and body. It cuts the socket, since a socket's
  own timeout starts again with every byte that drips in;
- no proxy of the environment is used: it would look the name up a second time.
"""

import contextlib
import ipaddress
import re
import socket
import ssl
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException, LineTooLong
from types import MappingProxyType
from typing import BinaryIO, cast
from urllib.parse import quote, unquote, urljoin, urlsplit

import certifi
import urllib3.exceptions
from django.utils.http import parse_header_parameters
from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

from hosting.errors import HostingError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL = 4096  # characters
MAX_HEADERS = 64 * 1024  # bytes; http.client itself stops at 100 lines of 64 KiB
MAX_FILENAME = 200  # characters
MAX_ADDRESSES = 4  # tried in turn
BLOCK = 64 * 1024  # bytes
DEFAULT_PORTS = {"http": 80, "https": 443}

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
UNICAST6 = ipaddress.IPv6Network("2000::/3")  # the only part of IPv6 that is handed out
# Spelled out where Python releases differ about `is_global`, or where it knows no better.
SPECIAL = (
    ipaddress.ip_network("100.64.0.0/10"),  # carrier-grade NAT, and Alibaba's metadata service
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's host agent, never off the machine
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments, and Oracle's metadata service
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.ip_network("198.18.0.0/15"),  # benchmarking
    ipaddress.ip_network("2001::/23"),  # protocol assignments: Teredo, benchmarking, ORCHID
    ipaddress.ip_network("2001:db8::/32"),  # documentation
    ipaddress.ip_network("2002::/16"),  # 6to4
    ipaddress.ip_network("3fff::/20"),  # documentation
)

# getaddrinfo cannot be interrupted: a lookup that outlives its fetch keeps its thread until the
# system's resolver gives up. The pool bounds how many of them a process can collect.
_resolver = ThreadPoolExecutor(max_workers=32, thread_name_prefix="fetch-lookup")


class FetchError(HostingError):
    """Why a URL was not fetched. `message` is for the user: it names no address and no cause.

    invalid_url: cannot be read, or carries a user name, a password or a zone. unsupported_scheme: neither http
    nor https, or a redirect from https down to http. forbidden_address: not a public address, not a permitted
    port. unreachable: unknown name, refused or lost connection, TLS, an answer that breaks HTTP. too_large: the
    body, or the headers. bad_status: not a 200 with a plain body. timeout, too_many_redirects: as they say.
    """

    def __init__(self, name: str, /, **values: object) -> None:
        super().__init__(name, param="source", **values)


@dataclass(frozen=True)
class Fetched:
    """A complete body; the receiver closes `file`. The texts are what the server claims."""

    file: BinaryIO  # anonymous temporary file, at its beginning
    size: int  # bytes
    url: str  # after redirects, without the fragment
    filename: str  # for display only; may be empty
    content_type: str  # lower case, without parameters; may be empty


def fetch(
    url: str,
    *,
    max_bytes: int,
    trusted: Collection[str] = (),
    timeout: float = 20.0,
    max_redirects: int = 5,
    allow: Callable[[str], None] | None = None,
    user_agent: str = "Vitrine",
) -> Fetched:
    """Download `url` into a temporary file.

    `max_bytes` bounds the body. `timeout` is in seconds, for everything together. `trusted` holds
    "host:port", or "host" for ports 80 and 443, as URLs spell them: these may be at any address.
    `allow` is given the host name of every hop (lower case, IDNA, no brackets) before it is looked
    up; what it raises is passed on. Raises FetchError; ValueError for a wrong setting.
    """
    exempt = _read_trusted(trusted)
    if not (user_agent.isascii() and user_agent.isprintable()):
        raise ValueError(f"A User-Agent has to be printable ASCII: {user_agent!r}")
    location = _parse(url)
    with contextlib.closing(_Deadline(timeout)) as deadline:
        for _ in range(max_redirects + 1):
            if allow is not None:
                allow(location.host)
            addresses = _find_addresses(location, exempt, deadline)
            with _ask(location, addresses, deadline, user_agent) as response:
                if target := response.get_redirect_location():
                    location = _follow(location, target)
                    continue
                file, size = _save(response, max_bytes, deadline)
                name = _name_file(location, response.headers.get("Content-Disposition", ""))
                kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                return Fetched(file, size, location.url, name, kind)
    raise FetchError("too_many_redirects")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    trusted: Collection[str] = (),
    timeout: float = 10.0,
    user_agent: str = "Vitrine",
) -> int:
    """Send `body` to `url` and return the status of the answer; the rest of the answer is not read.

    A redirect is an answer like any other: it is not followed. `trusted`, `timeout` and errors: as of fetch().
    """
    exempt = _read_trusted(trusted)
    location = _parse(url)
    with contextlib.closing(_Deadline(timeout)) as deadline:
        addresses = _find_addresses(location, exempt, deadline)
        with _ask(location, addresses, deadline, user_agent, body, headers) as response:
            return response.status


def check(url: str) -> None:
    """Raise FetchError for an invalid web address. Nothing is looked up."""
    _parse(url)


def resolve(host: str, port: int) -> list[Address]:
    """Ask the system for the addresses of `host`, in its order of preference.

    The system also reads the old spellings of IPv4 (2130706433, 0177.1, 0x7f.0.0.1), which is why
    they need no reading here. Raises OSError for an unknown name.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A dictionary keeps the order; %zone is left in, and makes an address not public below.
    return list(dict.fromkeys(ipaddress.ip_address(answer[4][0]) for answer in answers))


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet, the only place to fetch from.

    IPv4 inside IPv6 (mapped, compatible, 6to4, Teredo) is refused whatever it holds. The exception
    is NAT64's well-known prefix: on an IPv6-only network it is how every IPv4 site is reached, so
    there the address inside decides.
    """
    if address in NAT64:
        return is_public(ipaddress.IPv4Address(address.packed[-4:]))
    if isinstance(address, ipaddress.IPv6Address):
        ordinary = address in UNICAST6 and address.scope_id is None
    else:
        ordinary = not address.is_multicast and not address.is_reserved
    return ordinary and address.is_global and not any(address in network for network in SPECIAL)


@dataclass(frozen=True)
class _Location:
    """A URL taken apart, in the one spelling used from here on."""

    scheme: str
    host: str
    port: int
    path: str  # with the query, percent-encoded

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


class _Deadline:
    """Ends a fetch at one moment, by shutting down whatever socket is open then."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        self._timer.cancel()
        self.watch(None)

    def remaining(self) -> float:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise FetchError("timeout")
        return seconds

    def watch(self, connected: socket.socket | None) -> None:
        """Cut this socket at the deadline, instead of the one before it."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            # A duplicate, because TLS takes the descriptor away from the socket it wraps.
            self._socket = None if connected is None else connected.dup()
        if time.monotonic() >= self._end:
            self._cut()

    def _cut(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)


def _parse(url: str, base: str = "") -> _Location:
    url = url.strip()
    invalid = FetchError("invalid_url")
    if len(url) > MAX_URL or any(unicodedata.category(char) in ("Cc", "Cs") for char in url):
        raise invalid
    try:
        parts = urlsplit(urljoin(base, url))
        scheme, host, port = parts.scheme, _normalise_host(parts.hostname or ""), parts.port
    except ValueError as error:
        raise invalid from error
    if scheme and scheme not in DEFAULT_PORTS:
        raise FetchError("unsupported_scheme")
    if not scheme or not host:
        raise invalid
    if "@" in parts.netloc:
        raise FetchError("invalid_url.signed")
    # What is encoded already stays as it is.
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|")
    return _Location(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, path)


def _normalise_host(host: str) -> str:
    """Return the host in plain lower-case ASCII, "" if there is none. Raises ValueError."""
    if ":" in host:
        address = ipaddress.IPv6Address(host)
        if address.scope_id is not None:
            raise ValueError("a zone means something on this machine only")
        return str(address)
    # This makes plain digits and dots of full-width ones.
    name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    if not re.fullmatch(r"[a-z0-9._-]*", name):
        raise ValueError("not a host name")
    return name


def _read_trusted(entries: Collection[str]) -> set[tuple[str, int]]:
    wrong = ValueError(f"Trusted hosts are written host or host:port, unlike in {entries!r}")
    try:
        places = [_parse(f"{scheme}://{entry}") for entry in entries for scheme in DEFAULT_PORTS]
    except FetchError as error:
        raise wrong from error
    if any(place.path != "/" for place in places):
        raise wrong
    return {(place.host, place.port) for place in places}


def _find_addresses(
    location: _Location, exempt: set[tuple[str, int]], deadline: _Deadline
) -> list[Address]:
    trusted = (location.host, location.port) in exempt
    # Below 1024 live mail, file and directory services that an HTTP request can disturb.
    if not trusted and location.port not in DEFAULT_PORTS.values() and location.port < 1024:
        raise FetchError("forbidden_address.port")
    lookup = _resolver.submit(resolve, location.host, location.port)
    try:
        with _explained(deadline):
            addresses = lookup.result(timeout=deadline.remaining())
    finally:
        lookup.cancel()  # one that still waits for a thread need not run any more
    if not trusted and not all(is_public(address) for address in addresses):
        raise FetchError("forbidden_address")
    return addresses


@contextlib.contextmanager
def _ask(
    location: _Location,
    addresses: list[Address],
    deadline: _Deadline,
    user_agent: str,
    body: bytes | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[HTTPResponse]:
    """Send the request, a POST where there is a body, and hold the connection open while the answer is read."""
    headers = {
        **more,
        "Host": location.authority,
        "User-Agent": user_agent,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    method = "GET" if body is None else "POST"
    with contextlib.closing(_connect(location, addresses, deadline)) as connection:
        with _explained(deadline):
            connection.timeout = deadline.remaining()
            connection.request(
                method, location.path, body=body, headers=headers, preload_content=False
            )
            response = connection.getresponse()
        with contextlib.closing(response):
            if sum(len(name) + len(text) for name, text in response.headers.items()) > MAX_HEADERS:
                raise FetchError("too_large.headers")
            yield response


def _connect(location: _Location, addresses: list[Address], deadline: _Deadline) -> HTTPConnection:
    """Connect to the first address that answers. Only this function opens connections."""
    failure = FetchError("unreachable.unknown")
    for position, address in enumerate(addresses[:MAX_ADDRESSES]):
        # An address that swallows packets must not use up the time of those after it.
        share = deadline.remaining() / (min(len(addresses), MAX_ADDRESSES) - position)
        connection = HTTPConnection(str(address), location.port)
        try:
            with _explained(deadline):
                opened = socket.create_connection((str(address), location.port), timeout=share)
                # Before the TLS handshake, which can drip as well.
                deadline.watch(opened)
                if location.scheme == "https":
                    tls = ssl.create_default_context(cafile=certifi.where())
                    # The name is sent as SNI, and OpenSSL compares the certificate with it.
                    opened = tls.wrap_socket(opened, server_hostname=location.host)
                connection.sock = opened
                return connection
        except FetchError as error:
            failure = error
    raise failure


@contextlib.contextmanager
def _explained(deadline: _Deadline) -> Iterator[None]:
    """Turn what the network and its libraries raise into a FetchError."""
    try:
        yield
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        # Cutting the socket looks like a lost connection: the clock knows better.
        deadline.remaining()
        if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
            raise FetchError("timeout") from error
        if isinstance(error, LineTooLong):
            raise FetchError("too_large.header") from error
        raise FetchError("unreachable") from error


def _follow(location: _Location, target: str) -> _Location:
    # Header bytes arrive as Latin-1; browsers read them as UTF-8.
    target = target.encode("latin-1", "replace").decode("utf-8", "replace")
    following = _parse(target, base=location.url)
    if location.scheme == "https" and following.scheme == "http":
        raise FetchError("unsupported_scheme.downgrade")
    return following


def _save(response: HTTPResponse, max_bytes: int, deadline: _Deadline) -> tuple[BinaryIO, int]:
    if response.status != 200:
        raise FetchError("bad_status", status=response.status)
    # "identity" was asked for. To inflate something else is to let the server choose the size.
    content = response.headers.get("Content-Encoding", "identity").strip().lower()
    transfer = response.headers.get("Transfer-Encoding", "chunked").strip().lower()
    if content not in ("", "identity") or transfer != "chunked":
        raise FetchError("bad_status.compressed")
    too_large = FetchError("too_large", size=max_bytes)
    if (response.length_remaining or 0) > max_bytes:
        raise too_large
    size = 0
    with contextlib.ExitStack() as on_failure:
        file = cast(BinaryIO, on_failure.enter_context(tempfile.TemporaryFile()))
        while True:
            # Only the reading is explained: a full disk is not the server's doing.
            with _explained(deadline):
                # Not stream(): its chunk reader takes a line of any length into memory.
                block = response.read(BLOCK, decode_content=False)
            # Before the end is believed: a body without a length ends the same way when cut.
            deadline.remaining()
            if not block:
                break
            size += len(block)
            if size > max_bytes:
                raise too_large
            file.write(block)
        file.seek(0)
        on_failure.pop_all()
    return file, size


def _name_file(location: _Location, disposition: str) -> str:
    """Return the name the server gives the file, or else the address, made fit to be shown."""
    path = unquote(location.path.partition("?")[0])
    with contextlib.suppress(ValueError):
        text = disposition[:1000].encode("latin-1", "replace").decode("utf-8", "replace")
        path = str(parse_header_parameters(text)[1].get("filename", "")) or path
    last = path.replace("\\", "/").rpartition("/")[2]
    # Category C: control characters, and those that turn the direction of the text around.
    shown = "".join(char for char in last if not unicodedata.category(char).startswith("C"))
    return " ".join(shown.split()).strip(". ")[-MAX_FILENAME:]  # the end holds the extension
