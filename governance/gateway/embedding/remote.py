"""
A model that embeds texts elsewhere, behind an OpenAI-compatible endpoint.

Such a server gives one vector for a text, none for its words: search does without (see `knowledge/search/rescore.py`).
Each call is paid for and on record: `metered.py`.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from governance.gateway.embedding.endpoint import Endpoint
from governance.gateway.embedding.metered import Attempt
from governance.gateway.embedding.remembered import Remembered
from governance.gateway.faults import PASSING, Fault, ProviderFailed
from governance.gateway.types import Vectors

if TYPE_CHECKING:
    from governance.gateway.embedding.encoders import Span

logger = logging.getLogger(__name__)

MOST_TOKENS = 60_000
"""Estimated, in one call: a fifth of what OpenAI takes."""

MARGIN_PERCENT = 20
"""What is added to the local tokenizer's count, for another model's counts differ from text to text."""

FIRST_PAUSE_S = 0.5
LEAST_TIMEOUT_S = 0.1
AWAY_S = 10.0
"""How long questions do without a server that just failed one: nobody waits for it again and again."""

TOO_MUCH = frozenset({400, 413, 422})
"""How servers refuse more texts than they take at once (some take 10, 32 or 64), or a text that is too long."""

SHORTEST_CUT = 200
"""Characters. A text that is refused is cut down to this at most, as a local model reads only the beginning."""


@dataclass(frozen=True, slots=True)
class Patience:
    tries: int
    total_s: float


# Shorter than the half minute after which a worker without a sign of life counts as dead: ingestion has its own
# patience for what takes longer.
FOR_PASSAGES = Patience(tries=4, total_s=25.0)
FOR_A_QUESTION = Patience(tries=2, total_s=5.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What the model reads: at most `max_tokens` of a text, `batch_size` texts a call, each behind its prefix.

    `count` counts tokens as a tokenizer at hand does: the model's own isn't.
    """

    count: Callable[[Sequence[str]], list[int]]
    max_tokens: int = 512
    batch_size: int = 32
    query_prefix: str = ""
    passage_prefix: str = ""


