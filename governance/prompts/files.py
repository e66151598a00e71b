"""
A version of a prompt as a file, to keep in git: YAML front matter, then the text, byte for byte.

    ---
    prompt: answer
    version: 1.0.0
    tier: routed
    temperature: 0
    max_output_tokens: 1024
    variables: []
    owner: ana@acme.example
    date: 2026-11-21
    change_note: Shorter answers.
    ---
    You are AskAcme, …
"""

import datetime
from dataclasses import dataclass
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from askacme.lib.errors import InvalidInput
from governance.prompts.content import Content, checked
from governance.prompts.kinds import kind_of
from governance.prompts.semver import Number, number_from

FENCE = "---\n"
MOST_MATTER_CHARS = 10_000

AsText = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]
"""YAML reads `0` and `1.5` as numbers; they are taken as they were written."""


class FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    prompt: str
    version: AsText
    tier: str
    temperature: AsText = "0"
    max_output_tokens: int
    variables: list[str] = []
    owner: str = ""
    date: datetime.date | None = None
    change_note: str = ""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """`owner` is an e-mail address; it is empty for what ships with AskAcme."""

    prompt: str
    number: Number
    content: Content
    owner: str = ""
    date: datetime.date | None = None
    change_note: str = ""


def as_text(file: PromptFile) -> str:
    """What `read` reads as the same file again."""
    told: dict[str, Any] = {
        "prompt": file.prompt,
        "version": str(file.number),
        "tier": file.content.tier,
        "temperature": float(file.content.temperature),
        "max_output_tokens": file.content.max_output_tokens,
        "variables": list(kind_of(file.prompt).names_in(file.content.text)),
    }
    told |= {"owner": file.owner} if file.owner else {}
    told |= {"date": file.date} if file.date else {}
    told |= {"change_note": file.change_note} if file.change_note else {}
    matter = yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100)
    return f"{FENCE}{matter}{FENCE}{file.content.text}\n"


def read(text: str) -> PromptFile:
    """
    A file's prompt, checked as if it were typed in.

    Raises InvalidInput that says what is wrong, NotFound for a prompt that doesn't exist.
    """
    matter, text = split(text)
    kind = kind_of(matter.prompt)
    content = checked(
        kind,
        text=text,
        tier=matter.tier,
        temperature=matter.temperature,
        max_output_tokens=matter.max_output_tokens,
    )
    used = kind.names_in(content.text)
    if set(matter.variables) != set(used):
        raise InvalidInput(f"variables: the text uses {', '.join(used) or 'none'}; declare exactly these.")
    return PromptFile(
        matter.prompt, number_from(matter.version), content, matter.owner, matter.date, matter.change_note
    )


def split(text: str) -> tuple[FrontMatter, str]:
    text = text.replace("\r\n", "\n")
    head, fence, body = text.removeprefix(FENCE).partition(f"\n{FENCE}")
    if not text.startswith(FENCE) or not fence:
        raise InvalidInput("The file begins with no front matter: lines of YAML between two lines of ---.")
    if len(head) > MOST_MATTER_CHARS:
        raise InvalidInput(f"The front matter has at most {MOST_MATTER_CHARS:,} characters.")
    try:
        return FrontMatter.model_validate(yaml.safe_load(head)), body
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, item['loc'])) or 'front matter'}: {item['msg']}" for item in error.errors())
        raise InvalidInput("; ".join(wrong)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"The front matter is no valid YAML: {' '.join(str(error).split())}") from None
