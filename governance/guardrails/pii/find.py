"""Personal data and secrets in a text."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from governance.guardrails.pii.contact_patterns import contacts_in
from governance.guardrails.pii.entities import HIDDEN, PLACEHOLDER, Span, apart
from governance.guardrails.pii.names import names_in
from governance.guardrails.pii.numbers import numbers_in
from governance.guardrails.pii.personal_patterns import personal_in
from governance.guardrails.pii.reading import reading_of
from governance.guardrails.pii.secret_patterns import secrets_in
from governance.guardrails.policy import Policy
from governance.guardrails.values import Action


def find(text: str, *, policy: Policy) -> tuple[Span, ...]:
    """
    What the policy does not allow, in the order of the text; none overlaps another, or a placeholder.

    A type is left alone where the policy's `pii` says allow or warn, a value where `allowed` names it or its domain.
    Raises whatever keeps a recogniser from looking: then nobody knows what the text holds.
    """
    taken = [Span(*match.span(), "", 0) for match in PLACEHOLDER.finditer(text)]
    wanted = (span for span in everything_in(text, policy) if is_hidden(text[span.start : span.end], span, policy))
    return tuple(apart(wanted, taken))


def everything_in(text: str, policy: Policy) -> Iterator[Span]:
    yield from with_a_form(text, policy)
    yield from names_in(text)
    if reading := reading_of(text):
        for span in with_a_form(reading.text, policy):
            start, last = reading.places[span.start], reading.places[span.end - 1]
            yield Span(start, last + 1, span.entity, span.score)


def with_a_form(text: str, policy: Policy) -> Iterator[Span]:
    """All but names."""
    yield from own_words_in(text, policy.hidden)
    yield from secrets_in(text)
    yield from numbers_in(text)
    yield from contacts_in(text)
    yield from personal_in(text)


def is_hidden(value: str, span: Span, policy: Policy) -> bool:
    if policy.pii.get(span.entity, Action.MASK) in {Action.ALLOW, Action.WARN}:
        return False
    return span.entity == HIDDEN or not is_allowed(value, policy.allowed)


def is_allowed(value: str, allowed: Iterable[str]) -> bool:
    """The value itself, or an e-mail address of one of these domains (`acme.com`, `@acme.com`) or below."""
    said = value.casefold()
    for one in (term.strip().casefold() for term in allowed):
        domain = one.removeprefix("@")
        if one and (said == one or ("@" in said and said.endswith((f"@{domain}", f".{domain}")))):
            return True
    return False


def own_words_in(text: str, hidden: tuple[str, ...]) -> Iterator[Span]:
    if pattern := pattern_of(hidden):
        for match in pattern.finditer(text):
            yield Span(match.start(), match.end(), HIDDEN, 1.5)


@lru_cache(maxsize=64)
def pattern_of(hidden: tuple[str, ...]) -> re.Pattern[str] | None:
    """Whole words, in any case, the longest first."""
    terms = sorted({" ".join(term.split()) for term in hidden} - {""}, key=len, reverse=True)
    if not terms:
        return None
    either = "|".join(re.escape(term).replace(r"\ ", r"\s+") for term in terms)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
