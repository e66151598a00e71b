"""The running summary: what was said in the turns that no longer fit."""

import logging
from dataclasses import replace
from html import escape
from uuid import UUID

from askacme.lib.errors import AskAcmeError
from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from chat.followups.packing import HISTORY_TOKENS, as_data, packed
from chat.followups.talk import Talk, Turn, talk_until
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.complete import complete
from governance.gateway.money.estimate import by_bytes
from governance.gateway.types import Caller, ChatMessage, CompletionRequest
from governance.prompts.releases.current import recipe_at
from governance.prompts.sent import Prompt

logger = logging.getLogger(__name__)

SUMMARY_TOKENS = 300
ROOM_TOKENS = HISTORY_TOKENS // 2
"""What the turns that stay may take: the next summary is needed some turns later, not at each."""


async def summarise(request_id: UUID) -> bool:
    """
    Fold the oldest turns up to this one into the conversation's summary; says whether it did.

    Nothing happens while all of them fit, when the conversation is gone, or when no model can be asked.
    """
    begun = await in_thread(talk_and_caller, request_id)
    if begun is None:
        return False
    talk, caller, conversation_id, rules = begun
    folded = to_fold(talk)
    if not folded:
        return False
    told = Talk(folded, talk.summary)
    request = CompletionRequest(
        messages=(ChatMessage("system", rules.text), ChatMessage("user", as_text(told))),
        question="",
        tier=rules.own_tier,
        temperature=rules.temperature,
        max_output_tokens=rules.max_output_tokens,
    )
    caller = replace(caller, prompt_version=rules.version)
    try:
        text, _ = await complete(request, caller=caller)
    except AskAcmeError as error:
        logger.warning("Conversation %s is not summed up: %s", conversation_id, error)
        return False
    return bool(text.strip()) and await in_thread(
        keep, conversation_id, text.strip(), upto=folded[-1].request_id, before=talk.summarised
    )


def talk_and_caller(request_id: UUID) -> tuple[Talk, Caller, UUID, Prompt] | None:
    message = Message.objects.filter(pk=request_id).select_related("conversation").first()
    if message is None:
        return None
    user = User.objects.get(pk=message.conversation.user_id)
    audience = Audience.of(user)
    talk = talk_until(message.pk, message.conversation, audience)
    caller = Caller(str(request_id), user.pk, audience.group_ids, purpose="summary")
    rules = recipe_at(message.recipe, user_id=user.pk).prompt("summary", words=str(SUMMARY_TOKENS // 2))
    return talk, caller, message.conversation_id, rules


def to_fold(talk: Talk) -> tuple[Turn, ...]:
    """The oldest turns, as many as must go for the rest to leave room; none while all fit."""
    if not packed(talk).left_out:
        return ()
    return packed(Talk(talk.turns), tokens=ROOM_TOKENS).left_out


def as_text(talk: Talk) -> str:
    before = f"<summary>\n{escape(talk.summary, quote=False)}\n</summary>\n" if talk.summary else ""
    return f"<conversation>\n{before}" + "\n".join(map(as_data, talk.turns)) + "\n</conversation>"


def keep(conversation_id: UUID, text: str, *, upto: UUID, before: UUID | None) -> bool:
    """Unless another summary was kept meanwhile. A text that is too long is cut: it must leave room for the turns."""
    while by_bytes(text) > 2 * SUMMARY_TOKENS:
        text = text[: len(text) * 3 // 4].rsplit(" ", 1)[0] + " …"
    unchanged = Conversation.objects.filter(pk=conversation_id, summarised=before)
    return bool(unchanged.update(summary=text, summarised=upto))
