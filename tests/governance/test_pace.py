"""When to come back: what the headers of OpenAI, Azure and Anthropic say."""

from datetime import UTC, datetime

import pytest

from governance.gateway.providers.pace import rate_limits, retry_after_s

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "9" * 30}, 86_400),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"x-ratelimit-reset-requests": "1s"}, 1),
        ({"x-ratelimit-reset-tokens": "6m0s"}, 360),
        ({"x-ratelimit-reset-tokens": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ({"x-ratelimit-reset": str(NOW.timestamp() + 12)}, 12),
        ({"x-ratelimit-reset": str(int(NOW.timestamp() * 1000) + 12_000)}, 12),
        ({"anthropic-ratelimit-requests-reset": "2026-11-21T12:00:09Z"}, 9),
        ({"x-ratelimit-remaining-tokens": "5"}, None),
        ({}, None),
    ],
)
def test_the_time_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    found = retry_after_s(headers, now=NOW)
    assert found == (None if seconds is None else pytest.approx(seconds, abs=0.01))


def test_the_limit_that_is_used_up_says_when() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert retry_after_s(headers, now=NOW) == 360


def test_if_no_limit_is_known_to_be_used_up_the_first_reset_counts() -> None:
    assert retry_after_s({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "9s"}, now=NOW) == 1


def test_the_limits_lose_their_prefix() -> None:
    headers = {"X-RateLimit-Limit-Tokens": "90", "anthropic-ratelimit-tokens-limit": "80", "server": "x"}
    assert rate_limits(headers) == {"limit-tokens": "90", "tokens-limit": "80"}


def test_a_flood_of_limits_is_kept_small() -> None:
    limits = rate_limits({f"x-ratelimit-{n}": "9" * 1000 for n in range(1000)})
    assert (len(limits), max(map(len, limits.values()))) == (40, 100)
