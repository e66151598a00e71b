"""
Stage: an answer that takes tools. The model calls them, reads what they say, calls again; it always ends in an answer.

What the model says before it calls a tool is thinking aloud and is not shown. So a turn's text is held back until it
reads like an answer: it quotes a passage, or goes on for longer than anybody thinks aloud. Then it streams. The last
turn, when a limit is reached, is asked without tools.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import escape, unescape
from typing import Any, TypeVar
from uuid import UUID

from askacme.lib.errors import AskAcmeError, BudgetExceeded, InvalidArguments, ModelUnavailable
from askacme.lib.threads import in_thread
from chat.pipeline.cite import MARK
from chat.pipeline.generate import as_passage
from chat.pipeline.telling import Telling
from chat.pipeline.values import Asked, Draft, Emit, Found
from chat.proof.checker import Checker
from chat.tools import knowledge
from chat.tools.arguments import parse
from chat.tools.registry import BUILT_IN, person_and_tools
from chat.tools.services import capped, look_up, propose
from chat.tools.values import Person, Tool, ToolResult, Tools
from governance.gateway.complete import GatewayItem, InLine, Served
from governance.gateway.types import ChatMessage, Completed, CompletionRequest, Passage, ToolCall
from governance.guardrails.output.stream import ScreenedStream

logger = logging.getLogger(__name__)

MAX_STEPS = 6
"""Turns that may call tools; one more answers."""
MAX_TOKENS = 30_000
"""Input and output of all turns together, from which no more tools are offered."""
MAX_COST_USD = Decimal("0.50")
MAX_SECONDS = 60.0
MAX_CALLS_A_TURN = 8
MAX_PROPOSALS = 3
MOST_THINKING_ALOUD = 200
"""Characters that a model says before it calls a tool."""

ENOUGH = "No more tools can be used for this question. Answer it now, from the passages and from what the tools said."
WAITS = (
    "Prepared, NOT done: it waits for the employee's confirmation. A card below your answer shows exactly what will be"
    " done. Say so in one sentence."
)
NOT_TO_BE_SENT = "the arguments hold what may not leave this conversation. Answer without this tool."

Ask = Callable[[CompletionRequest], AsyncGenerator[GatewayItem]]
"""The gateway's `stream`, on somebody's behalf."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Worked:
    """
    An answer that may lean on tools. `found` holds the passages that searches added to those at hand.

    `tool_uses` are the other systems' look-ups that gave something and the proposals that wait: what else than
    passages proves it. What the calculator says proves no fact. `failure` is why no model could end the answer,
    `withheld` what it said that may not be told, `checker` holds the sentences against what they cite.
    """

    draft: Draft
    found: Found
    tool_uses: tuple[UUID, ...] = ()
    failure: AskAcmeError | None = None
    withheld: str = ""
    checker: Checker | None = None


async def agent(request: CompletionRequest, found: Found, asked: Asked, telling: Telling, *, ask: Ask) -> Worked:
    """
    Answer with the asker's own tools. `request` is what would be asked without tools; `found` what it quotes.

    Never more than the limits above and one last turn. An empty text means: neither passages nor tools answer.

    Raises ModelUnavailable and BudgetExceeded, as `ask` does, before anything is shown, looked up or prepared.
    """
    person, tools = await in_thread(person_and_tools, asked.user_id, asked.audience)
    desk = _Desk(tools, person, asked.request_id, found if found.passages else Found(), telling.screen)
    work = _Work(request, desk, telling.emit, ask, telling, asked.recipe.prompt("tools").text)
    stopped, failure = False, None
    try:
        if not await work.until_answer() and not telling.has_begun:
            await work.last_turn()
    except _Stopped:
        stopped = True
    except (ModelUnavailable, BudgetExceeded) as error:
        if not telling.text and not desk.uses:
            telling.forget()
            raise
        failure = error
    if stopped or failure:
        telling.forget()
    else:
        await telling.flush()
    draft = Draft(
        text=telling.text.rstrip(),
        cited=tuple(telling.numbers.cited),
        served=work.served(),
        stopped=stopped,
        ttft_ms=telling.ttft_ms,
    )
    return Worked(draft, desk.found if desk.found.hits else found, tuple(desk.uses), failure)


class _Stopped(Exception):
    """The person stopped the answer."""


