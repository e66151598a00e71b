"""Questions that try to turn the assistant from its task, or to get at what it was told: `Injection`."""

from governance.gateway.types import Vectors
from governance.guardrails.classifiers.features import look
from governance.guardrails.classifiers.weights import classifier, version
from governance.guardrails.values import Judgement

LEAST = 0.05
"""Below that there is nothing to name."""

CODES = {
    "override": "injection.override",
    "leak_prompt": "injection.leak_prompt",
    "jailbreak": "injection.jailbreak",
    "role": "injection.role",
    "hijack": "injection.hijack",
    "fake_turn": "injection.fake_turn",
    "exfiltrate": "injection.exfiltrate",
    "encoded": "injection.encoded",
}


class Injection:
    """
    Prompt injection and jailbreaks, by phrases, structure, and what the classifier learned.

    Where another embedding model is configured than the weights were learned with, phrases and structure alone decide.
    """

    name = "injection"

    def __init__(self) -> None:
        self.version = version()

    def judge(self, text: str, vector: Vectors) -> Judgement:
        """
        What hides in code is named so (`injection.encoded`), whatever it says once decoded.

        Of code the embedding says nothing: there, too, phrases and structure alone may decide.
        """
        seen = look(self.name, text)
        opinion = classifier(self.name).opinion(seen, vector)
        if seen.hidden:
            opinion = max(opinion, classifier(self.name).opinion(seen, vector[:, :0]), key=lambda one: one.probability)
        if opinion.probability < LEAST:
            return Judgement(opinion.probability)
        code = CODES["encoded"] if seen.hidden else CODES[opinion.label]
        return Judgement(opinion.probability, code, seen.signals)
