"""
What people see when providers fail: every fault, in both wire formats, streamed and not, through the whole pipeline.

And many questions at once while the first provider fails at random, or is dead.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import numpy as np
import redis
from django.conf import settings

from askacme.lib.threads import in_thread
from chat.runs.services import ask_and_wait
from governance.access.models import User
from governance.gateway.complete import complete
from governance.gateway.models import Inference
from governance.gateway.resilience import gate
from governance.gateway.types import Caller, ChatMessage, CompletionRequest
from tests.bench import output
from tests.bench.overhead import providers
from tests.cast import make_document, make_user
from tests.llm import replies
from tests.llm.replies import Reply
from tests.llm.server import Simulator, closed_port, running_simulator

PATIENCE_S = 1.0
ANSWER = "All new parents get 16 weeks of fully paid parental leave [1]."
QUESTION = "How many weeks of parental leave do I get?"

FAULTS: dict[str, Reply | None] = {
    "429": replies.RATE_LIMITED,
    "429, Retry-After 1 s": Reply(status=429, headers={"Retry-After": "1"}, error_type="rate_limit_error"),
    "500": replies.SERVER_ERROR,
    "503": replies.OVERLOADED,
    "refused connection": None,
    "hangs before headers": replies.HANGS,
    "hangs in mid-stream": replies.HANGS_MIDWAY,
    "cut in mid-stream": replies.CUT,
    "malformed JSON": replies.MALFORMED,
    "empty answer": replies.EMPTY,
    "wrong content type": replies.WRONG_TYPE,
    "slow drip": replies.DRIPS,
    "expired key": replies.EXPIRED_KEY,
}
"""None: nobody listens at all."""

COMPANIES = ("alone", "with a healthy second", "all dead")


@dataclass(frozen=True)
class Seen:
    """What one person saw of one answer."""

    status: str
    text: str
    took_s: float
    calls: int

    @property
    def is_whole(self) -> bool:
        """The model's own words, each of them once."""
        return self.text == ANSWER

    @property
    def in_words(self) -> str:
        if self.is_whole:
            return "the answer"
        if self.text.startswith(ANSWER[:10]):
            return f"its beginning, then quotes ({self.status})" if self.status == "fallback" else "another's after it"
        return f"quotes ({self.status})" if self.status == "fallback" else f"{self.status}: {self.text[:40]}"


def faulty(reply: Reply) -> Reply:
    """The fault in the answer that everybody gives."""
    return reply if reply.content_type or not reply.text else Reply(**{**vars(reply), "text": ANSWER})


@contextmanager
def upstream(reply: Reply | None) -> Iterator[tuple[str, Simulator | None]]:
    with ExitStack() as stack:
        if reply is None:
            yield stack.enter_context(closed_port()), None
        else:
            simulator = stack.enter_context(running_simulator())
            simulator.script = [faulty(reply)]
            yield simulator.base_url, simulator


def config(name: str, kind: str, base_url: str, *, streams: bool) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "base_url": base_url,
        "models": {"fast": "small"},
        "api_key": "sk-bench",
        "streams": streams,
        "timeout_s": PATIENCE_S,
    }


async def seen(kind: str, *, streams: bool, fault: str, company: str, person: User) -> Seen:
    """One question to one broken provider, alone or in company."""
    forget_breakers()
    replies_of = {"alone": [FAULTS[fault]], "with a healthy second": [FAULTS[fault], Reply(text=ANSWER)]}
    with ExitStack() as stack:
        ups = [stack.enter_context(upstream(each)) for each in replies_of.get(company, [FAULTS[fault]] * 2)]
        configs = [config(f"p{n}", kind, url, streams=streams) for n, (url, _) in enumerate(ups)]
        stack.enter_context(providers(*configs))
        began = time.perf_counter()
        message = await ask_and_wait(user=person, question=QUESTION)
        calls = sum(simulator.calls for _, simulator in ups if simulator)
        return Seen(message.status, message.answer, time.perf_counter() - began, calls)


def forget_breakers() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter("gate:*"):
            client.delete(key)
    gate.forget()


async def matrix() -> str:
    person = await in_thread(person_with_a_document)
    rows = []
    for fault in FAULTS:
        for company in COMPANIES:
            found = [
                await seen(kind, streams=streams, fault=fault, company=company, person=person)
                for kind in ("openai", "anthropic")
                for streams in (True, False)
            ]
            rows.append((fault, company, *summary(found)))
    head = ("fault", "providers", "what the person saw (4 ways)", "seconds", "calls")
    return output.table("Faults: both formats, streamed and not", head, rows)


def summary(found: Sequence[Seen]) -> tuple[str, str, str]:
    counted = Counter(each.in_words for each in found)
    words = "; ".join(f"{count} × {what}" if len(counted) > 1 else what for what, count in counted.items())
    took = [each.took_s for each in found]
    calls = sorted({each.calls for each in found})
    return words, f"{min(took):.1f}–{max(took):.1f}", "–".join(map(str, dict.fromkeys([calls[0], calls[-1]])))


def person_with_a_document() -> User:
    person = User.objects.filter(email="faults@bench.example").first() or make_user("faults@bench.example")
    make_document(path="bench/parental-leave.md")
    return person


QUESTIONS, AT_ONCE = 1000, 50
REQUEST = CompletionRequest((ChatMessage("user", QUESTION),), QUESTION)


async def crowd() -> str:
    """Many questions to the gateway: the first provider fails 30 % of its calls, then it is dead."""
    rows = [
        await crowd_row("fails 30 % at random", Reply(text=ANSWER), fail_share=0.3),
        await crowd_row("503 always", replies.OVERLOADED),
        await crowd_row("refuses connections", None),
        await crowd_row("hangs", replies.HANGS),
    ]
    head = (
        f"first of two providers ({QUESTIONS:,} questions, {AT_ONCE} at a time)",
        "answered",
        "calls to the first",
        "calls a question",
        "p50 ms",
        "p95 ms",
    )
    return output.table("Many questions, a failing provider", head, rows)


async def crowd_row(name: str, reply: Reply | None, fail_share: float = 0.0) -> tuple[object, ...]:
    forget_breakers()
    with upstream(reply) as (url, first), upstream(Reply(text=ANSWER)) as (second_url, second):
        if first:
            first.fail_share = fail_share
        configs = [config("p0", "openai", url, streams=True), config("p1", "openai", second_url, streams=True)]
        with providers(*configs):
            turns, took = asyncio.Semaphore(AT_ONCE), list[float]()

            async def ask() -> bool:
                async with turns:
                    began = time.perf_counter()
                    text, _ = await complete(REQUEST, caller=Caller(str(uuid4()), purpose="bench"))
                    took.append(1000 * (time.perf_counter() - began))
                    return text == ANSWER

            answered = sum(await asyncio.gather(*(ask() for _ in range(QUESTIONS))))
        tried = await in_thread(attempts_at, "p0") if first is None else first.calls
        assert second is not None
        p50, p95 = np.percentile(took, [50, 95])
        share = f"{tried:,} ({tried / QUESTIONS:.1%})"
        calls = (tried + second.calls) / QUESTIONS
        return name, f"{answered / QUESTIONS:.1%}", share, f"{calls:.2f}", f"{p50:.0f}", f"{p95:.0f}"


def attempts_at(provider: str) -> int:
    return Inference.objects.filter(provider=provider, fault="unreachable", purpose="bench").count()
