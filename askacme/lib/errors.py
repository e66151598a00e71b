"""
Every error a person or a script can meet.

AskAcmeError                      500
├── InvalidInput                  400  invalid_input
│   ├── QuestionEmpty             400  question_empty
│   └── QuestionTooLong           400  question_too_long
├── SignInRequired                401  sign_in_required
├── NotAllowed                    403  not_allowed
├── NotFound                      404  not_found
├── Conflict                      409  conflict
│   └── ConversationBusy          409  conversation_busy
├── FileTooLarge                  413  file_too_large
├── UnsupportedFile               415  unsupported_file
├── UnreadableFile                422  unreadable_file
│   ├── EmptyFile                 422  empty_file
│   ├── NoTextFound               422  no_text_found
│   ├── PasswordProtected         422  password_protected
│   └── FileTooComplex            422  file_too_complex
└── ServiceUnavailable            503  service_unavailable
    └── ModelUnavailable          503  model_unavailable

Raise deep, catch once at the edge (API handler, consumer, task). The message is read by people: it says what is
wrong and what to do.
"""

from typing import ClassVar


class AskAcmeError(Exception):
    code: ClassVar[str] = "internal_error"
    http_status: ClassVar[int] = 500


class InvalidInput(AskAcmeError):
    code = "invalid_input"
    http_status = 400


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


class ServiceUnavailable(AskAcmeError):
    code = "service_unavailable"
    http_status = 503


class ModelUnavailable(ServiceUnavailable):
    code = "model_unavailable"
