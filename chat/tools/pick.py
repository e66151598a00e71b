"""Which tool a question is about, where no language model chooses: the nearest example question decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from askacme.lib.errors import InvalidArguments
from chat.tools.arguments import cleaned, defaults_of, validated
from chat.tools.values import Tool, Tools
from governance.gateway.embeddings import embedder
from governance.gateway.types import Vectors

NEAR = 0.65
"""
Cosine from which a question is taken to be about what an example asks for.

Measured with the demo's tools, behind the classifier that lets personal questions through only: of 26 questions in
other words than the examples 21 find their tool (five are not taken for personal), none another's; of 82 questions
about the handbook two ask the HR system ("What happens to my vacation days when I leave?").
"""

NEAR_CHANGE = 0.58
"""The same for a tool that changes something: what is wrong makes such a question long, and nothing is done at once."""


@dataclass(frozen=True, slots=True)
class Picked:
    """`similarity` is the cosine of the question and the tool's nearest example."""

    tool: Tool
    arguments: Mapping[str, Any]
    similarity: float


def pick(question: str, tools: Tools) -> Picked | None:
    """
    The tool whose example is nearest to the question, with the arguments that can be had without a model.

    Of those arguments that are required, one free text is taken from the question itself, and the others must have
    defaults. None when no tool is near, or one would have to guess.
    """
    asked = embedder().embed_query(question)[0]
    best: Picked | None = None
    for tool in tools.values():
        if not tool.examples:
            continue
        similarity = float((_vectors(tool.examples) @ asked).max())
        if similarity < (NEAR_CHANGE if tool.changes_something else NEAR):
            continue
        if best is None or similarity > best.similarity:
            arguments = arguments_from(question, tool)
            best = best if arguments is None else Picked(tool, arguments, similarity)
    return best


def arguments_from(question: str, tool: Tool) -> dict[str, Any] | None:
    """What can be filled in without a guess; None when that is not enough."""
    schema = tool.spec.parameters
    filled = defaults_of(schema)
    missing = [name for name in schema.get("required", ()) if name not in filled]
    texts = [name for name in missing if is_free_text(schema["properties"].get(name, {}))]
    if tool.changes_something and texts:
        filled[texts[0]] = cleaned(question)[: schema["properties"][texts[0]].get("maxLength", len(question))]
    try:
        return validated(filled, schema)
    except InvalidArguments:
        return None


def is_free_text(rule: Mapping[str, Any]) -> bool:
    return rule.get("type") == "string" and not {"enum", "const", "format", "pattern"} & set(rule)


@lru_cache(maxsize=200)
def _vectors(examples: tuple[str, ...]) -> Vectors:
    """float32 array of shape (n_examples, dimension), rows of length 1."""
    return embedder().embed(examples)
