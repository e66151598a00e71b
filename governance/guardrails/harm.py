"""Requests that would harm somebody: `Harm`. Who was harmed, or asks for the rules, is let through."""

from governance.gateway.types import Vectors
from governance.guardrails.classifiers.features import look
from governance.guardrails.classifiers.weights import classifier, version
from governance.guardrails.values import Judgement

LEAST = 0.05
"""Below that there is nothing to name."""

SELF_HARM = "harm.self_harm"
"""Somebody is in distress: whatever a policy does about harm, this person gets help and not a scolding."""


class Harm:
    """
    Weapons, violence, sexual content, hate, harassment, stalking, malware, theft; and self-harm, which is none of them.

    The codes are `harm.weapons` and so on, after the classifier's labels.
    """

    name = "harm"

    def __init__(self) -> None:
        self.version = version()

    def judge(self, text: str, vector: Vectors) -> Judgement:
        """With another embedding model than the weights' the phrases decide alone."""
        seen = look(self.name, text)
        opinion = classifier(self.name).opinion(seen, vector)
        if opinion.probability < LEAST:
            return Judgement(opinion.probability)
        return Judgement(opinion.probability, f"harm.{opinion.label}", seen.signals)
