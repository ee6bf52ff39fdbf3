"""What goes wrong with accounts: one error with a stable code and a message that anybody may read."""

from __future__ import annotations

# In the units that every page uses.
MB = 1024 * 1024


class AccountError(Exception):
    """A refusal. `code` is stable and for programs, `message` is for people, `param` names the input."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param


class NoKey(AccountError):
    """The request carries no API key."""

    def __init__(self) -> None:
        super().__init__("no_key", "No API key was given.", "key")


class InvalidKey(AccountError):
    """The API key is unknown, revoked, switched off, or its account is closed."""

    def __init__(self) -> None:
        super().__init__("invalid_key", "Invalid API key.", "key")


class MissingScope(AccountError):
    """The API key is good, but it may not do this."""

    def __init__(self, scope: str) -> None:
        super().__init__("missing_scope", f"This key may not do this: it lacks the scope {scope}.")


class BadScopes(AccountError):
    """A key was requested with no scopes, with unknown ones, or with more than its maker may give."""

    def __init__(self, message: str) -> None:
        super().__init__("invalid_scopes", message, "scopes")


class BadEnd(AccountError):
    """A key was requested that would expire before it begins."""

    def __init__(self) -> None:
        super().__init__("invalid_ends_at", "ends_at must be in the future.", "ends_at")


class GuestsRefused(AccountError):
    """The site takes nothing from people without an account."""

    def __init__(self) -> None:
        super().__init__("uploads_disabled", "Request denied: guest uploads are switched off.")


class AccountSuspended(AccountError):
    """Moderators suspended the account; its keys and sessions open nothing but its notices."""

    def __init__(self) -> None:
        super().__init__("account_suspended", "This account is suspended.")


class UploadsFrozen(AccountError):
    """Moderators stopped the account from uploading."""

    def __init__(self) -> None:
        super().__init__("uploads_frozen", "This account may not upload anything at the moment.")


class StorageFull(AccountError):
    """The file does not fit into the account's storage."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "storage_full",
            f"Your storage is full: your account can hold {limit / MB:,.0f} MB. "
            "Delete files to make room; your existing files stay available.",
        )


class DailyLimit(AccountError):
    """The account has done as much today as it may. `seconds`: until it may do more."""

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(
            "daily_limit", f"Daily limit exceeded: {limit} a day. It resets at midnight UTC."
        )
        self.limit = limit
        self.seconds = seconds


class RateLimited(AccountError):
    """The key has made as many requests in this minute as it may. `seconds`: until it may make more."""

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(
            "rate_limited",
            f"Too many requests: this key may make {limit} a minute. Try again in {seconds} s.",
        )
        self.limit = limit
        self.seconds = seconds


class TooMuchWork(AccountError):
    """Too much was sent; no more is accepted for `seconds`. limit: how much a whole span allows."""

    def __init__(self, message: str, limit: int, seconds: int) -> None:
        super().__init__("rate_limited", message)
        self.limit = limit
        self.seconds = seconds
