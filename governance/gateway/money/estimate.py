"""
How many tokens a request is, before the provider has counted: what to expect, and what it can't be more than.

A byte-level tokenizer makes at least one byte of each token, so the bytes sent are the bound. What to expect is
counted with tiktoken where it is installed and has the model's table in its cache; it is never let download one. Else
it is four bytes a token: for the demo company's 38 English documents, counted with GPT-2's table, that is 2 % under the
true count in all, and between 19 % under and 7 % over for single documents. Younger tables count fewer tokens.
"""

import json
from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from governance.gateway.money.services import SMALLEST
from governance.gateway.types import CompletionRequest, Rate

BYTES_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4
"""Role and separators: OpenAI's cookbook counts three, and one for a name."""

MOST_PER_MESSAGE = 16
MOST_ADDED_FOR_TOOLS = 1_000
"""What providers say to the model about tools in their own words: Anthropic names 264 to 804 tokens."""

LEAST_OF_MOST = 2_000
MILLION = 1_000_000


def expected_input_tokens(request: CompletionRequest, model: str) -> int:
    """The likely count. A first call may read tiktoken's table, a third of a second."""
    count = counter_of(model) or by_bytes
    return sum(map(count, texts_of(request))) + TOKENS_PER_MESSAGE * len(request.messages)


def most_input_tokens(request: CompletionRequest) -> int:
    """
    More than a provider will count: each byte a token, and what providers add of their own.

    Schemas count twice: strict mode repeats the names of their properties, and some providers word them anew.
    """
    sent = sum(len(text.encode(errors="replace")) for text in messages_of(request))
    schemas = sum(len(text.encode(errors="replace")) for text in schemas_of(request))
    added = MOST_PER_MESSAGE * (len(request.messages) + 1) + (MOST_ADDED_FOR_TOOLS if schemas else 0)
    return max(LEAST_OF_MOST, sent + 2 * schemas + added)


def most_cost(request: CompletionRequest, rate: Rate) -> Decimal:
    """The most that the call can cost, in US dollars, rounded up: the dearest input there is, and all output used."""
    dearest = max(rate.input, rate.cached_input, rate.cache_write)
    dollars = (most_input_tokens(request) * dearest + request.max_output_tokens * rate.output) / MILLION
    return dollars.quantize(SMALLEST, ROUND_CEILING)


def texts_of(request: CompletionRequest) -> Iterator[str]:
    yield from messages_of(request)
    yield from schemas_of(request)


def messages_of(request: CompletionRequest) -> Iterator[str]:
    for message in request.messages:
        yield message.content
        yield message.tool_call_id
        for call in message.tool_calls:
            yield call.id + call.name + call.arguments


def schemas_of(request: CompletionRequest) -> Iterator[str]:
    for tool in request.tools:
        yield tool.name + tool.description + json.dumps(tool.parameters)
    if request.output:
        yield request.output.name + json.dumps(request.output.schema)


def by_bytes(text: str) -> int:
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


@lru_cache(maxsize=32)
def counter_of(model: str) -> Callable[[str], int] | None:
    """Counts with the model's own table; None: that isn't at hand."""
    try:
        import tiktoken
        import tiktoken.load
    except ImportError:
        return None
    tiktoken.load.read_file = not_from_afar  # what it fetches a table with that isn't in its cache
    try:
        encoding = tiktoken.encoding_for_model(model)
    except (KeyError, FileNotFoundError):
        return None
    return lambda text: len(encoding.encode_ordinary(text))


def not_from_afar(address: str) -> bytes:
    raise FileNotFoundError(f"{address} is not in tiktoken's cache (TIKTOKEN_CACHE_DIR)")
