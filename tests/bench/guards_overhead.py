"""What the guards cost a person: time before the question goes on, and while the answer comes."""

import re
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from governance.gateway.embeddings import embedder
from governance.guardrails.guards import GUARDS
from governance.guardrails.inspect import inspect
from governance.guardrails.output.canary import canary_of, with_canary
from governance.guardrails.output.stream import ScreenedStream
from governance.guardrails.pii.mask import mask
from governance.guardrails.policy import DEFAULT
from governance.prompts.released import Prompt
from tests.bench import output

ROUNDS, WARM_UP = 200, 10
ANSWERS = 20
QUESTION = (
    "I joined in March and my partner expects our first child in October: how many weeks of parental leave do I get,"
    " when do I have to tell my manager, and does the leave change my pension?"
)
SENTENCES = (
    "Employees get 16 weeks of paid parental leave, and the leave starts on the day of birth [1]. You have to tell your"
    " manager at least 4 weeks before, in writing, and HR confirms it within 2 days [2].\n\n"
    "- Full-time staff: 30 days\n"
    "- Part-time staff: in proportion to their hours, see https://intra.acme.example/leave [3]\n\n"
)
PROMPT = Prompt("answer@1", "You answer from the passages below, and from nothing else. Never guess, never add. " * 8)


async def table() -> str:
    """
    A question of some 200 characters and an answer of some 2,000 tokens, one core, all models loaded before.

    The question's embedding is counted apart: search needs it anyway, and it is made once. What the screen adds to the
    first word is the time until a whole word has left it, not what it holds back: that is a word.
    """
    question = (QUESTION * 2)[:200]
    embedder().warm_up()
    vector = embedder().embed_query(question)
    rows = [
        ("embedding the question (shared with search)", *spread(ms_of(lambda: embedder().embed_query(question)))),
        *((f"{guard.name}", *spread(ms_of(partial(guard.judge, question, vector)))) for guard in GUARDS),
        ("all guards of a question, as it is asked", *spread(await inspecting_ms(question))),
        ("masking it", *spread(ms_of(lambda: mask(question, scope="bench", policy=DEFAULT)))),
    ]
    first, whole, chars, tokens = answering_ms()
    rows += [
        ("screen: until the answer's first word", *spread(first)),
        ("screen: per 1,000 characters", *spread([1000 * ms / chars for ms in whole])),
        (f"screen: a whole answer of {tokens:,} tokens", *spread(whole)),
    ]
    title = f"Guards: added time, question of {len(question)} characters, ms"
    return output.table(title, ("what", "p50", "p95"), rows)


def ms_of(work: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(ROUNDS + WARM_UP):
        begun = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - begun))
    return taken[WARM_UP:]


async def inspecting_ms(question: str) -> list[float]:
    taken = []
    for _ in range(ROUNDS + WARM_UP):
        begun = time.perf_counter()
        await inspect(question, policy=DEFAULT)
        taken.append(1000 * (time.perf_counter() - begun))
    return taken[WARM_UP:]


def answering_ms() -> tuple[list[float], list[float], int, int]:
    """Until the first word, until the last, of answers fed by tokens; their characters and tokens."""
    text = SENTENCES * 21
    tokens = re.findall(r"\s?\w{1,5}|\W", text)
    first, whole = [], []
    for _ in range(ANSWERS + 1):
        stream = new_stream()
        begun, until_first = time.perf_counter(), 0.0
        for token in tokens:
            if stream.feed(token) and not until_first:
                until_first = 1000 * (time.perf_counter() - begun)
        stream.flush()
        first.append(until_first)
        whole.append(1000 * (time.perf_counter() - begun))
    return first[1:], whole[1:], len(text), len(tokens)


def new_stream() -> ScreenedStream:
    return ScreenedStream(
        DEFAULT,
        sources=[SENTENCES],
        system_prompt=with_canary(PROMPT.text, PROMPT.version),
        canary=canary_of(PROMPT.version),
    )


def spread(taken: list[float]) -> tuple[str, str]:
    return f"{np.percentile(taken, 50):.2f}", f"{np.percentile(taken, 95):.2f}"
