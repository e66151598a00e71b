"""What prompts there are: each is asked for by name at one place in the code, which gives it its values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from askacme.lib.errors import InvalidTemplate, NotFound
from governance.prompts.template import parse

Variables = Mapping[str, str]
"""Name of a variable → what it holds, in words."""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A prompt that the code asks for.

    A text must use each `required` variable and may use each `optional` one. `tier` is the model's cost tier that a
    version starts with; "routed" means that the router picks it for each question, so that versions can't.
    """

    name: str
    title: str
    purpose: str
    tier: Literal["fast", "strong", "routed"]
    required: Variables = field(default_factory=dict)
    optional: Variables = field(default_factory=dict)

    @property
    def is_routed(self) -> bool:
        return self.tier == "routed"

    @property
    def variables(self) -> Variables:
        return {**self.required, **self.optional}

    def names_in(self, text: str) -> tuple[str, ...]:
        """
        The variables that the text uses.

        Raises InvalidTemplate when it can't be read, uses one that is unknown, or lacks one that is required.
        """
        names = parse(text).names
        if unknown := [name for name in names if name not in self.variables]:
            known = ", ".join(self.variables) or "none"
            raise InvalidTemplate(f"The prompt “{self.name}” has no variable {', '.join(unknown)}. It has: {known}.")
        if missing := [name for name in self.required if name not in names]:
            wanted = ", ".join(f"{{{{ {name} }}}}" for name in missing)
            raise InvalidTemplate(f"The prompt “{self.name}” needs {wanted}: without it the text lacks something.")
        return names


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "answer",
            "Answer",
            "Words the answer from the passages that were found. The passages and the question follow it.",
            tier="routed",
            optional={"today": "the date of the answer, such as 21 November 2026"},
        ),
        Kind(
            "tools",
            "Tools",
            "Follows the answer's rules when a model may also call tools.",
            tier="routed",
        ),
        Kind(
            "condense",
            "Condense",
            "Makes a question that leans on the conversation stand alone, before anything is searched.",
            tier="fast",
        ),
        Kind(
            "summary",
            "Summary",
            "Sums up the oldest turns of a conversation that no longer fits.",
            tier="fast",
            required={"words": "how many words the summary may have"},
        ),
        Kind(
            "judge",
            "Judge",
            "Scores a test's answer against the rubric of its case. Question, rubric and answer follow it.",
            tier="strong",
        ),
    )
}


def kind_of(name: str) -> Kind:
    """Raises NotFound."""
    try:
        return KINDS[name]
    except KeyError:
        raise NotFound(f"There is no prompt “{name}”. Prompts: {', '.join(KINDS)}.") from None
