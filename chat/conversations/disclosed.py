"""Answers as somebody else may read them: without what rests on documents that are not theirs to see."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from chat.conversations.models import Citation, Message
from chat.conversations.render import CITE, Cites, render
from governance.access.audience import Audience
from governance.access.models import User
from knowledge.documents.models import DocumentVersion


@dataclass(frozen=True, slots=True)
class Disclosed:
    """
    One turn for another reader.

    `citations` are those that this reader may open, `cited` is how many there are in all. `leans_on_withheld`: the
    model was told of an answer before it that this reader may not see.
    """

    message: Message
    citations: Sequence[Citation]
    cited: int
    leans_on_withheld: bool = False

    @property
    def is_withheld(self) -> bool:
        """Whether the answer says something of documents that the reader may not see, or that are gone."""
        return self.leans_on_withheld or not self.is_open

    @property
    def is_open(self) -> bool:
        seen = {citation.n for citation in self.citations}
        return self.cited == len(seen) and all(int(mark) in seen for mark in CITE.findall(self.message.answer))

    @property
    def answer(self) -> SafeString:
        """
        The answer, its marks as plain numbers: their links lead to the asker's own pages.

        Without the sentences that were found to be unproved: nobody can tell which document they come from.
        """
        return SafeString("") if self.is_withheld else render(proved_part(self.message), Cites(self.message.pk))


def disclosed_to(reader: User, messages: Iterable[Message]) -> list[Disclosed]:
    """The messages, in the order in which they were asked, in three queries and one for the reader's groups."""
    listed = list(messages)
    cited = Counter(Citation.objects.filter(message__in=listed).values_list("message_id", flat=True))
    citations = (
        Citation.objects.filter(message__in=listed, version__in=DocumentVersion.objects.visible_to(Audience.of(reader)))
        .select_related("version__document")
        .defer("version__text", "version__blocks")
    )
    seen: dict[object, list[Citation]] = defaultdict(list)
    for citation in citations:
        seen[citation.message_id].append(citation)
    turns: list[Disclosed] = []
    for message in listed:
        leans = bool(message.standalone or message.is_reask) and any(turn.is_withheld for turn in turns)
        turns.append(Disclosed(message, seen[message.pk], cited[message.pk], leans))
    return turns


def proved_part(message: Message) -> str:
    text = message.answer
    unproved = [(told["start"], told["end"]) for told in message.proof if told["state"] == "unproved"]
    for start, end in sorted(unproved, reverse=True):
        text = text[:start] + text[end:]
    return text
