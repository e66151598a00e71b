"""What an error answer means, in the words of providers that exist."""

import json

import pytest

from governance.gateway.faults import Fault
from governance.gateway.providers.failures import of_error_object, of_status

ANSWERS = [
    (400, {"error": {"message": "…", "code": "context_length_exceeded"}}, Fault.CONTEXT_TOO_LONG),
    (400, {"error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}}, Fault.CONTEXT_TOO_LONG),
    (400, {"object": "error", "message": "This model's maximum context length is 8"}, Fault.CONTEXT_TOO_LONG),
    (400, {"error": {"code": 400, "type": "exceed_context_size_error", "message": "…"}}, Fault.CONTEXT_TOO_LONG),
    (413, {"error": {"type": "request_too_large"}}, Fault.CONTEXT_TOO_LONG),
    (429, {"error": {"message": "Request too large for gpt-4o (TPM): Limit 1, Requested 2"}}, Fault.CONTEXT_TOO_LONG),
    (400, {"error": {"code": "content_filter", "message": "…"}}, Fault.REFUSED),
    (400, {"error": {"code": "content_policy_violation"}}, Fault.REFUSED),
    (400, {"error": {"message": "Your credit balance is too low"}}, Fault.QUOTA_EXHAUSTED),
    (402, {"error": {"message": "Insufficient Balance"}}, Fault.QUOTA_EXHAUSTED),
    (
        429,
        {"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}},
        Fault.QUOTA_EXHAUSTED,
    ),
    (429, {"error": {"message": "You exceeded your current quota, limit 15 a minute"}}, Fault.RATE_LIMITED),
    (403, {"error": {"type": "permission_error"}}, Fault.UNAUTHORIZED),
    (404, {"detail": "Not Found"}, Fault.UNKNOWN_MODEL),
    (400, {"error": "a plain text"}, Fault.BAD_REQUEST),
    (422, {"detail": [{"loc": ["body"]}]}, Fault.BAD_REQUEST),
    (408, {}, Fault.OVERLOADED),
    (529, {"type": "error", "error": {"type": "overloaded_error"}}, Fault.OVERLOADED),
    (500, ["not", "an", "object"], Fault.OVERLOADED),
]


@pytest.mark.parametrize(("status", "body", "fault"), ANSWERS)
def test_a_status_and_its_words_make_a_fault(status: int, body: object, fault: Fault) -> None:
    failed = of_status(status, json.dumps(body).encode(), retry_after_s=None)
    assert (failed.fault, failed.status) == (fault, status)


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_no_problem(body: bytes) -> None:
    assert of_status(502, body, retry_after_s=3).fault is Fault.OVERLOADED


def test_only_faults_that_pass_say_when_to_come_back() -> None:
    assert of_status(503, b"", retry_after_s=3).retry_after_s == 3
    assert of_status(401, b"", retry_after_s=3).retry_after_s is None


def test_a_redirect_says_what_to_do() -> None:
    assert "correct the base URL" in str(of_status(301, b"", retry_after_s=None))


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ({"type": "overloaded_error", "message": "Overloaded"}, Fault.OVERLOADED),
        ({"type": "rate_limit_error"}, Fault.RATE_LIMITED),
        ({"type": "authentication_error"}, Fault.UNAUTHORIZED),
        ({"type": "invalid_request_error"}, Fault.BAD_REQUEST),
        ({"type": "invalid_request_error", "message": "prompt is too long"}, Fault.CONTEXT_TOO_LONG),
        ({"code": 429, "message": "slow down"}, Fault.RATE_LIMITED),
        ({"code": "502", "message": "upstream"}, Fault.OVERLOADED),
        ({"message": "who knows"}, Fault.OVERLOADED),
        ("a plain text", Fault.OVERLOADED),
    ],
)
def test_an_error_in_mid_stream_is_named_by_its_type(error: object, fault: Fault) -> None:
    assert of_error_object(error).fault is fault
