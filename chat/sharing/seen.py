"""What a colleague sees of a conversation that was shared: less than the one who asked, if they may see less."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.conversations.branches import turns_up_to
from chat.conversations.disclosed import Disclosed, disclosed_to
from chat.conversations.models import Citation, Message
from chat.sharing.models import Share
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

    @property
    def is_quoted(self) -> bool:
        return self.message.provider == "reader"


def seen_by(reader: User, share: Share) -> list[SharedTurn]:
    """
    The turns up to the last shared one. An answer is withheld whole if one of its sources is not the reader's to see,
    if another system was asked for it in the sharer's name, or if it may repeat an answer that is withheld.
    """
    return [shown(turn) for turn in disclosed_to(reader, turns_up_to(share.last))]


def shown(turn: Disclosed) -> SharedTurn:
    if turn.is_shown:
        return SharedTurn(turn.message, turn.answer, turn.citations, CUT if turn.is_cut else "")
    return SharedTurn(turn.message, note=WITHHELD if turn.is_withheld else NO_ANSWER)
