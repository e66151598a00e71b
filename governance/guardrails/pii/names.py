"""People's names, where a spaCy model is installed: `ASKACME_NAMES_MODEL` says which. Off otherwise."""

import logging
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings

from governance.guardrails.pii.entities import Span

logger = logging.getLogger(__name__)

PEOPLE = {"PERSON", "PER"}
LEAST_CHARS = 3


@cache
def model(name: str) -> Any:
    """The installed model (a package, or a folder), without what names don't need. Raises OSError."""
    import spacy

    return spacy.load(name, exclude=["parser", "lemmatizer", "attribute_ruler", "senter"])


def warm_up() -> None:
    if name := settings.ASKACME.names_model:
        model(name)


def names_in(text: str) -> Iterator[Span]:
    """Raises OSError when the model that was asked for is not there: without it nothing is masked half."""
    name = settings.ASKACME.names_model
    if not name:
        return
    for found in model(name)(text).ents:
        if found.label_ in PEOPLE and len(found.text) >= LEAST_CHARS:
            yield Span(found.start_char, found.end_char, "PERSON", 0.6)
