"""Whether a passage carries a sentence: by embeddings, or by an NLI model where one is set."""

from pathlib import Path

import pytest
from pytest_django import Settings

from chat.proof.evidence import Evidence
from chat.proof.judge import Claim, judge
from chat.proof.meaning import are_carried
from governance.gateway.types import Passage
from tests.governance.test_embeddings import set_config
from tests.governance.test_entail import nli_model

LONG = " ".join(f"Point {n} is about travel and hotels." for n in range(60))
EVIDENCE = Evidence((Passage(1, "Guide", "Leave", f"{LONG} Leave is sixteen weeks long.", 1.0),))
SAID, UNSAID = "The leave lasts sixteen weeks.", "Dogs must be kept on a leash."


def test_the_nearest_sentence_of_a_long_passage_decides() -> None:
    assert are_carried([(SAID, EVIDENCE), (UNSAID, EVIDENCE)]) == [True, False]


def test_while_no_model_is_there_the_words_decide(settings: Settings) -> None:
    set_config(settings, nli_model="no-such-folder")
    claims = [Claim(0, 0, 9, "Leave is long: sixteen weeks.", (1,), EVIDENCE), Claim(1, 9, 9, UNSAID, (1,), EVIDENCE)]
    assert [sentence.state for sentence in judge(claims, "")] == ["proved", "unproved"]


@pytest.mark.parametrize("entails", [True, False])
def test_an_nli_model_decides_where_one_is_set(settings: Settings, tmp_path: Path, *, entails: bool) -> None:
    """The tiny model says the same of everything: its label alone decides."""
    labels = ("entailment", "neutral") if entails else ("neutral", "entailment")
    folder = nli_model(tmp_path, *labels, favours=0)
    set_config(settings, nli_model=str(folder))
    assert are_carried([(SAID, EVIDENCE), (UNSAID, EVIDENCE)]) == [entails, entails]
