"""What a colleague sees of a conversation that was shared: less than the one who asked, if they may see less."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.conversations.branches import branches_of
from chat.conversations.disclosed import Disclosed, disclosed_to, proved_part
from chat.conversations.models import Citation, Message
from chat.conversations.render import Cites, render
from chat.conversations.turns import PROVEN
from chat.sharing.models import Share
from chat.tools.models import BUILT_IN_NAMES, ToolUse
from governance.access.models import User

WITHHELD = _("This answer is not shown: it rests on something that only the person who asked may see.")
NO_ANSWER = _("AskAcme found no answer to this.")
CUT = _("Sentences that no source proves are left out.")


@dataclass(frozen=True, slots=True)
class SharedTurn:
    """A question and what the reader may know of its answer. `note` says what is not there, and why."""

    message: Message
    body: SafeString | str = ""
    sources: Sequence[Citation] = ()
    note: Promise | str = ""


def seen_by(reader: User, share: Share) -> list[SharedTurn]:
    """
    The turns up to the last shared one. An answer is withheld whole if one of its sources is not the reader's to see,
    if another system was asked for it in the sharer's name, or if it may repeat an answer that is withheld.
    """
    path = branches_of(share.conversation_id).path_to(share.last_id)
    messages = Message.objects.filter(conversation=share.conversation_id).in_bulk(path)
    private = resting_on_private_things(path)
    turns, has_withheld = [], False
    for turn in disclosed_to(reader, [messages[pk] for pk in path]):
        pk = turn.message.pk
        is_withheld = turn.is_withheld or pk in private or (has_withheld and may_repeat(turn.message))
        has_withheld = has_withheld or is_withheld
        turns.append(SharedTurn(turn.message, note=WITHHELD) if is_withheld else shown(turn))
    return turns


def resting_on_private_things(request_ids: Sequence[UUID]) -> set[UUID]:
    """Those for which another system was asked, or is to be asked, in the name of the person."""
    uses = ToolUse.objects.filter(request_id__in=request_ids).exclude(tool__in=BUILT_IN_NAMES)
    return set(uses.values_list("request_id", flat=True))


def may_repeat(message: Message) -> bool:
    """
    Whether it may say what the answers before it said.

    A question that leans on them may draw it out. A language model is told of them in any case; what `proved_part`
    leaves of its answer rests on its own sources, where sentences were judged.
    """
    leans = bool(message.standalone) or message.is_reask
    return leans or (message.provider != "reader" and not message.proof)


def shown(turn: Disclosed) -> SharedTurn:
    """
    Nothing of a refusal's own words: they name whom to ask by documents that the reader may not see.

    Nor a sentence without proof: nobody can tell which document it comes from.
    """
    message = turn.message
    if message.status not in PROVEN:
        return SharedTurn(message, note=NO_ANSWER)
    proved = proved_part(message)
    note = CUT if proved != message.answer else ""
    return SharedTurn(message, render(proved, Cites(message.pk)), turn.citations, note)
