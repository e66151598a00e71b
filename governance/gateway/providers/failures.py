"""
What a provider's error answer means.

Statuses say most of it; codes and phrases say the rest, for providers tell "too long", "no money" and "not this" with
the same 400. The phrases are those of OpenAI, Azure, Anthropic, vLLM, llama.cpp, DeepSeek, OpenRouter and LiteLLM.
"""

import json
from typing import Any

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers.values import JsonObject, an_object

DETAIL_CHARS = 200

_PHRASES: tuple[tuple[Fault, tuple[str, ...]], ...] = (
    (
        Fault.CONTEXT_TOO_LONG,
        (
            "context_length_exceeded",
            "maximum context length",
            "prompt is too long",
            "context window",
            "contextwindowexceeded",
            "exceed_context_size",
            "available context size",
            "request_too_large",
            "request too large for",
            "input is too long",
            "exceed context limit",
        ),
    ),
    (
        Fault.QUOTA_EXHAUSTED,
        (
            "insufficient_quota",
            "credit balance is too low",
            "insufficient balance",
            "insufficient credits",
            "billing_hard_limit",
            "billing_error",
            "budget has been exceeded",
            "budget_exceeded",
        ),
    ),
    (Fault.UNAUTHORIZED, ("no_db_connection",)),  # LiteLLM without a database: any key but its master key
    (Fault.UNKNOWN_MODEL, ("invalid model name",)),  # LiteLLM, with 400
    (
        Fault.REFUSED,
        (
            "content_policy_violation",
            "contentpolicyviolation",
            "content_filter",
            "content management policy",
            "responsibleaipolicyviolation",
            "output blocked by content filtering",
        ),
    ),
)

_STATUSES = {
    401: Fault.UNAUTHORIZED,
    402: Fault.QUOTA_EXHAUSTED,
    403: Fault.UNAUTHORIZED,
    404: Fault.UNKNOWN_MODEL,
    408: Fault.OVERLOADED,
    409: Fault.OVERLOADED,
    413: Fault.CONTEXT_TOO_LONG,
    425: Fault.OVERLOADED,
    429: Fault.RATE_LIMITED,
}

_TYPES = {
    "rate_limit_error": Fault.RATE_LIMITED,
    "rate_limit_exceeded": Fault.RATE_LIMITED,
    "authentication_error": Fault.UNAUTHORIZED,
    "invalid_api_key": Fault.UNAUTHORIZED,
    "permission_error": Fault.UNAUTHORIZED,
    "not_found_error": Fault.UNKNOWN_MODEL,
    "model_not_found": Fault.UNKNOWN_MODEL,
    "invalid_request_error": Fault.BAD_REQUEST,
    "bad_request_error": Fault.BAD_REQUEST,
}


def of_status(status: int, body: bytes, *, retry_after_s: float | None) -> ProviderFailed:
    """The failure that an answer with an error status is."""
    error = _error_in(body)
    detail = detail_of(error) if error else " ".join(body.decode(errors="replace").split())
    if 300 <= status < 400:
        fault, detail = Fault.BAD_REQUEST, "it redirects elsewhere, which isn't followed: correct the base URL"
    else:
        fault = _by_phrase(error or detail) or _by_status(status)
    if fault not in {Fault.RATE_LIMITED, Fault.OVERLOADED, Fault.QUOTA_EXHAUSTED}:
        retry_after_s = None
    return ProviderFailed(
        fault, f"HTTP {status}: {detail or 'no reason given'}", status=status, retry_after_s=retry_after_s
    )


def of_error_object(error: Any) -> ProviderFailed:
    """The failure that an error object in a stream, or in an answer with status 200, is."""
    fields = error if isinstance(error, dict) else {"message": error}
    fault = _by_phrase(fields) or _by_type(fields) or Fault.OVERLOADED
    return ProviderFailed(fault, f"error in the answer: {detail_of(fields)}")


def detail_of(error: JsonObject) -> str:
    """The message, with the type or code in front when there is one."""
    kind = error.get("type") or error.get("code") or ""
    message = error.get("message") or error.get("detail") or json.dumps(error, default=str)
    return " ".join(f"{kind}: {message}".removeprefix(": ").split())


def _error_in(body: bytes) -> JsonObject | None:
    try:
        answer = an_object(json.loads(body))
    except (ValueError, RecursionError):
        return None
    error = answer.get("error") or answer
    return error if isinstance(error, dict) else {"message": error}


def _by_phrase(error: JsonObject | str) -> Fault | None:
    said = (error if isinstance(error, str) else json.dumps(error, default=str)).lower()
    return next((fault for fault, phrases in _PHRASES if any(phrase in said for phrase in phrases)), None)


def _by_status(status: int) -> Fault:
    if status >= 500:
        return Fault.OVERLOADED
    return _STATUSES.get(status, Fault.BAD_REQUEST)


def _by_type(error: JsonObject) -> Fault | None:
    """By name, or by an HTTP status written as a code (vLLM, OpenRouter, LiteLLM)."""
    for key in ("type", "code"):
        name = str(error.get(key) or "")
        if name in _TYPES:
            return _TYPES[name]
        if name.isdecimal() and 400 <= int(name) < 600:
            return _by_status(int(name))
    return None
