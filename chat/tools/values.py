"""What passes between tools and those who call them: frozen values."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.types import ToolSpec
from knowledge.search.search import Hit

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """The employee on whose behalf a tool runs."""

    user_id: int
    email: str
    audience: Audience

    @classmethod
    def of(cls, user: User) -> "Person":
        return cls(user.pk, user.email, Audience.of(user))


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its arguments fit the tool's schema. `id` is the same when the same call is tried again."""

    id: str
    arguments: Arguments
    person: Person


@dataclass(frozen=True, slots=True)
class ToolResult:
    """
    What a tool said. `text` is what a model reads, `data` the same as values for an answer template.

    `hits` are the passages that a search found: whoever takes them gives them their numbers.
    """

    text: str
    data: Any = None
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """
    A tool that one person may use now.

    `run` raises InvalidArguments and ToolFailed. `fingerprint` tells what a call would send where; two calls with the
    same one do the same.
    """

    spec: ToolSpec
    title: str
    system: str
    run: Callable[[Call], Awaitable[ToolResult]]
    fingerprint: Callable[[Arguments], str] = lambda _arguments: ""
    changes_something: bool = False
    timeout_s: float = 10
    answer_template: str = ""
    examples: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.spec.name


Tools = Mapping[str, Tool]
"""By name."""
