"""
Every error a person or a script can meet.

AskAcmeError                      500
├── InvalidInput                  400  invalid_input
│   ├── InvalidArguments          400  invalid_arguments
│   ├── InvalidParameter          400  invalid_parameter
│   ├── InvalidTemplate           400  invalid_template
│   ├── QuestionEmpty             400  question_empty
│   └── QuestionTooLong           400  question_too_long
├── SignInRequired                401  sign_in_required
├── NotAllowed                    403  not_allowed
├── NotFound                      404  not_found
├── Conflict                      409  conflict
│   ├── ConversationBusy          409  conversation_busy
│   ├── SuiteRed                  409  suite_red
│   └── UnderLegalHold            409  under_legal_hold
├── FileTooLarge                  413  file_too_large
├── UnsupportedFile               415  unsupported_file
├── UnreadableFile                422  unreadable_file
│   ├── EmptyFile                 422  empty_file
│   ├── NoTextFound               422  no_text_found
│   ├── PasswordProtected         422  password_protected
│   └── FileTooComplex            422  file_too_complex
├── RateLimited                   429  rate_limited
│   └── BudgetExceeded            429  budget_exceeded
└── ServiceUnavailable            503  service_unavailable
    ├── GuardUnavailable          503  guard_unavailable
    ├── ToolFailed                503  tool_failed
    ├── InvalidOutput             503  invalid_output
    └── ModelUnavailable          503  model_unavailable

Raise deep, catch once at the edge (API handler, consumer, task). The message is read by people: it says what is
wrong and what to do.
"""

from datetime import UTC, datetime
from typing import ClassVar


class AskAcmeError(Exception):
    code: ClassVar[str] = "internal_error"
    http_status: ClassVar[int] = 500


class InvalidInput(AskAcmeError):
    code = "invalid_input"
    http_status = 400


class InvalidArguments(InvalidInput):
    """What a tool was to be called with doesn't fit; the message lets a model mend it."""

    code = "invalid_arguments"


class InvalidParameter(InvalidInput):
    """Something that another's API allows and ours can't honour. `param`: which part of the request."""

    code = "invalid_parameter"

    def __init__(self, message: str, *, param: str) -> None:
        super().__init__(message)
        self.param = param


class InvalidTemplate(InvalidInput):
    """A prompt's text can't be read as a template, or its variables aren't those of its kind."""

    code = "invalid_template"


class QuestionEmpty(InvalidInput):
    code = "question_empty"


class QuestionTooLong(InvalidInput):
    code = "question_too_long"


class SignInRequired(AskAcmeError):
    code = "sign_in_required"
    http_status = 401


class NotAllowed(AskAcmeError):
    code = "not_allowed"
    http_status = 403


class NotFound(AskAcmeError):
    code = "not_found"
    http_status = 404


class Conflict(AskAcmeError):
    code = "conflict"
    http_status = 409


class ConversationBusy(Conflict):
    code = "conversation_busy"


class SuiteRed(Conflict):
    """A version has not passed its prompt's regression suite."""

    code = "suite_red"


class UnderLegalHold(Conflict):
    """What a legal hold covers can't be erased before it ends."""

    code = "under_legal_hold"


class FileTooLarge(AskAcmeError):
    code = "file_too_large"
    http_status = 413


class UnsupportedFile(AskAcmeError):
    code = "unsupported_file"
    http_status = 415


class UnreadableFile(AskAcmeError):
    code = "unreadable_file"
    http_status = 422


class EmptyFile(UnreadableFile):
    code = "empty_file"


class NoTextFound(UnreadableFile):
    code = "no_text_found"


class PasswordProtected(UnreadableFile):
    code = "password_protected"


class FileTooComplex(UnreadableFile):
    code = "file_too_complex"


class RateLimited(AskAcmeError):
    """Too much, too fast. `retry_after_s`: when the same is worth another try; the message says it in words."""

    code = "rate_limited"
    http_status = 429

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BudgetExceeded(RateLimited):
    """The money for this is spent until `until`. `is_provider_only`: another provider may still be asked."""

    code = "budget_exceeded"

    def __init__(self, message: str, *, until: datetime, is_provider_only: bool = False) -> None:
        super().__init__(message, retry_after_s=max(0.0, (until - datetime.now(UTC)).total_seconds()))
        self.until = until
        self.is_provider_only = is_provider_only


class ServiceUnavailable(AskAcmeError):
    code = "service_unavailable"
    http_status = 503


class GuardUnavailable(ServiceUnavailable):
    """A guard could not look at a text, or not in time: without its word nothing goes on."""

    code = "guard_unavailable"


class ToolFailed(ServiceUnavailable):
    code = "tool_failed"


class InvalidOutput(ServiceUnavailable):
    """A model did not keep to the schema it was given."""

    code = "invalid_output"


class ModelUnavailable(ServiceUnavailable):
    code = "model_unavailable"
