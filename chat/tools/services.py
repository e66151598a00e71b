"""
Using tools: looking something up at once, and changing something after the employee has confirmed it.

Every call leaves a `ToolUse`. Its state moves by compare-and-set on that one row, so that two clicks do one thing.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from askacme.lib.errors import AskAcmeError, InvalidArguments, NotFound, ToolFailed
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.tools.arguments import shown, validated
from chat.tools.models import LIFE, ToolUse
from chat.tools.registry import tools_for
from chat.tools.values import Call, Person, Tool, ToolResult
from chat.tools.wording import NotThere, listed, worded
from governance.access.models import User
from governance.audit.services import record

logger = logging.getLogger(__name__)

LOST_AFTER = timedelta(minutes=2)
"""Longer than any call may take: the process that made it is gone."""
MAX_RESULT_CHARS = 8000
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
    """Run a tool that changes nothing, now. What goes wrong with it is in the outcome, not raised."""
    use = await in_thread(_keep, tool, arguments, person, request_id, State.RUNNING)
    try:
        result = await _run(tool, use, person)
        return Outcome(await in_thread(_close, use, tool=tool, result=result), result)
    except AskAcmeError as error:
        return Outcome(await in_thread(_close, use, error=str(error)))
    except Exception:
        logger.exception("Tool use %s broke off", use.pk)
        return Outcome(await in_thread(_close, use, error=FAILED))
    except BaseException:
        await in_thread(_close, use, error="Broken off.")
        raise


def propose(*, tool: Tool, arguments: Mapping[str, Any], person: Person, request_id: UUID) -> ToolUse:
    """
    Write down what a tool that changes something would do. Nothing is done before the person confirms it.

    Raises InvalidArguments.
    """
    filled = validated(arguments, tool.spec.parameters)
    return _keep(tool, filled, person, request_id, State.PROPOSED, fingerprint=tool.fingerprint(filled))


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
            record(actor=user, action="tool.decline", target=use.title, tool_use=str(use_id))
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
            record(actor=user, action="tool.confirm", target=use.title, tool_use=str(use_id))
        else:
            mine.waiting().filter(created_at__lte=now - LIFE).update(state=State.EXPIRED, finished_at=now)
    return ToolUse.objects.get(pk=use_id) if claimed else None


async def _do(use: ToolUse, user: User) -> None:
    try:
        tool, person = await in_thread(_permitted, use, user)
        result = await _run(tool, use, person)
    except AskAcmeError as error:
        await in_thread(_close, use, error=str(error))
    except Exception:
        logger.exception("Tool use %s broke off", use.pk)
        await in_thread(_close, use, error=LOST)
    else:
        await in_thread(_close, use, tool=tool, result=result)


def _permitted(use: ToolUse, user: User) -> tuple[Tool, Person]:
    """The tool as it is now; a card confirms what was shown on it, not what somebody made of the tool later."""
    person = Person.of(user)
    tool = tools_for(person).get(use.tool)
    if tool is None or not tool.changes_something:
        raise ToolFailed(NOT_YOURS)
    try:
        fingerprint = tool.fingerprint(validated(use.arguments, tool.spec.parameters))
    except InvalidArguments as error:
        raise ToolFailed(CHANGED) from error
    if fingerprint != use.fingerprint:
        raise ToolFailed(CHANGED)
    return tool, person


async def _run(tool: Tool, use: ToolUse, person: Person) -> ToolResult:
    """Raises InvalidArguments before anything is run, and ToolFailed after the tool's time is up."""
    filled = validated(use.arguments, tool.spec.parameters)
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


def _close(use: ToolUse, *, tool: Tool | None = None, result: ToolResult | None = None, error: str = "") -> ToolUse:
    """End a running use; one that the sweeper ended meanwhile keeps the state that it has."""
    use.state = State.FAILED if result is None else State.DONE
    use.error = error[:500]
    use.finished_at = timezone.now()
    if tool and result:
        use.result = capped(result.text)
        use.outcome = words_of(tool, result)
    fields = ("state", "error", "finished_at", "result", "outcome")
    ToolUse.objects.filter(pk=use.pk, state=State.RUNNING).update(**{name: getattr(use, name) for name in fields})
    return use


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
