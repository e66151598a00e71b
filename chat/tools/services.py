"""
Using tools: looking something up at once, and changing something after the employee has confirmed it.

Every call leaves a `ToolUse`. Its state moves by compare-and-set on that one row, so that two clicks do one thing.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from askacme.lib.errors import AskAcmeError, GuardUnavailable, InvalidArguments, NotFound, ToolFailed
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.tools.arguments import defaults_of, shown, validated
from chat.tools.discreet import Veil, veil_of
from chat.tools.models import BUILT_IN_NAMES, LIFE, ToolUse
from chat.tools.registry import tools_for
from chat.tools.values import Call, Person, Tool, ToolResult
from chat.tools.wording import NotThere, listed, worded
from governance.access.models import User
from governance.audit.services import record
from governance.guardrails.pii import shortened

logger = logging.getLogger(__name__)

LOST_AFTER = timedelta(minutes=2)
"""Longer than any call may take: the process that made it is gone."""
MAX_RESULT_CHARS = 8000
MAX_ERROR_CHARS = 500
LOST = "The server stopped meanwhile: it is not known whether this was done. Trying again does nothing twice."
CHANGED = "This tool has been changed since, so nothing was done. Please ask again."
FAILED = "The tool failed."
NOT_YOURS = "You may not use this tool any more."

State = ToolUse.State
_running: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A look-up that is over. `result` is None when it failed; `use.error` says why."""

    use: ToolUse
    result: ToolResult | None = None


async def look_up(*, tool: Tool, arguments: Mapping[str, Any], person: Person, request_id: UUID) -> Outcome:
    """
    Run a tool that changes nothing, now. What goes wrong with it is in the outcome, not raised.

    The tool gets the real values behind placeholders; what it says is hidden before it is stored or read by a model.
    Raises GuardUnavailable, before anything is stored, when the arguments can't be looked at.
    """
    veil = await in_thread(veil_of, request_id, person)
    use = await in_thread(_keep, tool, await in_thread(veil.hidden, arguments), person, request_id, State.RUNNING)
    try:
        result = await _run(tool, use, person, veil)
        closed = await in_thread(_close, use, veil, tool=tool, result=result)
        return Outcome(closed, result if tool.name in BUILT_IN_NAMES else replace(result, text=closed.result))
    except AskAcmeError as error:
        return Outcome(await in_thread(_fail, use, veil, str(error)))
    except Exception:
        logger.exception("Tool use %s broke off", use.pk)
        return Outcome(await in_thread(_fail, use, veil, FAILED))
    except BaseException:
        await in_thread(_fail, use, veil, "Broken off.")
        raise


def propose(*, tool: Tool, arguments: Mapping[str, Any], person: Person, request_id: UUID) -> ToolUse:
    """
    Write down what a tool that changes something would do. Nothing is done before the person confirms it.

    Raises InvalidArguments, ToolFailed (a hidden value is gone) and GuardUnavailable.
    """
    veil = veil_of(request_id, person)
    try:
        filled = validated(veil.real(arguments), tool.spec.parameters)
    except InvalidArguments as error:  # it quotes what is wrong, and a model reads it
        raise InvalidArguments(veil.hidden(str(error))) from None
    hidden = veil.hidden(filled)
    return _keep(tool, hidden, person, request_id, State.PROPOSED, fingerprint=tool.fingerprint(hidden))


def prepared(*, tool: Tool, person: Person, request_id: UUID) -> ToolUse | None:
    """The proposal of this tool that waits already below this answer."""
    mine = ToolUse.objects.waiting().filter(request_id=request_id, user_id=person.user_id, tool=tool.name)
    return mine.first()


async def confirm(*, user: User, use_id: UUID) -> ToolUse:
    """
    Do what was proposed, as it was shown, once; or try again what failed.

    A second click changes nothing and gets the row as it is. Raises NotFound for somebody else's.
    """
    use = await in_thread(_claim, user, use_id)
    if use is not None:
        task = asyncio.create_task(_do(use, user))
        _running.add(task)  # the click's connection may go away; what was begun is brought to its end
        task.add_done_callback(_running.discard)
        await asyncio.shield(task)
    return await in_thread(of_person, user, use_id)


def decline(*, user: User, use_id: UUID) -> ToolUse:
    """Let a proposal go; does nothing to one that was confirmed. Raises NotFound for somebody else's."""
    use = of_person(user, use_id)
    with transaction.atomic():
        moved = ToolUse.objects.filter(pk=use_id, user=user, state__in=[State.PROPOSED, State.FAILED]).update(
            state=State.DECLINED, finished_at=timezone.now()
        )
        if moved:
            was, becomes = {"state": use.state}, {"state": State.DECLINED}
            record(actor=user, action="tool.decline", target=use.title, tool_use=str(use_id), before=was, after=becomes)
    return of_person(user, use_id)


def of_person(user: User, use_id: UUID) -> ToolUse:
    """Raises NotFound for what is not this person's, or belongs to a conversation that was deleted."""
    use = ToolUse.objects.visible_to(user).filter(pk=use_id, changes_something=True).first()
    if use is None:
        raise NotFound("There is no such proposal.")
    return use


async def finish_running() -> None:
    """Wait until what was confirmed in this process is done; before its event loop ends."""
    await asyncio.gather(*_running, return_exceptions=True)


def tidy() -> None:
    """End the proposals that are too old, and the calls whose process died."""
    now = timezone.now()
    old = ToolUse.objects.filter(state=State.PROPOSED, created_at__lte=now - LIFE)
    old.update(state=State.EXPIRED, finished_at=now)
    lost = ToolUse.objects.filter(state=State.RUNNING, started_at__lte=now - LOST_AFTER)
    lost.update(state=State.FAILED, finished_at=now, error=LOST)


