"""What the guards learn from, and that the weights that ship are what it gives."""

import json

import pytest

from governance.gateway.embeddings import embedder
from governance.guardrails.classifiers import features
from governance.guardrails.classifiers.examples import NONE, examples, lessons
from governance.guardrails.classifiers.weights import CARD, classifier
from governance.guardrails.guards import GUARDS


def test_no_text_is_labelled_twice() -> None:
    texts = [example.text for example in examples()]
    assert len(texts) == len(set(texts))


def test_each_guard_learns_what_to_let_through() -> None:
    for guard in features.SIGHTS:
        _, labels = lessons(guard, examples())
        assert labels.count(NONE) > len(labels) / 5


def test_harm_is_no_lesson_for_what_is_an_attack_on_the_assistant() -> None:
    texts, _ = lessons("injection", examples())
    assert not {example.text for example in examples() if example.label == "weapons"} & set(texts)


@pytest.mark.parametrize("guard", features.SIGHTS)
def test_the_weights_fit_the_features_and_know_every_label(guard: str) -> None:
    kept, labels = classifier(guard), set(lessons(guard, examples())[1])
    assert set(kept.full.labels) == set(kept.bare.labels) == labels
    assert len(kept.bare.weights) == features.features(guard, ["a"]).shape[1] + 1
    assert len(kept.full.weights) == len(kept.bare.weights) + embedder().dimension


def test_the_card_says_what_the_weights_are() -> None:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    assert (card["examples"], card["features"]) == (len(examples()), features.VERSION)
    assert card["embedding"] == classifier("injection").basis
    assert set(card["guards"]) == {guard.name for guard in GUARDS}


def test_a_guards_version_names_the_features() -> None:
    assert all(guard.version.startswith(f"{features.VERSION}-") for guard in GUARDS)
