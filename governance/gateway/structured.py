"""
Structured output: a pydantic schema in, a validated object out.

The model is given the schema in the way its provider knows best; what it says is validated here all the same. It gets
one chance to repair what is wrong.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from askacme.lib.errors import InvalidOutput
from governance.gateway.complete import complete
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, OutputSchema, Provider

M = TypeVar("M", bound=BaseModel)

FENCE = "```"
MOST_ERRORS = 5


async def complete_as(
    model: type[M], request: CompletionRequest, *, caller: Caller, among: Sequence[Provider] | None = None
) -> M:
    """
    The model's answer as an instance of `model`.

    Raises InvalidOutput after one attempt to repair, and whatever `complete` raises.
    """
    request = replace(request, output=OutputSchema(model.__name__, model.model_json_schema()))
    said, _ = await complete(request, caller=caller, among=among)
    try:
        return parsed(model, said)
    except ValidationError as error:
        repaired, _ = await complete(repair(request, said, error), caller=caller, among=among)
    try:
        return parsed(model, repaired)
    except ValidationError as error:
        raise InvalidOutput(f"The model did not answer as a valid {model.__name__}: {problems(error)}") from error


def parsed(model: type[M], said: str) -> M:
    """Without the fence of a code block, which some models put around JSON."""
    text = said.strip()
    if text.startswith(FENCE):
        text = text.strip("`").removeprefix("json")
    return model.model_validate_json(text)


def repair(request: CompletionRequest, said: str, error: ValidationError) -> CompletionRequest:
    wanted = f"That is not valid: {problems(error)}. Answer again with the corrected JSON only."
    return replace(
        request,
        messages=(*request.messages, ChatMessage("assistant", said or "(nothing)"), ChatMessage("user", wanted)),
    )


def problems(error: ValidationError) -> str:
    """What is wrong and where, without the values."""
    found = [f"{'.'.join(map(str, item['loc'])) or 'answer'}: {item['msg']}" for item in error.errors()]
    return "; ".join(found[:MOST_ERRORS])
