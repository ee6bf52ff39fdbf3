"""The one error of this package: a stable code, a message fit for the public, and the parameter.

Whatever goes wrong with bytes or parameters that came from outside is a ProcessingError; any other
exception that leaves this package is a bug. The codes are part of the public interface.
"""

from __future__ import annotations

from typing import Literal, get_args

Code = Literal[
    "unsupported_format",  # not one of FORMATS, or not one that can do what was asked
    "invalid_image",  # of a known format, but undecodable, truncated or corrupt
    "too_many_bytes",
    "too_many_pixels",
    "too_many_frames",
    "too_long",
    "invalid_parameter",
    "invalid_document",  # a Word document that is damaged, or that a password protects
    "engine_missing",  # needs a program that is not installed; the message names its package
    "timed_out",  # it took longer than it may
    "busy",  # too much of it is being done already; later it may go
]

CODES: frozenset[str] = frozenset(get_args(Code))


class ProcessingError(Exception):
    """Input that cannot be processed; `message` holds nothing about the machine it ran on."""

    def __init__(self, code: Code, message: str, param: str | None = None) -> None:
        # All three go to Exception, so that the error survives pickling between processes.
        super().__init__(code, message, param)
        self.code: Code = code
        self.message = message
        self.param = param

    def __str__(self) -> str:
        return self.message


class InvalidImage(ProcessingError):
    """Raised so often by the container readers that it deserves a name: code `invalid_image`."""

    def __init__(self, message: str = "The file is damaged or incomplete.") -> None:
        super().__init__("invalid_image", message)

    def __reduce__(self) -> tuple[type[InvalidImage], tuple[str]]:
        return type(self), (self.message,)
