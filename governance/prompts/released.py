"""The prompts that are in force."""

from dataclasses import dataclass

from django.utils import timezone

from askacme.lib.errors import NotFound
from askacme.lib.followed import Followed
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
class Released:
    """A prompt whose places are still open."""

    prompt: Prompt
    template: Template

    def with_values(self, **values: str) -> Prompt:
        found = self.prompt
        text = self.template.render(values)
        return Prompt(found.version, text, found.tier, found.temperature, found.max_output_tokens)


def prompt(name: str, **values: str) -> Prompt:
    """
    The released version of the prompt, with its variables filled.

    From memory, at most a second behind what was released; also for the event loop. Raises NotFound.
    """
    found = released.get().get(name) or released.look().get(name)
    if found is None:
        raise NotFound(f"No version of the prompt “{name}” is released.")
    return found.with_values(**values)


def answer_prompt() -> Prompt:
    today = timezone.localdate()
    return prompt("answer", today=f"{today.day} {today:%B %Y}")


def load() -> dict[str, Released]:
    """One table, without a join: nothing that empties several tables at once can deadlock with it."""
    versions = PromptVersion.objects.filter(state=PromptVersion.State.RELEASED)
    return {version.prompt_id: released_of(version) for version in versions}


def released_of(version: PromptVersion) -> Released:
    found = Prompt(version.label, version.text, version.tier, float(version.temperature), version.max_output_tokens)
    return Released(found, parse(version.text))


released = Followed(load, channel="prompts")
