"""What the simulated provider answers, and every way in which it can fail to."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reply:
    """
    How the simulator answers one request. Times in seconds; `…_after` counts pieces of the text.

    Without streaming, `cut_after`, `hang_after`, `drip_after` and `malformed_after` happen in the middle of the JSON,
    and `error_after` makes the whole answer an error object with status 200.
    """

    text: str = "Parental leave is 16 weeks [1]."
    piece_chars: int = 5
    first_token_s: float = 0.0
    token_s: float = 0.0
    tool_calls: tuple[tuple[str, str], ...] = ()
    """Names and arguments (JSON)."""
    thoughts: str = ""
    finish: str = ""
    """The format's own word for why it ended; found by itself when empty."""

    with_usage: bool = True
    input_tokens: int = 1000
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    """Both are part of `input_tokens`, as in OpenAI's usage."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error_type: str = ""
    error_message: str = ""
    content_type: str = ""
    """When set, the text is the whole body, under this type."""

    hangs: bool = False
    """Nothing at all comes back."""
    drops: bool = False
    """The connection is closed without an answer."""
    cut_after: int | None = None
    error_after: int | None = None
    malformed_after: int | None = None
    hang_after: int | None = None
    drip_after: int | None = None
    """From there on only keep-alives."""
    drip_s: float = 0.02
    with_finish: bool = True
    with_done: bool = True
    ignores_stream: bool = False
    split_bytes: bool = False

    @property
    def pieces(self) -> list[str]:
        return [self.text[i : i + self.piece_chars] for i in range(0, len(self.text), self.piece_chars)]


RATE_LIMITED = Reply(status=429, error_type="rate_limit_error", error_message="Rate limit reached, slow down.")
RATE_LIMITED_FOR_A_WHILE = Reply(status=429, headers={"Retry-After": "7"}, error_type="rate_limit_error")
RATE_LIMITED_BY_HEADERS = Reply(
    status=429,
    headers={
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
    },
    error_type="rate_limit_error",
)
SERVER_ERROR = Reply(status=500, error_type="api_error", error_message="Internal server error.")
OVERLOADED = Reply(status=503, error_type="overloaded_error", error_message="Overloaded.")
EXPIRED_KEY = Reply(status=401, error_type="authentication_error", error_message="Incorrect API key provided.")
NO_SUCH_MODEL = Reply(status=404, error_type="not_found_error", error_message="The model does not exist.")
BAD_REQUEST = Reply(
    status=400, error_type="invalid_request_error", error_message="Unsupported parameter: 'max_tokens'."
)
CONTEXT_TOO_LONG = Reply(
    status=400,
    error_type="invalid_request_error",
    error_message="This model's maximum context length is 8192 tokens, your prompt is too long.",
)
FILTERED = Reply(status=400, error_type="content_policy_violation", error_message="Not allowed by our policy.")
NO_MONEY = Reply(status=429, error_type="insufficient_quota", error_message="Your credit balance is too low.")
HANGS = Reply(hangs=True)
DROPS = Reply(drops=True)
HANGS_MIDWAY = Reply(hang_after=3)
DRIPS = Reply(drip_after=3)
DRIPS_FROM_THE_START = Reply(drip_after=0)
CUT = Reply(cut_after=3)
MALFORMED = Reply(malformed_after=3)
ERROR_MIDWAY = Reply(error_after=3, error_type="overloaded_error", error_message="Overloaded.")
EMPTY = Reply(text="")
WRONG_TYPE = Reply(content_type="text/html", text="<html><body>Sign in to the hotel's Wi-Fi</body></html>")
