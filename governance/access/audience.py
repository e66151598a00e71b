"""Whose eyes a search is made for."""

from dataclasses import dataclass
from typing import Self

from governance.access.models import User

EVERYONE = 0


@dataclass(frozen=True, slots=True)
class Audience:
    """
    What decides which documents a person may see: who they are and which groups they belong to.

    `user_id` None is nobody in particular: only documents for everyone.
    """

    user_id: int | None
    group_ids: tuple[int, ...]

    @classmethod
    def of(cls, user: User) -> Self:
        if not user.is_active:
            return cls(None, ())
        return cls(user.pk, tuple(user.groups.order_by("id").values_list("id", flat=True)))

    @classmethod
    def nobody(cls) -> Self:
        return cls(None, ())

    @property
    def grants(self) -> list[int]:
        """The audience as numbers: 0 is everyone, a group its id, a person the negative of theirs."""
        return [EVERYONE, *self.group_ids, *([-self.user_id] if self.user_id is not None else [])]
