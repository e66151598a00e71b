"""
Branches of a conversation: a question that was edited, or answered anew, stands beside the one before it.

Nothing is thrown away: turns with the same parent are branches, and the conversation's `head` says which one is shown.
"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from askacme.lib.errors import ConversationBusy, NotFound
from chat.conversations.models import Conversation, Message
from governance.access.models import User


@dataclass(frozen=True, slots=True)
class Branches:
    """All turns of a conversation by their parents; those of one parent oldest first."""

    parents: dict[UUID, UUID | None]
    children: dict[UUID | None, list[UUID]]

    def path_to(self, head: UUID | None) -> list[UUID]:
        """From the first turn to `head`."""
        path: list[UUID] = []
        while head is not None and head in self.parents:
            path.append(head)
            head = self.parents[head]
        return path[::-1]

    def beside(self, request_id: UUID) -> tuple[UUID, ...]:
        """The turns in the same place, this one among them."""
        return tuple(self.children.get(self.parents.get(request_id), ()))

    def leaf_under(self, request_id: UUID) -> UUID:
        """The last turn that follows, each time the newest branch."""
        while following := self.children.get(request_id):
            request_id = following[-1]
        return request_id


def branches_of(conversation_id: UUID) -> Branches:
    turns = Message.objects.filter(conversation=conversation_id).order_by("created_at").values_list("pk", "parent_id")
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for pk, parent in turns:
        children[parent].append(pk)
    return Branches(dict(turns), children)


def turns_up_to(message: Message) -> list[Message]:
    """The message and those before it in its branch, oldest first."""
    path = branches_of(message.conversation_id).path_to(message.pk)
    found = Message.objects.in_bulk(path)
    return [found[pk] for pk in path]


def show_branch(*, user: User, request_id: UUID) -> Conversation:
    """
    Show this turn and what follows it, in the place of those beside it.

    Raises NotFound for somebody else's, and ConversationBusy while an answer runs, which would go out of sight.
    """
    with transaction.atomic():
        message = Message.objects.visible_to(user).filter(pk=request_id).first()
        if message is None:
            raise NotFound("There is no such answer.")
        conversation = Conversation.objects.select_for_update(no_key=True).get(pk=message.conversation_id)
        if conversation.messages.running().exists():
            raise ConversationBusy(_("I'm still answering your last question. Wait for it, or stop it."))
        conversation.head_id = branches_of(conversation.pk).leaf_under(request_id)
        conversation.save(update_fields=["head"])
    return conversation
