"""A prompt as a model is sent it."""

from dataclasses import dataclass

from governance.gateway.types import Tier
from governance.prompts.template import Template, parse
from governance.prompts.versions.models import PromptVersion


@dataclass(frozen=True, slots=True)
class Prompt:
    """
    What a model is sent. `version` is `<name>@<number>`: it stands with every answer and every call that used it.

    `tier` is "routed" where the router picks the model for each question.
    """

    version: str
    text: str
    tier: str = "routed"
    temperature: float = 0.0
    max_output_tokens: int = 1024

    @property
    def own_tier(self) -> Tier:
        """The tier to ask when no router picks one."""
        return "strong" if self.tier == "strong" else "fast"


@dataclass(frozen=True, slots=True)
class Open:
    """A prompt whose places are still open."""

    prompt: Prompt
    template: Template

    @classmethod
    def of(cls, version: PromptVersion) -> "Open":
        sent = Prompt(version.label, version.text, version.tier, float(version.temperature), version.max_output_tokens)
        return cls(sent, parse(version.text))

    def with_values(self, **values: str) -> Prompt:
        found = self.prompt
        text = self.template.render(values)
        return Prompt(found.version, text, found.tier, found.temperature, found.max_output_tokens)
