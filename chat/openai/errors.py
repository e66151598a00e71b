"""Errors in OpenAI's form: `{"error": {"message", "type", "param", "code"}}`."""

import logging
import math
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from askacme.lib.errors import AskAcmeError, BudgetExceeded, InvalidParameter, RateLimited
from askacme.lib.problems import describe

logger = logging.getLogger(__name__)

NO_KEY = "Send a valid API key as 'Authorization: Bearer <key>'."
TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def error_object(message: str, *, status: int, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    type_ = TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": type_, "param": param, "code": code}}


def failure(message: str, *, status: int, code: str, param: str | None = None) -> HttpResponse:
    return JsonResponse(error_object(message, status=status, code=code, param=param), status=status)


def on_known_error(_request: HttpRequest, error: AskAcmeError) -> HttpResponse:
    param = error.param if isinstance(error, InvalidParameter) else None
    response = failure(str(error), status=error.http_status, code=code_of(error), param=param)
    if isinstance(error, RateLimited):
        response["Retry-After"] = str(math.ceil(error.retry_after_s))
    return response


def code_of(error: AskAcmeError) -> str:
    """OpenAI's word where clients act on it, else ours."""
    if isinstance(error, BudgetExceeded):
        return "insufficient_quota"
    return "rate_limit_exceeded" if isinstance(error, RateLimited) else error.code


def on_unknown_caller(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    response = failure(NO_KEY, status=401, code="invalid_api_key")
    response["WWW-Authenticate"] = "Bearer"
    return response


def on_invalid_input(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    param = ".".join(str(part) for part in first["loc"][2:]) or None  # the first two: in the body, by our name for it
    return failure(f"{param or 'body'}: {first['msg']}", status=400, code="invalid_input", param=param)


def on_not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return failure("There is nothing here.", status=404, code="not_found")


def on_http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return failure(str(error), status=error.status_code, code="invalid_input")


def on_oversized_body(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return failure("The request's body is too large.", status=413, code="request_too_large")


def on_unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("%s failed", describe(request), exc_info=error)
    return failure("Something went wrong on our side. It has been logged.", status=500, code="internal_error")


def in_openai_s_form(api: NinjaAPI) -> None:
    """All that may go wrong with a request, said so that OpenAI's clients understand."""
    api.exception_handler(AskAcmeError)(on_known_error)
    api.exception_handler(AuthenticationError)(on_unknown_caller)
    api.exception_handler(ValidationError)(on_invalid_input)
    api.exception_handler(Http404)(on_not_found)
    api.exception_handler(HttpError)(on_http_error)
    api.exception_handler(RequestDataTooBig)(on_oversized_body)
    api.exception_handler(Exception)(on_unforeseen)
