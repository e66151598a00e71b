"""Answers as somebody else may read them: without what rests on documents that are not theirs to see."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.safestring import SafeString

from chat.conversations.models import Citation, Message
from chat.conversations.render import CITE, Cites, render
from chat.conversations.turns import PROVEN
from chat.tools.models import BUILT_IN_NAMES, ToolUse
from governance.access.audience import Audience
from governance.access.models import User
from governance.guardrails.pii.shown import shown


@dataclass(frozen=True, slots=True)
class Disclosed:
    """
    One turn for another reader.

    `citations` are those that this reader may open, `cited` is how many there are in all. `is_private`: another system
    was asked for it in the person's name. `repeats`: it may say what an answer before it said that this reader may not
    see.
    """

    message: Message
    citations: Sequence[Citation]
    cited: int
    is_private: bool = False
    repeats: bool = False

    @property
    def has_answer(self) -> bool:
        """
        Whether there is one to show.

        Not a refusal's own words: they name whom to ask by documents that the reader may not see. Nor what there was
        of an answer that broke off: it was checked against nothing.
        """
        return self.message.status in PROVEN

    @property
    def is_withheld(self) -> bool:
        """Whether the answer says something that the reader may not see, or that rests on what is gone."""
        return self.has_answer and (self.is_private or self.repeats or not self.is_open)

    @property
    def is_open(self) -> bool:
        seen = {citation.n for citation in self.citations}
        return self.cited == len(seen) and all(int(mark) in seen for mark in CITE.findall(self.message.answer))

    @property
    def is_shown(self) -> bool:
        return self.has_answer and not self.is_withheld

    @property
    def answer(self) -> SafeString:
        """
        The answer, its marks as plain numbers: their links lead to the asker's own pages.

        Without the sentences that were found to be unproved: nobody can tell which document they come from.
        """
        return shown(render(proved_part(self.message), Cites(self.message.pk))) if self.is_shown else SafeString("")

    @property
    def is_cut(self) -> bool:
        return self.is_shown and proved_part(self.message) != self.message.answer


def disclosed_to(reader: User, messages: Iterable[Message]) -> list[Disclosed]:
    """The turns of one branch, from its first on, in four queries and one for the reader's groups."""
    listed = list(messages)
    cited = Counter(Citation.objects.filter(message__in=listed).values_list("message_id", flat=True))
    seen: dict[UUID, list[Citation]] = defaultdict(list)
    for citation in Citation.objects.open_to(Audience.of(reader)).filter(message__in=listed):
        seen[citation.message_id].append(citation)
    private = resting_on_private_things(listed)
    turns: list[Disclosed] = []
    for message in listed:
        pk = message.pk
        repeats = may_repeat(message) and any(turn.is_withheld for turn in turns)
        turns.append(Disclosed(message, seen[pk], cited[pk], pk in private, repeats))
    return turns


def resting_on_private_things(messages: Iterable[Message]) -> set[UUID]:
    """Those for which another system was asked, or is to be asked, in the name of the person."""
    request_ids = [message.pk for message in messages]
    uses = ToolUse.objects.filter(request_id__in=request_ids).exclude(tool__in=BUILT_IN_NAMES)
    return set(uses.values_list("request_id", flat=True))


def may_repeat(message: Message) -> bool:
    """
    Whether it may say what the answers before it said.

    A question that leans on them may draw it out. A language model may have been told of them, and what it writes
    without saying anything that could be checked, a heading say, is found by no proof. The reader is told nothing.
    """
    return bool(message.standalone) or message.is_reask or message.provider != "reader"


def proved_part(message: Message) -> str:
    text = message.answer
    unproved = [(told["start"], told["end"]) for told in message.proof if told["state"] == "unproved"]
    for start, end in sorted(unproved, reverse=True):
        text = text[:start] + text[end:]
    return text