@dataclass(slots=True)
class _Work:
    """The turns of one answer, and what they took."""

    request: CompletionRequest
    desk: "_Desk"
    emit: Emit
    ask: Ask
    telling: Telling
    rules: str
    began: float = field(default_factory=time.monotonic)
    turns: list[Served] = field(default_factory=list)

    async def until_answer(self) -> bool:
        """Whether a turn called no tool, and so was the answer; False when a limit came first."""
        messages = with_rules(self.request.messages, self.rules)
        specs = tuple(tool.spec for tool in self.desk.tools.values())
        while specs and not self.is_spent:
            try:
                said, calls = await self._unless_stopped(
                    self._turn(replace(self.request, messages=messages, tools=specs)), self.left_s
                )
                if not calls:
                    return True
                await self.emit.status("looking_up")
                results = await self._unless_stopped(self.desk.run(calls), self.left_s)
            except TimeoutError:
                return False
            self.telling.checker.systems |= self.desk.systems
            self.telling.allow(unescape(result.content) for result in results)
            await self.emit.status("writing")
            messages += (ChatMessage("assistant", said, tool_calls=calls), *results)
        return False

    async def last_turn(self) -> None:
        """
        An answer from what there is.

        What the tools said goes along as plain text: some providers refuse a request whose messages hold tool calls
        when it offers no tools.
        """
        request = self.request
        if self.desk.said:
            asking = ChatMessage("user", "\n\n".join([*self.desk.said, ENOUGH]))
            request = replace(request, messages=(*with_rules(request.messages, self.rules), asking))
        await self._unless_stopped(self._turn(request, is_answer=True))

    @property
    def left_s(self) -> float:
        return self.began + MAX_SECONDS - time.monotonic()

    @property
    def is_spent(self) -> bool:
        tokens = sum(turn.usage.input_tokens + turn.usage.output_tokens for turn in self.turns)
        cost = sum((turn.cost_usd or Decimal(0) for turn in self.turns), Decimal(0))
        return len(self.turns) >= MAX_STEPS or tokens >= MAX_TOKENS or cost >= MAX_COST_USD or self.left_s <= 0

    def served(self) -> Served | None:
        """The last turn's, with what all turns took; the cost is unknown as soon as one turn's is."""
        if not self.turns:
            return None
        usages = [turn.usage for turn in self.turns]
        prices = [turn.cost_usd for turn in self.turns]
        total = Completed(
            input_tokens=sum(usage.input_tokens for usage in usages),
            output_tokens=sum(usage.output_tokens for usage in usages),
            cached_input_tokens=sum(usage.cached_input_tokens for usage in usages),
            cache_write_tokens=sum(usage.cache_write_tokens for usage in usages),
            is_estimated=any(usage.is_estimated for usage in usages),
        )
        known = [price for price in prices if price is not None]
        cost = sum(known, Decimal(0)) if len(known) == len(prices) else None
        return replace(self.turns[-1], usage=total, cost_usd=cost)

    async def _turn(self, request: CompletionRequest, *, is_answer: bool = False) -> tuple[str, tuple[ToolCall, ...]]:
        """One call to the model: what it said, and which tools it wants. Tells what is part of the answer."""
        said, told = "", 0
        self.telling.begin_turn()
        calls: tuple[ToolCall, ...] = ()
        async with aclosing(self.ask(request)) as items:
            async for item in items:
                if isinstance(item, Served):
                    self.turns.append(item)
                    calls = item.usage.tool_calls
                elif isinstance(item, InLine):
                    await self.emit.queued(item.place)
                else:
                    said += item.text
                    if is_answer := is_answer or reads_like_an_answer(said):
                        told = await self._tell(said, told)
        if not calls:
            await self._tell(said, told)
        return said, calls

    async def _tell(self, said: str, told: int) -> int:
        """Tell what is new of a turn's text, on a line of its own; returns how much of it is told."""
        self.telling.lean_on(self.desk.found.passages)
        gap = "\n\n" if not told and self.telling.has_begun and said else ""
        await self.telling.feed(gap + said[told:])
        return len(said)

    async def _unless_stopped(self, doing: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Raises _Stopped when the person stops the answer meanwhile, TimeoutError when it takes too long."""
        task = asyncio.ensure_future(doing)
        stop = asyncio.ensure_future(self.emit.wait_for_stop())
        try:
            await asyncio.wait({task, stop}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise _Stopped if stop.done() else TimeoutError
        finally:
            stop.cancel()
            task.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)


@dataclass(slots=True)
class _Desk:
    """Runs the calls of one answer, each once, and keeps what they gave."""

    tools: Tools
    person: Person
    request_id: UUID
    found: Found
    screen: ScreenedStream
    uses: list[UUID] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    systems: set[str] = field(default_factory=set)
    proposals: int = 0
    _answers: dict[tuple[str, str], str] = field(default_factory=dict)

    async def run(self, calls: Sequence[ToolCall]) -> tuple[ChatMessage, ...]:
        """The answers to the calls, in their order. Different calls run side by side, the same call only once."""
        wanted = {key_of(call): call for call in calls[:MAX_CALLS_A_TURN]}
        fresh = [key for key in wanted if key not in self._answers]
        answers = await asyncio.gather(*(self._answer(wanted[key]) for key in fresh))
        for key, answer in zip(fresh, answers, strict=True):
            self._answers[key] = answer if isinstance(answer, str) else self._numbered(answer)
            self.said.append(self._answers[key])
        too_many = f"Error: not run, at most {MAX_CALLS_A_TURN} calls go in one turn."
        return tuple(
            ChatMessage("tool", self._answers.get(key_of(call), too_many), tool_call_id=call.id) for call in calls
        )

    async def _answer(self, call: ToolCall) -> str | ToolResult:
        tool = self.tools.get(call.name)
        if tool is None:
            return f"Error: there is no tool {call.name[:60]!r}. There are: {', '.join(self.tools)}."
        try:
            arguments = parse(call.arguments)
            if self.screen.apart(json.dumps(arguments, ensure_ascii=False)).withheld:
                return f"Error: {NOT_TO_BE_SENT}"
            if tool.changes_something:
                return await self._propose(tool, arguments)
            return await self._look_up(tool, arguments)
        except InvalidArguments as error:
            return f"Error: {error} Correct the arguments, or answer without this tool."
        except Exception:
            logger.exception("Request %s: tool %s broke off", self.request_id, tool.name)
            return "Error: the tool failed. Answer without it."

    async def _look_up(self, tool: Tool, arguments: dict[str, Any]) -> str | ToolResult:
        outcome = await look_up(tool=tool, arguments=arguments, person=self.person, request_id=self.request_id)
        if outcome.result is None:
            return f"Error:\n{as_data(tool, outcome.use.error)}\nCorrect the call, or answer without it."
        if tool.name == knowledge.SPEC.name:
            return outcome.result
        if tool.name not in BUILT_IN:
            self.uses.append(outcome.use.pk)
            self.systems.add(tool.system)
        return as_data(tool, outcome.result.text)

    async def _propose(self, tool: Tool, arguments: dict[str, Any]) -> str:
        if self.proposals >= MAX_PROPOSALS:
            return f"Error: at most {MAX_PROPOSALS} changes can be prepared in one answer."
        self.proposals += 1
        use = await in_thread(propose, tool=tool, arguments=arguments, person=self.person, request_id=self.request_id)
        self.uses.append(use.pk)
        return WAITS

    def _numbered(self, searched: ToolResult) -> str:
        """The passages of a search, their numbers going on from those at hand; one at hand keeps its number."""
        passages = list(self.found.passages)
        hits = list(self.found.hits)
        places = {(hit.version_id, hit.start, hit.end): n for n, hit in enumerate(hits, 1)}
        told = []
        for hit in searched.hits:
            n = places.setdefault((hit.version_id, hit.start, hit.end), len(hits) + 1)
            if n > len(hits):
                hits.append(hit)
                passages.append(Passage(n, hit.document, hit.heading, hit.text, hit.score))
            told.append(passages[n - 1])
        self.found = replace(self.found, hits=tuple(hits), passages=tuple(passages))
        return "\n\n".join(map(as_passage, told)) or "Nothing was found in the documents that the employee may see."


def reads_like_an_answer(said: str) -> bool:
    return len(said) > MOST_THINKING_ALOUD or MARK.search(said) is not None


def key_of(call: ToolCall) -> tuple[str, str]:
    """Two calls with the same key are the same call, however their JSON is written."""
    try:
        return call.name, json.dumps(json.loads(call.arguments or "{}"), sort_keys=True)
    except (ValueError, RecursionError):
        return call.name, call.arguments


def with_rules(messages: tuple[ChatMessage, ...], rules: str) -> tuple[ChatMessage, ...]:
    """The rules behind the prompt, in the part that stays the same from question to question."""
    place = next((n for n, message in enumerate(messages) if message.role != "system"), len(messages))
    return (*messages[:place], ChatMessage("system", rules), *messages[place:])


def as_data(tool: Tool, said: str) -> str:
    """Escaped, so that nothing in it can end the element that marks it as data."""
    escaped = escape(capped(said), quote=False)
    return f'<result tool="{escape(tool.name)}" system="{escape(tool.system)}">\n{escaped}\n</result>'
