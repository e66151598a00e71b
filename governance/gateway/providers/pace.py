"""What a provider's headers say about its limits, and when to come back."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-")
MAX_HEADERS, MAX_HEADER_CHARS = 40, 100
LONGEST_WAIT_S = 86_400.0

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_UNITS_S = (86_400, 3_600, 60, 1, 0.001)
_EPOCH_S, _EPOCH_MS = 1e9, 1e12


def rate_limits(headers: Mapping[str, str]) -> dict[str, str]:
    """The `x-ratelimit-*` and `anthropic-ratelimit-*` headers, in lower case, without that prefix."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        for prefix in PREFIXES:
            if name.lower().startswith(prefix) and len(found) < MAX_HEADERS:
                found[name.lower().removeprefix(prefix)] = value[:MAX_HEADER_CHARS]
    return found


def retry_after_s(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """
    Seconds until the provider wants to be asked again: `Retry-After`, else the reset of the limit that is used up.

    When it doesn't say which one that is, the first to reset. None: it says nothing. Never more than a day.
    """
    now = now or datetime.now(UTC)
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _sane(milliseconds / 1000)
    if "retry-after" in headers:
        return _seconds(headers["retry-after"], now)
    return _reset_s(rate_limits(headers), now)


def used_up_for_s(limits: Mapping[str, str], *, now: datetime | None = None) -> float:
    """Seconds until the limits that have nothing left are reset; 0 when none is used up. `limits` as `rate_limits`."""
    used_up, _ = _resets_s(limits, now or datetime.now(UTC))
    return max(used_up, default=0.0)


def _reset_s(limits: Mapping[str, str], now: datetime) -> float | None:
    used_up, others = _resets_s(limits, now)
    return max(used_up) if used_up else min(others, default=None)


def _resets_s(limits: Mapping[str, str], now: datetime) -> tuple[list[float], list[float]]:
    """When the limits are reset that are used up, and the others."""
    used_up: list[float] = []
    others: list[float] = []
    for name, value in limits.items():
        seconds = _seconds(value, now) if "reset" in name else None
        if seconds is None:
            continue
        is_used_up = _number(limits.get(name.replace("reset", "remaining"), "")) == 0
        (used_up if is_used_up else others).append(seconds)
    return used_up, others


def _seconds(value: str, now: datetime) -> float | None:
    """From `12`, `6m0s`, seconds or milliseconds since 1970, RFC 3339, or an HTTP date."""
    value = value.strip()
    number = _number(value)
    if number is not None:
        since_1970_s = number / 1000 if number > _EPOCH_MS else number
        return _sane(since_1970_s - now.timestamp() if number > _EPOCH_S else number)
    duration = _DURATION.fullmatch(value)
    if value and duration:
        return _sane(sum(float(part) * unit for part, unit in zip(duration.groups(), _UNITS_S, strict=True) if part))
    moment = _moment(value)
    return _sane((moment - now).total_seconds()) if moment else None


def _moment(value: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value)
        except (ValueError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _sane(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_WAIT_S)
