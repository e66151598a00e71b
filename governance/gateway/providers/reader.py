"""The built-in reader as a provider: quotes the passages, costs nothing, needs no network."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

from askacme.lib.threads import in_thread
from governance.gateway.embeddings import embedder
from governance.gateway.reader import read
from governance.gateway.types import Completed, CompletionRequest, StreamItem, TextDelta, Tier

MODEL = "reader"


def _every_tier() -> dict[Tier, str]:
    return {"fast": MODEL, "strong": MODEL, "backup": MODEL}


@dataclass(frozen=True, slots=True)
class ReaderProvider:
    name: str = "reader"
    models: Mapping[Tier, str] = field(default_factory=_every_tier)

    async def stream(
        self, request: CompletionRequest, /, *, model: str, headers: Mapping[str, str]
    ) -> AsyncGenerator[StreamItem]:
        """The quotes, one line or sentence at a time. No text at all means: the passages don't answer."""
        del model, headers  # there is one model, and no wire
        reading = await in_thread(read, request.question, request.passages, embedder().embed)
        for piece in re.split(r"(?<=\] |\]\n)", reading.text):
            if piece:
                yield TextDelta(piece)
        sizes = await in_thread(
            embedder().count_tokens, [request.question, *(p.text for p in request.passages), reading.text]
        )
        yield Completed(input_tokens=sum(sizes[:-1]), output_tokens=sizes[-1], confidence=reading.confidence)
