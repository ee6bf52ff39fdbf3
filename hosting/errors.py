"""What goes wrong in hosting: one error with a stable code and a message that anybody may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hosting.models import HostedFile


class HostingError(Exception):
    """A refusal. `code` is stable and for programs, `message` is for people, `param` names the input."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param


class TooManyTries(HostingError):
    """Too many wrong passwords. `seconds`: until they are forgotten."""

    def __init__(self, seconds: int) -> None:
        super().__init__("rate_limited", "Too many wrong passwords. Try again later.", "password")
        self.seconds = seconds


class Duplicate(HostingError):
    """The same owner has the same content already: `file` is the one that is there."""

    def __init__(self, file: HostedFile) -> None:
        super().__init__("duplicate", "Duplicated upload", "source")
        self.file = file
