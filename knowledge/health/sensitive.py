"""
Values in a document that are nobody's to read: card numbers, bank accounts, national ids, passports, keys, passwords.

A handbook is full of addresses, names and telephone numbers, and is there to tell them: these are not looked for. Only
stretches that may hold a value at all are searched, because most of a handbook's text can't.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from governance.guardrails.pii.entities import HIDDEN
from governance.guardrails.pii.find import find
from governance.guardrails.pii.secret_patterns import API_KEY
from governance.guardrails.policy import DEFAULT, Policy
from governance.guardrails.values import Action
from knowledge.ingest.parsed import ParsedDocument

MASK = "•"
CONTACT = frozenset({"ADDRESS", "DATE_OF_BIRTH", "EMAIL", "IP_ADDRESS", "PERSON", "PHONE", HIDDEN})
"""What a company's documents are free to say."""

_LONGEST_STRETCH = 20_000
_SHORT_BLOCK = 200  # characters: a heading or a table's head, whose words say what the numbers below are
_MAY_HOLD = re.compile(
    r"(?:\d[^\d\n]{0,3}){5}\d"  # six digits close together
    r"|[A-Za-z0-9_+=\-]{20}"
    r"|-----BEGIN|://[^/\s:@]{1,60}:[^/\s@]{3}"
    r"|(?i:pass(?:word|wort|wd)|kennwort|secret|token|api.?key)\W{1,5}\S"
)


@dataclass(frozen=True, slots=True)
class Sensitive:
    """One value, by where it stands; never the value itself."""

    start: int
    end: int
    entity: str

    @property
    def is_secret(self) -> bool:
        return self.entity == API_KEY


def sensitive_in(parsed: ParsedDocument, policy: Policy) -> tuple[Sensitive, ...]:
    """The values in the text of a document, in their order."""
    return tuple(
        Sensitive(start + value.start, start + value.end, value.entity)
        for start, end in _stretches(parsed)
        for value in sensitive_values(parsed.text[start:end], policy)
    )


def sensitive_values(text: str, policy: Policy) -> tuple[Sensitive, ...]:
    """The values in a text that is no document: a title, a path, hidden words."""
    if not _MAY_HOLD.search(text):
        return ()
    contacts_aside = replace(policy, pii={**policy.pii, **dict.fromkeys(CONTACT, Action.ALLOW)})
    found = (each for each in find(text, policy=contacts_aside) if each.entity not in CONTACT)
    return tuple(Sensitive(each.start, each.end, str(each.entity)) for each in found)


def masked(text: str, spans: Iterable[Sensitive]) -> str:
    """The text, as long as before, with dots for the spans' letters and digits: whatever points into it still fits."""
    characters = list(text)
    for span in spans:
        for place in range(span.start, span.end):
            if characters[place].isalnum():
                characters[place] = MASK
    return "".join(characters)


def without_values(text: str, policy: Policy) -> str:
    return masked(text, sensitive_values(text, policy))


def as_stored(text: str, policy: Policy) -> str:
    """What a person typed, as it may be kept: there is no examination of it that could hold it back."""
    values = sensitive_values(text, policy)
    return masked(text, (value for value in values if _action_on(value, policy) in {Action.MASK, Action.BLOCK}))


def _action_on(value: Sensitive, policy: Policy) -> Action:
    kind = "secret" if value.is_secret else "pii"
    return policy.documents.get(kind, DEFAULT.documents[kind])


def _stretches(parsed: ParsedDocument) -> Iterator[tuple[int, int]]:
    """Neighbouring blocks that may hold a value, each time with the short block that stands above them."""
    begin = end = -1
    for index, block in enumerate(parsed.blocks):
        may_hold = _MAY_HOLD.search(parsed.text, block.start, block.end) is not None
        if begin >= 0 and (not may_hold or block.end - begin > _LONGEST_STRETCH):
            yield begin, end
            begin = -1
        if may_hold:
            begin = _with_head(parsed, index, end) if begin < 0 else begin
            end = block.end
    if begin >= 0:
        yield begin, end


def _with_head(parsed: ParsedDocument, index: int, last: int) -> int:
    """Where the stretch begins: no value is in two of them, so never before the end of the last one."""
    above = parsed.blocks[index - 1] if index else None
    if above and above.start >= last and above.end - above.start <= _SHORT_BLOCK:
        return above.start
    return parsed.blocks[index].start