class RemoteEmbedder:
    """
    The interface of `embeddings.Embedder` over HTTP; safe to call from several threads, which wait for the answer.

    `price` is in US dollars per million tokens, None is the price table's.
    """

    engine = "remote"

    def __init__(
        self,
        endpoint: Endpoint,
        reading: Reading,
        *,
        name: str,
        price: Decimal | None = None,
        timeout_s: float = 30.0,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self.name = name
        self.dimension = endpoint.dimension
        self.max_tokens = reading.max_tokens
        self.batch_size = reading.batch_size
        self._endpoint = endpoint
        self._reading = reading
        self._price = price
        self._timeout_s = timeout_s
        self._pause = pause
        self._away_until = 0.0
        self._questions = Remembered[Vectors](self._of_question)

    def warm_up(self) -> None:
        self.embed_query("warm up")

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Passages: float32 array of shape (n_texts, dimension), rows of length 1. Raises ProviderFailed."""
        waiting = [self._reading.passage_prefix + text for text in texts]
        sizes = self.count_tokens(waiting)
        most = self.batch_size
        rows: list[Vectors] = []
        while waiting:
            n_texts = first_batch(sizes, most)
            try:
                rows.append(self._embedded(waiting[:n_texts], FOR_PASSAGES))
            except ProviderFailed as failure:
                if failure.status not in TOO_MUCH:
                    raise
                if n_texts > 1:
                    most = n_texts // 2
                    logger.warning("%s refuses %d texts at once, so fewer are sent: %s", self.name, n_texts, failure)
                    continue
                waiting[0] = shortened(waiting[0], failure)
                continue
            del waiting[:n_texts], sizes[:n_texts]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def embed_query(self, question: str) -> Vectors:
        """
        float32 array of shape (1, dimension), a row of length 1.

        The latest questions are remembered, and paid for once. Raises ProviderFailed, at once for a while after the
        server failed another question.
        """
        return self._questions.of(question)

    def forget_questions(self) -> None:
        """Of those it remembers: for whoever measures."""
        self._questions.forget()

    def _of_question(self, question: str) -> Vectors:
        if time.monotonic() < self._away_until:
            raise ProviderFailed(Fault.UNREACHABLE, f"The embedding model {self.name!r} failed a moment ago.")
        try:
            return self._embedded([self._reading.query_prefix + discreet(question)], FOR_A_QUESTION)
        except ProviderFailed as failure:
            if failure.status not in TOO_MUCH:  # those speak against the question
                self._away_until = time.monotonic() + AWAY_S
            raise

    def embed_with_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence["Span"]]
    ) -> tuple[Vectors, list[Vectors]]:
        """What `embed` gives, and rows of zeros for the spans: of words nothing is known."""
        return self.embed(texts), [self._nothing(windows) for windows in spans]

    def embed_query_with_windows(self, question: str, spans: Sequence["Span"]) -> tuple[Vectors, Vectors]:
        """The same for one question: float32 of shape (dimension,) and (n_spans, dimension)."""
        return self.embed_query(question)[0], self._nothing(spans)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """
        An estimate, rather too high: the local model's word pieces and a margin.

        Scripts that its vocabulary lacks would count as next to nothing; they are counted by their letters.
        """
        pieces = self._reading.count(texts)
        counts = [max(found, foreign_letters(text)) for found, text in zip(pieces, texts, strict=True)]
        return [-(-count * (100 + MARGIN_PERCENT) // 100) for count in counts]

    def _nothing(self, spans: Sequence["Span"]) -> Vectors:
        return np.zeros((len(spans), self.dimension), dtype=np.float32)

    def _embedded(self, texts: Sequence[str], patience: Patience) -> Vectors:
        """Asks until there is an answer or the patience is over; a failure says which model it is about."""
        request_id, until = uuid4(), time.monotonic() + patience.total_s
        for attempt in range(1, patience.tries + 1):
            call = Attempt(self._endpoint, texts, request_id, attempt, self._price, self.count_tokens)
            try:
                return call.vectors(max(LEAST_TIMEOUT_S, min(self._timeout_s, until - time.monotonic())))
            except ProviderFailed as failure:
                pause_s = pause_before_next(attempt, failure.retry_after_s)
                is_last = attempt == patience.tries or time.monotonic() + pause_s >= until
                if is_last or failure.fault not in PASSING:
                    reason = str(failure).rstrip(".")
                    failure.args = (f"The embedding model {self.name!r} can't be asked right now: {reason}.",)
                    raise
                logger.info("%s: %s; asked again in %.1f s", self.name, failure, pause_s)
                self._pause(pause_s)
        raise AssertionError  # the last try returns or raises


def discreet(question: str) -> str:
    """Whoever asks by whichever door: a provider gets no personal data. Raises what keeps anybody from knowing."""
    from governance.guardrails.pii import mask  # which knows of embeddings by way of the guards
    from governance.guardrails.policy import DEFAULT

    return mask(question, scope="embedding", policy=DEFAULT).text


def first_batch(sizes: Sequence[int], most_texts: int) -> int:
    """How many of the texts go into one call: at least one, and together no more than MOST_TOKENS."""
    total = 0
    for n_texts, size in enumerate(sizes[:most_texts]):
        total += size
        if n_texts and total > MOST_TOKENS:
            return n_texts
    return min(len(sizes), most_texts)


def shortened(text: str, failure: ProviderFailed) -> str:
    """The first half of a text that is too long. Raises the failure if it is about something else."""
    if failure.fault is not Fault.CONTEXT_TOO_LONG or len(text) < SHORTEST_CUT:
        raise failure
    logger.warning("A text of %d characters is too long, so only its first half is embedded: %s", len(text), failure)
    return text[: len(text) // 2]


def foreign_letters(text: str) -> int:
    """Letters beyond ASCII, three bytes each: about a token each where a tokenizer has few words of the script."""
    return (len(text.encode(errors="replace")) - len(text.encode("ascii", errors="ignore"))) // 3


def pause_before_next(attempt: int, retry_after_s: float | None) -> float:
    """Exponential, with full jitter (Brooker 2015); not before the server wants to be asked again."""
    return (retry_after_s or 0.0) + random.uniform(0, FIRST_PAUSE_S * 2 ** (attempt - 1))  # noqa: S311 - jitter
