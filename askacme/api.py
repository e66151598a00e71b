"""The REST API's root: routers, and one place where errors become answers."""

import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from askacme.lib.errors import AskAcmeError
from askacme.lib.problems import describe, problem, problem_of
from chat.conversations.api import router as chat_router
from chat.escalation.api import router as escalations_router
from chat.feedback.api import router as feedback_router
from governance.access.auth import api_auth
from knowledge.documents.api import router as documents_router
from knowledge.search.api import router as search_router

logger = logging.getLogger(__name__)

api = NinjaAPI(
    title="AskAcme",
    version="1",
    description="Ask, search and maintain your company's knowledge. Errors are application/problem+json.",
    auth=api_auth,
    urls_namespace="api",
)
api.add_router("", chat_router)
api.add_router("", search_router)
api.add_router("/feedback", feedback_router)
api.add_router("/escalations", escalations_router)
api.add_router("/documents", documents_router)


@api.exception_handler(AskAcmeError)
def on_known_error(_request: HttpRequest, error: AskAcmeError) -> HttpResponse:
    return problem_of(error)


@api.exception_handler(AuthenticationError)
def on_unknown_caller(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    response = problem(401, "sign_in_required", "Send a valid API key as 'Authorization: Bearer <key>', or sign in.")
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(ValidationError)
def on_invalid_input(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"at": ".".join(str(part) for part in item["loc"]), "message": item["msg"]} for item in error.errors]
    return problem(400, "invalid_input", "; ".join(f"{e['at']}: {e['message']}" for e in errors), errors=errors)


@api.exception_handler(Http404)
def on_not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404, "not_found", "There is nothing here, or not for you.")


@api.exception_handler(HttpError)
def on_http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "invalid_input" if error.status_code == 400 else "http_error", str(error))


@api.exception_handler(RequestDataTooBig)
def on_oversized_body(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
    return problem(413, "request_too_large", f"The request's body is larger than {megabytes} MB.")


@api.exception_handler(Exception)
def on_unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("%s failed", describe(request), exc_info=error)
    return problem(500, "internal_error", "Something went wrong on our side. It has been logged.")