def _claim(user: User, use_id: UUID) -> ToolUse | None:
    """The use, now running, if it is this click that may run it."""
    use = of_person(user, use_id)
    now = timezone.now()
    with transaction.atomic():
        # one table only: a join would let a second click pass that waited for the first one's lock
        mine = ToolUse.objects.filter(pk=use_id, user=user, state__in=[State.PROPOSED, State.FAILED])
        claimed = mine.filter(created_at__gt=now - LIFE).update(
            state=State.RUNNING, started_at=now, finished_at=None, error=""
        )
        if claimed:
            was, becomes = {"state": use.state}, {"state": State.RUNNING}
            record(actor=user, action="tool.confirm", target=use.title, tool_use=str(use_id), before=was, after=becomes)
        else:
            mine.waiting().filter(created_at__lte=now - LIFE).update(state=State.EXPIRED, finished_at=now)
    return ToolUse.objects.get(pk=use_id) if claimed else None


async def _do(use: ToolUse, user: User) -> None:
    person = await in_thread(Person.of, user)
    veil = await in_thread(veil_of, use.request_id, person)
    try:
        tool = await in_thread(_permitted, use, person, veil)
        result = await _run(tool, use, person, veil)
    except AskAcmeError as error:
        await in_thread(_fail, use, veil, str(error))
    except Exception:
        logger.exception("Tool use %s broke off", use.pk)
        await in_thread(_fail, use, veil, LOST)
    else:
        await in_thread(_done, use, veil, tool, result)


def _permitted(use: ToolUse, person: Person, veil: Veil) -> Tool:
    """The tool as it is now; a card confirms what was shown on it, not what somebody made of the tool later."""
    tool = tools_for(person).get(use.tool)
    if tool is None or not tool.changes_something:
        raise ToolFailed(NOT_YOURS)
    try:
        validated(veil.real(use.arguments), tool.spec.parameters)
        fingerprint = tool.fingerprint(defaults_of(tool.spec.parameters) | use.arguments)
    except InvalidArguments as error:
        raise ToolFailed(CHANGED) from error
    if fingerprint != use.fingerprint:
        raise ToolFailed(CHANGED)
    return tool


async def _run(tool: Tool, use: ToolUse, person: Person, veil: Veil) -> ToolResult:
    """Raises InvalidArguments and ToolFailed before anything is run, and ToolFailed after the tool's time is up."""
    filled = validated(await in_thread(veil.real, use.arguments), tool.spec.parameters)
    try:
        async with asyncio.timeout(tool.timeout_s):
            return await tool.run(Call(str(use.pk), filled, person))
    except TimeoutError:
        raise ToolFailed(f"{tool.system}: no answer within {tool.timeout_s:g} seconds.") from None


def _keep(
    tool: Tool,
    arguments: Mapping[str, Any],
    person: Person,
    request_id: UUID,
    state: State,
    *,
    fingerprint: str = "",
) -> ToolUse:
    now = timezone.now()
    return ToolUse.objects.create(
        request_id=request_id,
        message=Message.objects.filter(pk=request_id, conversation__user=person.user_id).first(),
        user_id=person.user_id,
        tool=tool.name,
        title=tool.title,
        system=tool.system,
        changes_something=tool.changes_something,
        arguments=dict(arguments),
        shown=shown(arguments, tool.spec.parameters),
        fingerprint=fingerprint,
        state=state,
        created_at=now,
        started_at=now if state == State.RUNNING else None,
    )


def _close(use: ToolUse, veil: Veil, *, tool: Tool | None = None, result: ToolResult | None = None) -> ToolUse:
    """
    End a running use; one that the sweeper ended meanwhile keeps the state that it has.

    What a search in our own documents found is the company's: it stays as it is. Raises GuardUnavailable.
    """
    use.state = State.FAILED if result is None else State.DONE
    use.finished_at = timezone.now()
    if tool and result:
        hidden = str if tool.name in BUILT_IN_NAMES else veil.hidden
        use.result = capped(hidden(result.text))
        use.outcome = hidden(words_of(tool, result))
    fields = ("state", "error", "finished_at", "result", "outcome")
    ToolUse.objects.filter(pk=use.pk, state=State.RUNNING).update(**{name: getattr(use, name) for name in fields})
    return use


def _done(use: ToolUse, veil: Veil, tool: Tool, result: ToolResult) -> ToolUse:
    """What was done is done, also when what came of it can't be looked at: then it is not kept."""
    try:
        return _close(use, veil, tool=tool, result=result)
    except GuardUnavailable as error:
        logger.error("Tool use %s: what it gave is not kept (%s)", use.pk, error)
        return _close(use, veil, tool=tool, result=ToolResult(""))


def _fail(use: ToolUse, veil: Veil, error: str) -> ToolUse:
    """The other system's words, which may quote what it was asked, as the rest."""
    try:
        use.error = shortened(veil.hidden(error), MAX_ERROR_CHARS)
    except GuardUnavailable:
        use.error = FAILED
    return _close(use, veil)


def capped(text: str) -> str:
    """What a model reads and a row keeps, as UTF-8 that a database takes."""
    whole = text.encode("utf-8", "replace").decode().replace("\x00", "")
    return whole if len(whole) <= MAX_RESULT_CHARS else f"{whole[:MAX_RESULT_CHARS]}… (cut)"


def words_of(tool: Tool, result: ToolResult) -> str:
    """The result for people, as Markdown: by the tool's template, or its plain values one by one."""
    try:
        return worded(tool.answer_template, result.data) if tool.answer_template else listed(result.data)
    except NotThere as error:
        logger.warning("The template of %s does not fit its answer: %s", tool.name, error)
        return listed(result.data)
