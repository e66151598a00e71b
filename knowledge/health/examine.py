"""
The health card's contents: what a person should know about a version before and while it is used.

`examine` judges the file alone, before it is published, and may hold it back. `look_around` takes longer: it compares
the published version with the other documents, and finds questions that it answers. Neither changes anything.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from django.db import DatabaseError

from governance.gateway.embeddings import embedder
from governance.guardrails.policy import DEFAULT, Policy, policy_for
from governance.guardrails.values import Action
from knowledge.documents.models import DocumentVersion
from knowledge.health.instructions import Instruction, instructions_in, instructions_in_hidden, telling
from knowledge.health.language import language_of
from knowledge.health.neighbours import examined, neighbours_of
from knowledge.health.noticed import Kind, Noticed, Severity, excerpt_of, page_at, pages_in_words
from knowledge.health.others import conflicts_among, copies_among
from knowledge.health.questions import questions_for
from knowledge.health.sensitive import Sensitive, masked, sensitive_in, without_values
from knowledge.health.values_found import values_found
from knowledge.index.embed import Embedded
from knowledge.ingest.parsed import ParsedDocument

__all__ = ["QUARANTINED", "Examination", "examine", "language_of"]

logger = logging.getLogger(__name__)

QUARANTINED = "quarantined"
"""The error code of a version that waits for a person."""

MAX_OF_A_KIND = 5
WORTH_A_WARNING = 6
"""Words. What is shorter, a label or a number, is hidden in many files and says nothing."""


_HELD_BACK_FOR = {
    Kind.INSTRUCTIONS: "its text speaks to an AI model instead of to people",
    Kind.HIDDEN_TEXT: "it holds text that readers can't see",
    Kind.PERSONAL_DATA: "it holds personal data",
    Kind.SECRET: "it holds keys or passwords",
}


@dataclass(frozen=True, slots=True)
class Examination:
    """
    `quarantine`: the version must not be published before a person has read what was found and released it.

    `readable` is the document as it may be stored and searched; `masked_count` says how many places it hides.
    """

    language: str
    findings: tuple[Noticed, ...]
    quarantine: bool
    readable: ParsedDocument
    masked_count: int = 0

    @property
    def reason(self) -> str:
        """Why a version is held back, and what to do; for its `error`."""
        kinds = {finding.kind for finding in self.findings if finding.severity == Severity.QUARANTINE}
        what = " and ".join(words for kind, words in _HELD_BACK_FOR.items() if kind in kinds)
        return (
            f"Held back: {what}. Read what was found on the health card; "
            "then release it there, or upload a version without it."
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a published version stands among the others, and questions that it answers."""

    questions: tuple[str, ...]
    findings: tuple[Noticed, ...]


def look_around(version: DocumentVersion, embedded: Sequence[Embedded]) -> Surroundings:
    """`embedded` is what the live index holds of the version."""
    questions = questions_for(embedded, language=version.language, embed=embedder().embed)
    found = other_documents_found(version, embedded)
    return Surroundings(tuple(question[:300] for question in questions), tuple(found))


def examine(version: DocumentVersion, parsed: ParsedDocument, policy: Policy | None = None) -> Examination:
    """
    What the file itself tells, found anew, and what of it may be stored under everyone's policy.

    A version that a person has released is not held back again.
    """
    policy = policy or policy_for(frozenset())
    values = sensitive_in(parsed, policy)
    blanked = _blanked(parsed, values, policy)
    to_people = instructions_in(parsed)
    findings = (
        *instructions_found(to_people, blanked, _action(policy, "instructions")),
        *hidden_text_found(parsed, policy),
        *values_found(blanked, [each for each in values if not each.is_secret], _action(policy, "pii")),
        *values_found(blanked, [each for each in values if each.is_secret], _action(policy, "secret")),
        *pages_found(parsed),
    )
    covered = _to_cover(values, to_people, policy)
    return Examination(
        language=language_of(parsed.text),
        findings=findings,
        quarantine=version.released_at is None and any(each.severity == Severity.QUARANTINE for each in findings),
        readable=replace(blanked, text=masked(parsed.text, covered)),
        masked_count=len(covered),
    )


