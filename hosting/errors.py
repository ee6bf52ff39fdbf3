"""What goes wrong in hosting: one error with a stable code and a message that anybody may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

if TYPE_CHECKING:
    from django.http import HttpRequest

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
        super().__init__(
            "rate_limited", "Too many wrong passwords. Try again in ten minutes.", "password"
        )
        self.seconds = seconds


class Duplicate(HostingError):
    """The same owner has the same content already: `file` is the one that is there."""

    def __init__(self, file: HostedFile) -> None:
        super().__init__("duplicate", "Duplicated upload", "source")
        self.file = file


class NoTurn(HostingError):
    """The web server had no turn for a request that works on pictures. `seconds`: when to try again."""

    seconds = 5


_NO_TURN = {
    "busy": (
        "busy",
        _("Too many pictures are being worked on just now. Try again in a few seconds."),
    ),
    "interrupted": ("worker_lost", _("The work was interrupted. Try again in a few seconds.")),
}


def no_turn(request: HttpRequest) -> NoTurn | None:
    """Why the web server had no turn for `request` (see server.application); None where it had one."""
    reason = request.META.get("vitrine.no_turn")
    return NoTurn(*_NO_TURN[reason]) if reason else None
