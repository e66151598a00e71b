"""What a question is taken for, and how the router learns."""

from collections.abc import Iterator

import numpy as np
import pytest

from governance.gateway.embeddings import embedder
from governance.gateway.routing import classifier as subject
from governance.gateway.routing.classifier import Classifier, classify
from governance.gateway.routing.models import RoutingExample, TrainedRouter
from governance.gateway.routing.trained import UNKNOWN
from governance.gateway.types import Vectors

pytestmark = pytest.mark.django_db(transaction=True)

PLAIN = (
    ("What is the notice period for apprentices?", "lookup", "hr"),
    ("How do I install the printer driver?", "lookup", "it"),
    ("How many days of annual leave does everybody get?", "lookup", "hr"),
    ("How many days of annual leave do I still have?", "personal", "hr"),
    ("When will my travel expenses be paid out?", "personal", "finance"),
    ("Please open a ticket, my keyboard is broken", "personal", "it"),
    ("What is the difference between the blue and the green parking permit?", "comparison", "facilities"),
    ("Compare the travel allowance for Spain with the one for Italy", "comparison", "finance"),
    (
        "I go on sabbatical in July: who takes my laptop, what happens to my pension and what do I file when?",
        "multi_step",
        "hr",
    ),
    ("Hello there, how are you?", "small_talk", "other"),
    ("Thanks a lot!", "small_talk", "other"),
    ("tell me something funny", "small_talk", "other"),
)


VECTORS: dict[str, Vectors] = {}
"""The examples are embedded once for all tests: that is what takes time."""


@pytest.fixture
def learner() -> Iterator[Classifier]:
    """A process of its own, that has learned nothing yet."""
    found = Classifier(VECTORS)
    yield found
    found.wait()


@pytest.mark.parametrize(("question", "kind", "department"), PLAIN)
def test_a_plain_question_that_is_no_example_is_understood(question: str, kind: str, department: str) -> None:
    assert not RoutingExample.objects.filter(text=question).exists()
    seen = classify(question)
    assert (seen.kind, seen.department) == (kind, department)


def test_probabilities_are_probabilities() -> None:
    seen = classify("asdf qwer")
    assert 0 < seen.kind_probability < 1
    assert 0 < seen.department_probability < 1


def test_a_vector_at_hand_is_used() -> None:
    question = "How often are forklifts inspected?"
    vector = embedder().embed_query(question)
    assert classify(question, vector).department == "operations"
    assert classify(question, np.zeros_like(vector)) != classify(question, vector)


def test_a_second_process_reads_what_the_first_has_learned(learner: Classifier) -> None:
    learner.warm_up()
    row = TrainedRouter.objects.get()
    other = Classifier()
    assert other.classify("Hi!") == learner.classify("Hi!")
    assert TrainedRouter.objects.get().trained_at == row.trained_at
    assert row.kind_accuracy is not None
    assert row.kind_accuracy > 0.85


def test_changed_examples_are_learned_beside_the_questions(learner: Classifier) -> None:
    before = learner.classify("Where is the quokka enclosure?")
    texts = ("Where is the quokka?", "Who feeds the quokka?", "quokka house rules", "Is the quokka asleep?")
    RoutingExample.objects.bulk_create(RoutingExample(text=t, kind="lookup", department="legal") for t in texts)
    learner.look_again()
    assert learner.classify("Where is the quokka enclosure?") == before, "the old weights answer meanwhile"
    learner.wait()
    assert learner.classify("Where is the quokka enclosure?").department == "legal"


def test_the_same_examples_are_not_learned_again(learner: Classifier) -> None:
    learner.warm_up()
    example = RoutingExample.objects.filter(kind="lookup")[0]
    example.save()
    learner.look_again()
    learner.classify("Hi!")
    learner.wait()
    assert TrainedRouter.objects.count() == 1


def test_without_examples_a_question_is_a_lookup_with_no_certainty(learner: Classifier) -> None:
    RoutingExample.objects.all().delete()
    assert learner.classify("Compare A with B") == UNKNOWN


def test_with_one_label_everything_gets_it(learner: Classifier) -> None:
    RoutingExample.objects.exclude(kind="personal", department="hr").delete()
    seen = learner.classify("Hello!")
    assert (seen.kind, seen.department) == ("personal", "hr")


def test_with_two_labels_they_are_told_apart(learner: Classifier) -> None:
    RoutingExample.objects.exclude(kind__in=["small_talk", "comparison"]).delete()
    assert learner.classify("Hello!").kind == "small_talk"
    assert learner.classify("What differs between A and B?").kind == "comparison"


def test_the_process_has_one_classifier() -> None:
    assert subject.classifier() is subject.classifier()
