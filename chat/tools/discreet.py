"""
Personal data on its way through tools: real where a tool is called, hidden in what is stored and in what a model reads.

What a model writes holds the placeholders of the conversation. A call that would carry one whose value is not known any
more is refused: no other system gets a placeholder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from askacme.lib.errors import ToolFailed
from chat.conversations.models import Message
from chat.tools.values import Person
from governance.guardrails.pii import PLACEHOLDER, restore
from governance.guardrails.pii.vault import hide, values_of
from governance.guardrails.policy import policy_for


@dataclass(frozen=True, slots=True)
class Veil:
    """Hides and gives back the personal data of one answer's tool calls, in its conversation and by its policy."""

    scope: str
    person: Person

    def hidden(self, value: Any) -> Any:
        """The same JSON with placeholders in its texts. Raises GuardUnavailable."""
        policy = policy_for(frozenset(self.person.audience.group_ids))
        return in_texts(value, partial(hide, scope=self.scope, policy=policy))

    def real(self, value: Any) -> Any:
        """The same JSON with the values behind its placeholders. Raises ToolFailed when one is gone."""
        if not has_placeholder(value):
            return value
        policy = policy_for(frozenset(self.person.audience.group_ids))
        values = values_of(self.scope) if policy.is_reversible else {}
        found = in_texts(value, lambda text: restore(text, values))
        if has_placeholder(found):
            raise ToolFailed(_("Personal data that this needs is hidden and not kept any more. Please ask again."))
        return found


def veil_of(request_id: UUID, person: Person) -> Veil:
    """Scope is the conversation; of a call without one, from the console, the call alone."""
    mine = Message.objects.filter(pk=request_id, conversation__user=person.user_id)
    return Veil(str(mine.values_list("conversation_id", flat=True).first() or request_id), person)


def in_texts(value: Any, of: Callable[[str], str]) -> Any:
    """Whatever JSON it is, its texts replaced; a number only when it is personal. Names of properties stay."""
    match value:
        case str():
            return of(value)
        case Mapping():
            return {name: in_texts(item, of) for name, item in value.items()}
        case list() | tuple():
            return [in_texts(item, of) for item in value]
        case bool():
            return value
        case int() if (said := of(str(value))) != str(value):
            return said
    return value


def has_placeholder(value: Any) -> bool:
    match value:
        case str():
            return PLACEHOLDER.search(value) is not None
        case Mapping():
            return any(map(has_placeholder, value.values()))
        case list() | tuple():
            return any(map(has_placeholder, value))
    return False
