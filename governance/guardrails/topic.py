"""What a company's assistant isn't for, and small talk: `Topic`."""

from governance.gateway.types import Vectors
from governance.guardrails.classifiers.features import look
from governance.guardrails.classifiers.weights import classifier, version
from governance.guardrails.values import Judgement

LEAST = 0.05
"""Below that there is nothing to name."""

OFF_TOPIC = "topic.off_topic"
SMALL_TALK = frozenset({"topic.greeting", "topic.thanks", "topic.goodbye", "topic.about_you", "topic.joke"})
"""Answered with a friendly sentence."""


class Topic:
    """
    `topic.off_topic`, or one of `SMALL_TALK`. Calibrated to leave questions of employees alone.

    With another embedding model than the weights' the phrases decide alone: they know little of what is off-topic.
    """

    name = "topic"

    def __init__(self) -> None:
        self.version = version()

    def judge(self, text: str, vector: Vectors) -> Judgement:
        seen = look(self.name, text)
        opinion = classifier(self.name).opinion(seen, vector)
        if opinion.probability < LEAST:
            return Judgement(opinion.probability)
        return Judgement(opinion.probability, f"topic.{opinion.label}", seen.signals)
