"""A server that speaks OpenAI's API: calling it with limited time and bytes, and its errors.

The operator has chosen it, so it may be in our own network. Its answers are not trusted: no redirect is
followed, nothing is decompressed or held beyond the limits, and none of its messages, which may repeat a key,
reaches people or logs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from hosting.errors import HostingError

if TYPE_CHECKING:
    import httpx2
    import openai

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)
# One request: given the client, what to send beside what every such server takes, and the seconds left.
Ask = Callable[["openai.OpenAI", Mapping[str, Any], float], Any]

CONNECT_SECONDS = 5.0
RETRIES = 2
RETRY_SECONDS = 0.5
# The words in which such servers say that it is the prompt that they do not like.
REFUSALS = frozenset({"content_policy_violation", "moderation_blocked", "content_filter"})


def refused() -> HostingError:
    """The error for a prompt that a model refuses."""
    return HostingError("refused_prompt")


@dataclass(frozen=True)
class Service:
    """One such server. seconds: for everything that one call of ask() does. bytes: of one answer."""

    url: str
    key: str = field(repr=False)
    seconds: float
    bytes: int

    def ask(self, ask: Ask, optional: Mapping[str, Any], answer: type[Answer]) -> Answer:
        """What it answers. What it does not know of `optional` is left out, and it is asked again.

        Where it is too busy or cannot be reached it is asked RETRIES times more, while there is time. Raises
        HostingError: backend_failed, timed_out, busy or refused_prompt.
        """
        import openai

        client = _client(self.url, self.key, self.bytes)
        until = time.monotonic() + self.seconds
        retries = RETRIES
        while True:
            try:
                raw = ask(client, optional, max(0.1, until - time.monotonic()))
                return answer.model_validate_json(raw.content)
            except openai.APITimeoutError:
                logger.warning("the model at %s took too long", self.url)
                raise HostingError("timed_out.model") from None
            except openai.APIStatusError as error:
                if {str(error.code), str(error.type)} & REFUSALS:
                    raise refused() from None
                known = _known(error, optional)
                if known is not None:
                    optional = known
                    continue
                refusal = _refusal(self.url, error)
                again = error.status_code == 429 or error.status_code >= 500
            except openai.APIConnectionError as error:
                logger.warning("the model at %s: %s", self.url, type(error.__cause__).__name__)
                refusal, again = HostingError("backend_failed.unreachable"), True
            except (ValidationError, openai.OpenAIError) as error:
                logger.warning("the model at %s answered with %s", self.url, type(error).__name__)
                raise HostingError("backend_failed.nonsense") from None
            if not again or not retries or time.monotonic() + RETRY_SECONDS >= until:
                # Not `from error`: that carries the request with its key.
                raise refusal from None
            retries -= 1
            time.sleep(RETRY_SECONDS)


def _known(error: openai.APIStatusError, optional: Mapping[str, Any]) -> dict[str, Any] | None:
    """`optional` without the parameters that the server rejects; None where it rejects none of them."""
    if error.status_code not in (400, 422):
        return None
    complaint = f"{error.param} {error.body}"
    known = {name: value for name, value in optional.items() if name not in complaint}
    return known if len(known) < len(optional) else None


def _refusal(url: str, error: openai.APIStatusError) -> HostingError:
    logger.warning("the model at %s answered with status %d", url, error.status_code)
    if error.status_code == 429:
        return HostingError("busy.model")
    return HostingError("backend_failed")


@lru_cache(maxsize=8)
def _client(url: str, key: str, most: int) -> openai.OpenAI:
    """The client of one server for the whole process; threads may share it."""
    import openai

    from hosting.backends.bounded import BoundedTransport

    return openai.OpenAI(
        base_url=url,
        # Servers without keys take any, and the library wants one.
        api_key=key or "none",
        max_retries=0,
        default_headers={"Accept-Encoding": "identity"},
        http_client=openai.DefaultHttpxClient(
            transport=BoundedTransport(most), follow_redirects=False
        ),
    )


def timeout(seconds: float) -> httpx2.Timeout:
    """For one request: so long for its answer, and at most CONNECT_SECONDS to connect."""
    import httpx2

    return httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
