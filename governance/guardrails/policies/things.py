"""Everything that a policy has a say in, in the order in which the console shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.guardrails.guards import GUARDS
from governance.guardrails.pii.entities import CHECKED, NAMES
from governance.guardrails.policies.models import GuardRule
from governance.guardrails.policy import DEFAULT, Rule
from governance.guardrails.values import Action

About = GuardRule.About
TITLES = {
    "injection": "attacks on the model (prompt injection, jailbreaks)",
    "harm": "harm and harassment",
    "topic": "questions that are not about work",
    "canary": "the prompt's canary",
    "prompt": "text of the system prompt",
    "secret": "keys and passwords",
    "pii": "personal data that no source of the asker's holds",
    "link": "links and images that lead to other hosts",
    "html": "HTML",
    "length": "answers that are too long",
    "hidden_text": "hidden text",
    "instructions": "instructions to a model",
    "ES_DNI": "Spanish DNI",
    "IN_AADHAAR": "Indian Aadhaar number",
    "UK_NINO": "UK National Insurance number",
    "US_SSN": "US social security number",
}
IN_DOCUMENTS = {"pii": "personal data"}


@dataclass(frozen=True, slots=True)
class Thing:
    """With what AskAcme does about it unless a policy says otherwise."""

    about: str
    name: str
    action: Action
    threshold: float = 0.5


def things() -> Sequence[Thing]:
    rules = {**{guard.name: Rule(Action.WARN) for guard in GUARDS}, **DEFAULT.inputs}
    return [
        *(Thing(About.QUESTION, name, rule.action, rule.threshold) for name, rule in rules.items()),
        *(Thing(About.PERSONAL, name, DEFAULT.pii.get(name, Action.MASK)) for name in personal()),
        *(Thing(About.ANSWER, name, action) for name, action in DEFAULT.outputs.items()),
        *(Thing(About.DOCUMENT, name, action) for name, action in DEFAULT.documents.items()),
    ]


def personal() -> Sequence[str]:
    return sorted({*NAMES, *CHECKED})


def title_of(about: str, name: str) -> str:
    """What people call it."""
    titles = {**TITLES, **(IN_DOCUMENTS if about == About.DOCUMENT else {})}
    return titles.get(name) or str(NAMES.get(name, name.replace("_", " ")))
