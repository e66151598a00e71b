"""People's names, by a model that is installed: here a tiny one, made by the test."""

from pathlib import Path
from typing import Any

import pytest
import spacy
from pytest_django import Settings

from governance.guardrails.pii import find, mask
from governance.guardrails.policy import DEFAULT

TEXT = "Complaint filed by Olga Kowalski on Monday."


@pytest.fixture
def model(tmp_path: Path, settings: Settings) -> None:
    """Knows one name."""
    made = spacy.blank("en")
    ruler: Any = made.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "Olga Kowalski"}])
    made.to_disk(tmp_path / "names")
    settings.ASKACME = settings.ASKACME.model_copy(update={"names_model": str(tmp_path / "names")})


@pytest.mark.usefixtures("model")
def test_a_name_is_hidden_where_a_model_is_installed() -> None:
    assert "[PERSON_" in mask(TEXT, scope="a", policy=DEFAULT).text


def test_without_a_model_names_are_left() -> None:
    assert find(TEXT, policy=DEFAULT) == ()


def test_a_model_that_is_not_there_lets_nothing_pass(settings: Settings) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update={"names_model": "no_such_model"})

    with pytest.raises(OSError, match="no_such_model"):
        find(TEXT, policy=DEFAULT)
