"""
What can go wrong with one call to one provider, and what the gateway makes of each.

Each fault is named once, here; retries, the breaker and the choice of the next model go by the name, never by text.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from askacme.lib.errors import ModelUnavailable
from governance.gateway.types import Completed
from governance.guardrails.pii.log_filter import without_values


class Fault(StrEnum):
    UNREACHABLE = "unreachable"  # no connection: refused, unknown host, TLS
    FIRST_TOKEN_TIMEOUT = "first_token_timeout"  # noqa: S105  (no secret)  # connected, but no first token in time
    STALLED = "stalled"  # began, then nothing for too long, or longer than the whole answer may take
    RATE_LIMITED = "rate_limited"  # 429
    QUOTA_EXHAUSTED = "quota_exhausted"  # the account has no money left
    OVERLOADED = "overloaded"  # 500, 502, 503, 529, or the same said in mid-stream
    BROKEN_OFF = "broken_off"  # the connection was cut before the end
    MALFORMED = "malformed"  # not what the protocol says: JSON, content type, missing parts
    EMPTY = "empty"  # a good answer without a word
    NO_ROOM = "no_room"  # all output tokens went into thoughts
    UNAUTHORIZED = "unauthorized"  # 401, 403: wrong or expired key
    UNKNOWN_MODEL = "unknown_model"  # 404
    BAD_REQUEST = "bad_request"  # another 4xx: the request is at fault, or the configuration
    CONTEXT_TOO_LONG = "context_too_long"  # the input doesn't fit the model's window
    REFUSED = "refused"  # the model or the provider's filter won't answer this


PASSING = frozenset(
    {
        Fault.UNREACHABLE,
        Fault.STALLED,
        Fault.RATE_LIMITED,
        Fault.OVERLOADED,
        Fault.BROKEN_OFF,
        Fault.MALFORMED,
        Fault.EMPTY,
    }
)
"""Faults that a second try may not meet again. Not the first token's: whoever waited so long won't wait once more."""

UNHEALTHY = (PASSING - {Fault.RATE_LIMITED}) | {
    Fault.FIRST_TOKEN_TIMEOUT,
    Fault.UNAUTHORIZED,
    Fault.QUOTA_EXHAUSTED,
    Fault.UNKNOWN_MODEL,
}
"""Faults that speak against the deployment, not against the request: the breaker counts them."""


class ProviderFailed(ModelUnavailable):
    """
    One call failed. Its words, some of which quote what was asked, hold nobody's values: they are stored and logged.

    `retry_after_s` is what the provider asked for, `status` its HTTP status, `rate_limits` its rate-limit headers as
    in `types.Completed`. `usage` is what has to be paid all the same; None: nothing.
    """

    def __init__(
        self,
        fault: Fault,
        detail: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        rate_limits: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(whole(without_values(detail.replace("\0", ""))))
        self.fault = fault
        self.status = status
        self.retry_after_s = retry_after_s
        self.rate_limits = rate_limits
        self.usage: Completed | None = None


def whole(text: str) -> str:
    """Without halves of characters, which JSON can escape and no database takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
