"""The turns before a question, on its branch: what may be told of them, to rules and to models."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from chat.conversations.branches import branches_of
from chat.conversations.models import Citation, Conversation, Message
from chat.conversations.turns import PROVEN
from chat.guarding.small_talk import SMALL_TALK
from chat.pipeline.cite import MARK
from governance.access.audience import Audience
from knowledge.documents.models import DocumentVersion

HEARD = PROVEN | {Message.Status.NO_ANSWER}
"""How the turns ended that a later question may lean on: an honest "I don't know" says what was asked about."""


@dataclass(frozen=True, slots=True)
class Turn:
    """
    A question, and how it was searched for. `answer` is empty where none was found, and where its proof is no longer
    for the asker's eyes. Its citation marks are gone: their numbers are no later answer's.
    """

    request_id: UUID
    question: str
    standalone: str
    answer: str


@dataclass(frozen=True, slots=True)
class Talk:
    """`turns` are oldest first. `summary` tells of those before them, up to and with `summarised`."""

    turns: tuple[Turn, ...] = ()
    summary: str = ""
    summarised: UUID | None = None

    @property
    def is_empty(self) -> bool:
        return not self.turns and not self.summary


def talk_before(request_id: UUID, audience: Audience) -> Talk:
    """What was said before this turn, as far as the audience may (still) see what it leans on."""
    message = Message.objects.filter(pk=request_id).select_related("conversation").first()
    if message is None or message.parent_id is None:
        return Talk()
    return talk_until(message.parent_id, message.conversation, audience)


def talk_until(request_id: UUID, conversation: Conversation, audience: Audience) -> Talk:
    """The same, this turn with it."""
    path = branches_of(conversation.pk).path_to(request_id)
    ended = Message.objects.filter(state=Message.State.DONE, status__in=HEARD)
    heard = ended.exclude(route=SMALL_TALK).in_bulk(path)  # nothing leans on a "Hello"
    turns = [heard[pk] for pk in path if pk in heard]
    shown = numbers_shown(path, audience)
    told = [turn_of(message, shown[message.pk]) for message in turns]
    if conversation.summarised_id not in path:  # another branch's, or none
        return Talk(tuple(told))
    older = set(path[: path.index(conversation.summarised_id) + 1])
    if not may_be_told([message for message in turns if message.pk in older], shown):
        return Talk(tuple(told))
    newer = tuple(turn for turn in told if turn.request_id not in older)
    return Talk(newer, conversation.summary, conversation.summarised_id)


def numbers_shown(path: Sequence[UUID], audience: Audience) -> dict[UUID, set[int]]:
    """Of each turn the numbers of those sources that the audience may see."""
    visible = DocumentVersion.objects.visible_to(audience)
    shown: dict[UUID, set[int]] = defaultdict(set)
    for pk, n in Citation.objects.filter(message__in=path, version__in=visible).values_list("message_id", "n"):
        shown[pk].add(n)
    return shown


def turn_of(message: Message, shown: Collection[int]) -> Turn:
    is_told = message.status in PROVEN and is_proved_by(message.answer, shown)
    return Turn(
        request_id=message.pk,
        question=message.question,
        standalone=message.standalone or message.question,
        answer=MARK.sub("", message.answer).strip() if is_told else "",
    )


def is_proved_by(answer: str, shown: Collection[int]) -> bool:
    """Whether each of its marks has a source that may be shown; a deleted document's marks have none."""
    return all(int(n) in shown for mark in MARK.findall(answer) for n in mark.split(","))


def may_be_told(turns: Sequence[Message], shown: dict[UUID, set[int]]) -> bool:
    return all(is_proved_by(m.answer, shown[m.pk]) for m in turns if m.status in PROVEN)
