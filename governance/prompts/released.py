"""The prompts that are in force for everybody whom no canary gives others."""

from governance.prompts.releases.current import current, in_force
from governance.prompts.sent import Prompt

__all__ = ["Prompt", "answer_prompt", "prompt", "released"]

released = current


def prompt(name: str, **values: str) -> Prompt:
    """
    The released version of the prompt, with its variables filled.

    From memory, at most a second behind what was released; also for the event loop. Raises NotFound. An answer uses its
    run's recipe instead (`Asked.recipe`): that one stays the same to its end.
    """
    return in_force().prompt(name, **values)


def answer_prompt() -> Prompt:
    return in_force().answer_prompt()
