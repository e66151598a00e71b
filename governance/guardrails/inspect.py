"""
All input guards over one question, each in a thread, within a time, behind a circuit of its own.

Fails closed: without the word of every guard that the policy asks, nothing is answered.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence
from functools import cache

from django.utils.translation import gettext as _

from askacme.lib.errors import GuardUnavailable, ModelUnavailable
from askacme.lib.threads import Threads
from governance.gateway.embeddings import embedder
from governance.gateway.types import Vectors
from governance.guardrails.circuit import Circuit
from governance.guardrails.guards import GUARDS
from governance.guardrails.policy import Policy, Rule
from governance.guardrails.values import Action, Guard, GuardVerdict, Inspected, Judgement
from governance.guardrails.windows import windows

logger = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""How long a guard may look at a text: a thousand times what it takes. Waiting for a free thread does not count."""
FIRST_PATIENCE_S = 30.0
"""And at its first one in a process, for which it reads what it has learned."""
WAITS_AT_MOST_S = 30.0
"""For the embedding, and for a free thread: a server that is that busy answers nobody in time anyway."""
THREADS = 2
"""For each guard: what hangs in one keeps no other from its word."""

A_QUESTION = "How many days of leave do I get?"

Embed = Callable[[Sequence[str]], Vectors]


class Inspector:
    """`guards` with their circuits and threads; they last as long as the process."""

    def __init__(self, guards: Sequence[Guard], *, patience_s: float | None = None, embed: Embed | None = None) -> None:
        self._posts = [Post(guard, patience_s) for guard in guards]
        self._embed = embed or embedded
        self._embedding = Threads("guards-embedding", THREADS)

    async def inspect(self, text: str, *, policy: Policy, only: Collection[str] = ()) -> Inspected:
        """What `inspect` says."""
        asked = [post for post in self._posts if is_asked(post.guard.name, policy, only)]
        if not asked or not text.strip():
            return Inspected(policy=policy.version)
        pieces = windows(text)
        vectors = await self._vectors_of(pieces)
        # all are heard before one that failed is told of: none is left running for nobody
        found = await asyncio.gather(
            *(post.verdict(text, pieces, vectors, policy.inputs[post.guard.name]) for post in asked),
            return_exceptions=True,
        )
        return Inspected(tuple(given(verdict) for verdict in found), policy.version)

    def warm_up(self) -> None:
        """Each guard's first look; from then on none has longer than usual."""
        vectors = self._embed([A_QUESTION])
        for post in self._posts:
            post.warm_up(A_QUESTION, vectors)

    async def _vectors_of(self, pieces: Sequence[str]) -> Vectors:
        try:
            async with asyncio.timeout(WAITS_AT_MOST_S):
                return await self._embedding.run(self._embed, pieces)
        except (ModelUnavailable, TimeoutError) as error:
            logger.warning("The guards have no embedding (%r)", error)
            raise unavailable() from error


class Post:
    """One guard with its circuit and threads."""

    def __init__(self, guard: Guard, patience_s: float | None) -> None:
        self.guard = guard
        self.circuit = Circuit()
        self._patience_s = patience_s or PATIENCE_S
        self._first_patience_s = patience_s or FIRST_PATIENCE_S
        self._has_spoken = False
        self._threads = Threads(f"guard-{guard.name}", THREADS)

    def warm_up(self, text: str, vectors: Vectors) -> None:
        self.guard.judge(text, vectors)
        self._has_spoken = True

    async def verdict(self, text: str, pieces: Sequence[str], vectors: Vectors, rule: Rule) -> GuardVerdict:
        """Raises GuardUnavailable."""
        if not self.circuit.lets_through():
            raise unavailable()
        look = Look(self.guard)
        try:
            judgement = await self._in_time(look, text, pieces, vectors)
        except Exception as error:  # whatever goes wrong in a guard: its circuit counts it, and nothing goes on
            logger.exception("Guard %s gave no word", self.guard.name)
            self.circuit.failed()
            raise unavailable() from error
        self._has_spoken = True
        self.circuit.worked()
        return verdict_of(self.guard, judgement, rule, took_ms=look.took_ms)

    async def _in_time(self, look: "Look", text: str, pieces: Sequence[str], vectors: Vectors) -> Judgement:
        """Raises TimeoutError when the guard takes too long, or no thread becomes free."""
        loop = asyncio.get_running_loop()
        began = asyncio.Event()
        run = asyncio.ensure_future(
            self._threads.run(look, text, pieces, vectors, lambda: loop.call_soon_threadsafe(began.set))
        )
        run.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody else may hear of it any more
        async with asyncio.timeout(WAITS_AT_MOST_S):
            await began.wait()
        async with asyncio.timeout(self._patience_s if self._has_spoken else self._first_patience_s):
            return await asyncio.shield(run)


class Look:
    """One guard's look at one text; in a thread."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.took_ms = 0.0

    def __call__(
        self, text: str, pieces: Sequence[str], vectors: Vectors, tell_begun: Callable[[], object]
    ) -> Judgement:
        tell_begun()
        began = time.perf_counter()
        try:
            return judged(self.guard, text, pieces, vectors)
        finally:
            self.took_ms = (time.perf_counter() - began) * 1000


def judged(guard: Guard, text: str, pieces: Sequence[str], vectors: Vectors) -> Judgement:
    """The worst of what it says of the whole text and of each piece; patterns may stand on both sides of a cut."""
    worst = guard.judge(text, vectors[:1])
    if len(pieces) == 1:
        return worst
    parts = (guard.judge(piece, vectors[n : n + 1]) for n, piece in enumerate(pieces))
    return max([worst, *parts], key=lambda judgement: judgement.score)


def verdict_of(guard: Guard, judgement: Judgement, rule: Rule, *, took_ms: float = 0.0) -> GuardVerdict:
    """What a policy's rule makes of a guard's judgement."""
    action = rule.action if judgement.code and judgement.score >= rule.threshold else Action.ALLOW
    return GuardVerdict(guard.name, guard.version, action, judgement.score, judgement.code, judgement.signals, took_ms)


def is_asked(name: str, policy: Policy, only: Collection[str]) -> bool:
    """A guard without a rule, or whose rule allows whatever it finds, is not waited for."""
    rule = policy.inputs.get(name)
    return rule is not None and rule.action is not Action.ALLOW and (not only or name in only)


def given(verdict: GuardVerdict | BaseException) -> GuardVerdict:
    if isinstance(verdict, BaseException):
        raise verdict
    return verdict


def embedded(pieces: Sequence[str]) -> Vectors:
    """A short question's as the search asks for it: it is computed once for both."""
    return embedder().embed_query(pieces[0]) if len(pieces) == 1 else embedder().embed(pieces)


def unavailable() -> GuardUnavailable:
    return GuardUnavailable(
        _("I can't check questions right now, and without that I don't answer any. Please try again in a minute.")
    )


@cache
def inspector() -> Inspector:
    """The process's own."""
    return Inspector(GUARDS)


async def inspect(text: str, *, policy: Policy, only: Collection[str] = ()) -> Inspected:
    """
    Every guard's verdict on a text under a policy; with `only`, of these guards.

    Raises GuardUnavailable when a guard can't give its word: it failed, was late, or its circuit is open.
    """
    return await inspector().inspect(text, policy=policy, only=only)