def instructions_found(
    instructions: Sequence[Instruction], blanked: ParsedDocument, action: Action
) -> Iterator[Noticed]:
    """Visible sentences for a model."""
    if action is Action.ALLOW:
        return
    for found in instructions[:MAX_OF_A_KIND]:
        yield Noticed(
            Kind.INSTRUCTIONS,
            Severity.QUARANTINE if action is Action.BLOCK and not found.is_quoted else Severity.WARNING,
            f"This text {found.what}{'; it seems to be quoted as an example' if found.is_quoted else ''}.",
            excerpt=excerpt_of(blanked.text[found.start : found.start + len(found.text)]),
            page=page_at(blanked, found.start),
        )


def hidden_text_found(parsed: ParsedDocument, policy: Policy) -> Iterator[Noticed]:
    """What is in the file and can't be seen, and is never searched: sentences for a model, then other words."""
    to_model = _action(policy, "instructions")
    telling_asides = (aside for aside in parsed.asides if telling(aside))
    told = instructions_in_hidden([*parsed.hidden, *telling_asides]) if to_model is not Action.ALLOW else []
    for found in told[:MAX_OF_A_KIND]:
        message = f"Text that readers of the file can't see {found.what}."
        yield _hidden(message, found.text, to_model, policy)
    if (action := _action(policy, "hidden_text")) is not Action.ALLOW:
        known = {found.text for found in told}
        others = (text for text in parsed.hidden if len(text.split()) >= WORTH_A_WARNING and text not in known)
        for text in islice(others, MAX_OF_A_KIND):
            message = "The file holds text that its readers can't see. It was left out of the document."
            yield _hidden(message, text, action, policy)


def pages_found(parsed: ParsedDocument) -> Iterator[Noticed]:
    if parsed.empty_pages:
        message = f"No text was found on {pages_in_words(parsed.empty_pages)}."
        yield Noticed(Kind.EMPTY_PAGES, Severity.NOTE, message, page=parsed.empty_pages[0])
    if parsed.ocr_pages:
        message = (
            f"Text was recognised in pictures on {pages_in_words(parsed.ocr_pages)}: hard-to-read letters may be wrong."
        )
        yield Noticed(Kind.RECOGNISED, Severity.NOTE, message, page=parsed.ocr_pages[0])


def other_documents_found(version: DocumentVersion, embedded: Sequence[Embedded]) -> list[Noticed]:
    """Copies and contradictions; none, with a line in the log, when the database takes too long over it."""
    mine = examined(embedded)
    try:
        neighbours = neighbours_of(version, mine)
    except DatabaseError:
        logger.exception("Comparing %s with other documents failed: its health card says nothing of them", version)
        return []
    return [*copies_among(neighbours, mine), *conflicts_among(neighbours)]


def _hidden(message: str, text: str, action: Action, policy: Policy) -> Noticed:
    severity = Severity.QUARANTINE if action is Action.BLOCK else Severity.WARNING
    return Noticed(Kind.HIDDEN_TEXT, severity, message, excerpt=excerpt_of(without_values(text, policy)))


def _action(policy: Policy, kind: str) -> Action:
    """What is done about a kind of thing in documents; what a policy doesn't name is as by default."""
    return policy.documents.get(kind, DEFAULT.documents[kind])


def _blanked(parsed: ParsedDocument, values: Sequence[Sensitive], policy: Policy) -> ParsedDocument:
    """Every value masked, whatever the policy: a title is on many pages, and what a finding shows may be, too."""
    title = without_values(parsed.title, policy)
    return replace(parsed, title=title, text=masked(parsed.text, values))


def _to_cover(
    values: Sequence[Sensitive], instructions: Sequence[Instruction], policy: Policy
) -> tuple[Sensitive, ...]:
    """What may not be stored."""
    secrets, personal = (_action(policy, kind) is Action.MASK for kind in ("secret", "pii"))
    covered = [value for value in values if (secrets if value.is_secret else personal)]
    if _action(policy, "instructions") is Action.MASK:
        told = (found for found in instructions if not found.is_quoted)
        covered += [Sensitive(found.start, found.start + len(found.text), "INSTRUCTION") for found in told]
    return tuple(covered)
