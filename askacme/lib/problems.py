"""Errors over HTTP: RFC 9457 problem details with a stable `code`."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

from askacme.lib.errors import AskAcmeError


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
    return problem(error.http_status, error.code, str(error))


def describe(request: HttpRequest) -> str:
    return f"{request.method} {request.path}"
