"""
What the makers' models don't accept, by name, for no API tells.

A server in between (LiteLLM, OpenRouter, Azure) keeps the names, with a prefix such as `openai/`.
"""

import re

_REASONS = re.compile(r"(?:^|[/.:-])(?:o\d|gpt-[5-9])")
_CLAUDE = re.compile(r"(?:^|[/.:-])claude-")
_CLAUDE_WITH_TEMPERATURE = re.compile(r"claude-(?:instant|[23]|(?:opus|sonnet|haiku)-4(?:[-.@:](?:[0-6]\b|2025)|$))")


def wants_max_completion_tokens(model: str) -> bool:
    """OpenAI's o-series and everything since GPT-5 answers 400 to `max_tokens`."""
    return _REASONS.search(model.lower()) is not None


REASONING_TOKENS = 8192
"""Room for the thoughts of a reasoning model, which count as output and come before its first visible word."""


def output_limit(model: str, visible_tokens: int) -> int:
    """How many output tokens to allow so that the visible ones have room."""
    return visible_tokens + (REASONING_TOKENS if wants_max_completion_tokens(model) else 0)


def takes_temperature(model: str) -> bool:
    """OpenAI's reasoning models take only 1; Claude since Opus 4.7 answers 400 to any."""
    name = model.lower()
    if _CLAUDE.search(name):
        return _CLAUDE_WITH_TEMPERATURE.search(name) is not None
    return _REASONS.search(name) is None
