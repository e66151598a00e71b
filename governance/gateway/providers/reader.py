"""The built-in reader as a provider: quotes the passages, costs nothing, needs no network."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal

from askacme.lib.threads import in_thread
from governance.gateway.embeddings import embedder
from governance.gateway.reader import read
from governance.gateway.types import Completed, CompletionRequest, StreamItem, TextDelta


@dataclass(frozen=True, slots=True)
class ReaderProvider:
    name: str = "reader"

    def model_for(self, _request: CompletionRequest) -> str:
        return "reader"

    def price(self, _model: str, _usage: Completed) -> Decimal:
        return Decimal(0)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamItem]:
        """The quotes, one line or sentence at a time. No text at all means: the passages don't answer."""
        reading = await in_thread(read, request.question, request.passages, embedder().embed)
        for piece in re.split(r"(?<=\] |\]\n)", reading.text):
            if piece:
                yield TextDelta(piece)
        sizes = await in_thread(
            embedder().count_tokens, [request.question, *(p.text for p in request.passages), reading.text]
        )
        yield Completed(input_tokens=sum(sizes[:-1]), output_tokens=sizes[-1], confidence=reading.confidence)
