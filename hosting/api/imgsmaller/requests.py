"""What ImgSmaller's callers send: one file in any of three ways, a target size, an output."""

from __future__ import annotations

import re
from collections.abc import Callable

from accounts.models import User
from hosting.api.body import Body
from hosting.api.view import NOTHING
from hosting.errors import HostingError
from hosting.sources.source import Source, from_base64, from_upload, from_url, too_large
from processing import FORMATS, Limits, ProcessingError, detect, inspect
from processing.formats import HEAD

# Names as callers write them, and the formats they mean; None keeps the input's.
OUTPUTS = {
    "jpeg": "jpeg",
    "jpg": "jpeg",
    "png": "png",
    "webp": "webp",
    "avif": "avif",
    "original": None,
}
INPUTS = [name for name, format in OUTPUTS.items() if format]
AUTO = "auto"
UNITS = {
    "": 1,
    "b": 1,
    "k": 1024,
    "kb": 1024,
    "kib": 1024,
    "m": 1024**2,
    "mb": 1024**2,
    "mib": 1024**2,
}
SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)")
# Larger than any file that is taken: a target that nothing misses.
LARGEST_TARGET = 2**40


def target_of(body: Body) -> int | None:
    """`target_size` in bytes, KB being 1024 of them; None for `auto`. Raises HostingError."""
    text = body.text("target_size").lower()
    if text == AUTO or text in NOTHING:
        return None
    match = SIZE.fullmatch(text)
    unit = UNITS.get(match[2]) if match else None
    target = int(float(match[1]) * unit) if match and unit else 0
    if not 0 < target <= LARGEST_TARGET:
        raise HostingError("invalid_target_size")
    return target


def output_of(body: Body) -> str:
    """The name of the output as the caller writes it. Raises HostingError for an unknown one."""
    if (name := body.text("output").lower()) in NOTHING:
        return "original"
    if name not in OUTPUTS:
        raise HostingError("invalid_output", names=", ".join(OUTPUTS))
    return name


def source_of(body: Body, user: User, limits: Limits) -> Source:
    """The picture: `file`, `file_base64` or `file_url`. Raises HostingError or ProcessingError."""
    source = _sent(body, user, limits)
    if source.size > limits.bytes:
        raise too_large(limits.bytes)
    try:
        format = detect(source.file.read(HEAD)).name
        taken = any(name in FORMATS[format].extensions or name == format for name in INPUTS)
    except ProcessingError:
        taken = False
    source.file.seek(0)
    if not taken:
        raise HostingError("unsupported_format.image_type", param="file", formats=", ".join(INPUTS))
    # Damaged headers and bombs are reported now; deeper damage, in the result.
    inspect(source.file, limits)
    source.file.seek(0)
    return source


def _sent(body: Body, user: User, limits: Limits) -> Source:
    if (part := body.file("file")) is not None:
        return from_upload(part.file, part.filename or "")
    if (text := body.value("file_base64")) is not None and not text.is_empty:
        return from_base64(text.file, max_bytes=limits.bytes, urlencoded=text.urlencoded)
    if url := body.text("file_url"):
        return from_url(url, max_bytes=limits.bytes, allow=only_from(user.allowed_domain))
    raise HostingError("missing_file.three_ways")


def only_from(domain: str) -> Callable[[str], None]:
    """A check that refuses hosts other than `domain` and its subdomains; also run after each redirect."""
    own = _as_the_net_spells_it(domain)
    if not own:
        raise HostingError("forbidden.no_domain")

    def allow(host: str) -> None:
        if host != own and not host.endswith(f".{own}"):
            raise HostingError("forbidden.domain", domain=domain)

    return allow


def _as_the_net_spells_it(domain: str) -> str:
    """A domain in the form that URLs use; operators may enter it in Unicode and in any case."""
    text = domain.strip().lower().rstrip(".")
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        return text
