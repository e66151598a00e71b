"""AskAcme as a model: `/v1/chat/completions` and `/v1/models`, for whatever speaks OpenAI's API."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import NinjaAPI

from askacme.lib.errors import ServiceUnavailable
from chat.conversations.passing import ask_in_passing
from chat.conversations.stream import settled, streaming
from chat.openai.chunks import chunks
from chat.openai.errors import failure, in_openai_s_form
from chat.openai.schema import MODEL, CompletionIn, completion, model_object
from governance.access.auth import BearerKey, caller_of

api = NinjaAPI(
    title="AskAcme as a model", version="openai", auth=BearerKey(), urls_namespace="openai", openapi_url=None
)
in_openai_s_form(api)


@api.post("/chat/completions", response=dict[str, Any])
async def create_completion(request: HttpRequest, body: CompletionIn) -> dict[str, Any] | HttpResponseBase:
    """
    Answer the last user message from the documents that the key's owner may see.

    The messages before it are the conversation that it may lean on; the client keeps that, we don't. System messages
    change nothing: ours hold. n > 1, tools, response formats, images and sound are refused with 400; other parameters
    (temperature, max_tokens, stop, …) are accepted and ignored.

    The proof is in `askacme` {"request_id", "status", "confidence", "proof", "sources"}, of the completion or of the
    chunk with the `finish_reason`: the text refers to its sources as [1], `proof` says which sentences they prove. What
    fails the check after it was streamed is withdrawn in words, with `content_filter` for a reason.
    """
    if body.model != MODEL:
        return no_such_model(body.model)
    body.check()
    user, site = caller_of(request), request.build_absolute_uri("/").rstrip("/")
    message = await ask_in_passing(user=user, question=body.question(), earlier=body.earlier())
    if body.stream:
        return streaming(chunks(message, user=user, site=site, with_usage=body.wants_usage))
    answer = await settled(message.request_id)
    if answer.status == "error":
        raise ServiceUnavailable(answer.answer)
    return completion(answer, created=int(message.created_at.timestamp()), site=site)


@api.get("/models", response=dict[str, Any])
def list_models(request: HttpRequest) -> dict[str, Any]:
    """One: which language model answers a question is decided by the question."""
    return {"object": "list", "data": [model_object()]}


@api.get("/models/{path:model}", response=dict[str, Any])
def get_model(request: HttpRequest, model: str) -> dict[str, Any] | HttpResponse:
    return model_object() if model == MODEL else no_such_model(model)


def no_such_model(model: str) -> HttpResponse:
    message = f"The model '{model}' does not exist. There is one: '{MODEL}'."
    return failure(message, status=404, code="model_not_found", param="model")
