"""Errors over HTTP: RFC 9457 problem details with a stable `code`."""

import math
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

from askacme.lib.errors import AskAcmeError, RateLimited


def problem(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return JsonResponse(body | more, status=status, content_type="application/problem+json")


def problem_of(error: AskAcmeError) -> JsonResponse:
    response = problem(error.http_status, error.code, str(error))
    if isinstance(error, RateLimited):
        response["Retry-After"] = str(math.ceil(error.retry_after_s))  # whole seconds: RFC 9110, 10.2.3
    return response


def describe(request: HttpRequest) -> str:
    return f"{request.method} {request.path}"
