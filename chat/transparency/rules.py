"""A policy in plain words: what is done about what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.guardrails.pii.entities import name_of
from governance.guardrails.policy import Policy
from governance.guardrails.values import Action

QUESTIONS: Mapping[str, Promise] = {
    "injection": gettext_lazy("Attempts to turn AskAcme against its rules"),
    "harm": gettext_lazy("Harmful or harassing requests"),
    "topic": gettext_lazy("Questions that have nothing to do with work"),
}
ANSWERS: Mapping[str, Promise] = {
    "canary": gettext_lazy("AskAcme's own instructions, told by their mark"),
    "prompt": gettext_lazy("AskAcme's own instructions, told by their wording"),
    "secret": gettext_lazy("Keys and passwords"),
    "pii": gettext_lazy("Personal data that is not in your sources"),
    "link": gettext_lazy("Links and pictures from outside"),
    "html": gettext_lazy("Program code for the browser"),
    "length": gettext_lazy("What is longer than an answer may be"),
}
DOCUMENTS: Mapping[str, Promise] = {
    "pii": gettext_lazy("Card and account numbers, ID numbers, passports"),
    "secret": gettext_lazy("Keys and passwords"),
    "hidden_text": gettext_lazy("Text that readers of the file can't see"),
    "instructions": gettext_lazy("Instructions to a model"),
}
_IN_QUESTIONS: Mapping[Action, Promise] = {
    Action.ALLOW: gettext_lazy("are let through"),
    Action.WARN: gettext_lazy("are let through, and noted"),
    Action.MASK: gettext_lazy("are left out of the question"),
    Action.BLOCK: gettext_lazy("are not answered; you are told why, and can object"),
}
_IN_ANSWERS: Mapping[Action, Promise] = {
    Action.ALLOW: gettext_lazy("stay in the answer"),
    Action.WARN: gettext_lazy("stay in the answer, and are noted"),
    Action.MASK: gettext_lazy("are cut out of the answer"),
    Action.BLOCK: gettext_lazy("end the answer: it is held back"),
}
_IN_DOCUMENTS: Mapping[Action, Promise] = {
    Action.ALLOW: gettext_lazy("are let through"),
    Action.WARN: gettext_lazy("are shown to those who look after the document"),
    Action.MASK: gettext_lazy("are masked before the text is stored"),
    Action.BLOCK: gettext_lazy("hold the document back until a person releases it"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """“Keys and passwords” “are cut out of the answer”."""

    what: str
    done: str
    action: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one person, under the version label of their policy."""

    version: str
    questions: tuple[Sentence, ...]
    personal_data: str
    answers: tuple[Sentence, ...]
    documents: tuple[Sentence, ...]


def in_words(policy: Policy, for_documents: Policy) -> Rules:
    """Documents are many people's: they are held to everyone's policy, not to that of a reader's group."""
    inputs = {name: rule.action for name, rule in policy.inputs.items()}
    return Rules(
        policy.version,
        tuple(_sentences(inputs, QUESTIONS, _IN_QUESTIONS)),
        personal_data(policy),
        tuple(_sentences(policy.outputs, ANSWERS, _IN_ANSWERS)),
        tuple(_sentences(for_documents.documents, DOCUMENTS, _IN_DOCUMENTS)),
    )


def personal_data(policy: Policy) -> str:
    """What becomes of personal data in a question."""
    let_through = [name for name, action in policy.pii.items() if action in {Action.ALLOW, Action.WARN}]
    hidden = _("Personal data in what you write is replaced before it is stored, logged or sent to a model.")
    parts = [hidden]
    if let_through:
        kinds = ", ".join(sorted({name_of(entity) for entity in let_through}))
        parts = [
            _(
                "But for these kinds: %(kinds)s. All other personal data is replaced before it is stored, logged or "
                "sent to a model."
            )
            % {"kinds": kinds}
        ]
    if policy.is_reversible:
        parts.append(_("Only your own page puts it back."))
    return " ".join(parts)


def _sentences(
    actions: Mapping[str, Action], subjects: Mapping[str, Promise], done: Mapping[Action, Promise]
) -> Iterator[Sentence]:
    for name, action in actions.items():
        yield Sentence(str(subjects.get(name, name)), str(done[action]), str(action))
