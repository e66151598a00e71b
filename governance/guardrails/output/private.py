"""Keys and passwords, personal data, the company's own words and the canary in an answer."""

import re
import unicodedata
from collections.abc import Iterator

import regex

from governance.guardrails.output.canary import first_letters, forms_of
from governance.guardrails.output.findings import Findings
from governance.guardrails.output.scan import LIKE_DIGITS, Candidate, Patterns, Scanner, Taken, patterns
from governance.guardrails.output.sources import Sources
from governance.guardrails.pii.entities import HIDDEN, name_of
from governance.guardrails.pii.find import find
from governance.guardrails.pii.secret_patterns import ADDRESS_WITH_PASSWORD, API_KEY, VENDORS
from governance.guardrails.policy import Policy
from governance.guardrails.values import Action

MOST = 400
"""Characters of a key whose vendor sets no limit: so what is held back has one."""
REMOVED = "({what} removed)"


def bounded(pattern: str) -> str:
    """The pattern with an end to everything that may repeat, so that only so much is ever held back."""
    pattern = re.sub(r"\{(\d+),\}", rf"{{\1,{MOST}}}", pattern)
    pattern = pattern.replace(r"[\s\S]*?", rf"[\s\S]{{0,{10 * MOST}}}?")
    pattern = re.sub(r"(?<=[\])])\*", f"{{0,{MOST}}}", pattern)
    return re.sub(r"(?<=[\])])\+", f"{{1,{MOST}}}", pattern)


KEY_WORDS = (
    r"(?:(?:api|access|private|secret)[ _-]?key|secret|token|passwor[dt]|passwd|pwd|passphrase|kennwort|contraseña"
    r"|mot de passe|credentials?)"
)
IS = r"(?:\s{0,3}[:=]{1,2}>?\s{0,3}|\s{1,3}(?:(?:is|was|ist|lautet|es|est)\s{0,3}:?\s{1,3})?)"
FIRST_WORDS = r"api|access|private|secret\w*|token|pass\w*|pwd|kennwort\w*|contraseña|mot|credentials?|bearer|basic"
"""With which something of several words may begin."""
DIGIT = rf"[\d{LIKE_DIGITS}]"
SECRETS = (
    ("vendor", bounded(VENDORS.pattern)),
    ("login", f"(?i:{bounded(ADDRESS_WITH_PASSWORD.pattern)})"),
    ("told", rf"(?i:\b(?:bearer|basic|token)\s{{1,3}}[A-Za-z0-9._~+/-]{{16,{MOST}}}={{0,2}})"),
    ("password", rf"(?i:\b{KEY_WORDS}[\w-]{{0,20}}[\"'`]?{IS}[\"'`(]?[^\s\"'`,;<>]{{6,{MOST}}})"),
)
PERSONAL = (
    ("email", r"[\w.+%'!#&*/=?^{|}~-]{1,64}@[*~]{0,3}[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}"),
    ("id", r"(?<!\w)(?:[A-Z]{1,3}[ -]?|[a-z]{1,3})\d(?:[ \-/]?\d|[ \-/]?[A-Za-z](?![a-z])){4,35}"),
    ("account", r"(?i:(?<!\w)[a-z]{2}\d{2}(?:[\s-]{0,2}[a-z\d]{4}){2,7}(?:[\s-]{0,2}[a-z\d]{1,4})?)"),
    ("mixed", r"(?<!\w)\d[\d.]{0,10}[ -]?[A-Za-z](?:[ -]?[A-Z\d]){0,12}(?!\w)"),
    ("number", rf"(?<!\w)[+(]{{0,2}}{DIGIT}(?:[\s().\-/–*~]{{0,3}}{DIGIT}){{6,29}}(?!\w)"),
    ("code", r"(?<!\w)[A-Z\d](?:[-./]?[A-Z\d]){7,32}(?!\w)"),
    ("address", r"(?i:(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})"),
)
FIRST_GROUP = re.compile(r"\W*\w+|.", re.DOTALL)
CARD_DIGITS = range(13, 20)


def patterns_for(policy: Policy, canary: str) -> Patterns:
    own = sorted({" ".join(term.split()) for term in policy.hidden} - {""}, key=len, reverse=True)
    either = "|".join(regex.escape(term).replace(r"\ ", r"\s{1,3}") for term in own)
    first = "|".join(regex.escape(term.split()[0].casefold()) for term in own)
    alternatives = [
        *([("canary", forms_of(canary))] if canary else []),
        *([("hidden", rf"(?i:(?<!\w)(?:{either})(?!\w))")] if own else []),
        *SECRETS,
        *PERSONAL,
    ]
    spelled = f"[{first_letters(canary)}]" if canary else ""
    return patterns(tuple(alternatives), "|".join(filter(None, [FIRST_WORDS, first, spelled])))


class Private:
    """
    Drops what is nobody's business. What stands in the asker's sources is theirs, but for keys: those are told nobody.

    Personal data is judged by the same recognisers as in questions, as far as it has a form of its own: names, postal
    addresses and birthdays of nobody's sources are the proof's business.
    """

    def __init__(self, policy: Policy, sources: Sources, findings: Findings, *, canary: str = "") -> None:
        self._policy = policy
        self._sources = sources
        self._findings = findings
        self._scanner = Scanner(patterns_for(policy, canary), self._take)
        self.feed, self.flush, self.forget = self._scanner.feed, self._scanner.flush, self._scanner.forget

    @property
    def held(self) -> int:
        return self._scanner.held

    def _take(self, found: Candidate) -> Taken:
        if found.name == "canary":
            return self._drop("canary", "verbatim", "text", found, 0, len(found.text))
        if found.name == "hidden":
            return self._drop("pii", "hidden", name_of(HIDDEN), found, 0, len(found.text))
        if found.name in {"vendor", "login"}:
            return self._drop("secret", found.name, name_of(API_KEY), found, 0, len(found.text))
        return self._judge(found)

    def _judge(self, found: Candidate) -> Taken:
        """What only looks like something is left: its first group, for a match may begin behind it."""
        for start, end, entity in self._spans(found):
            if not self._sources.hold(found.text[start:end]):
                kind, what = ("secret", "password") if entity == API_KEY else ("pii", entity.lower())
                return self._drop(kind, what, name_of(entity), found, start, end)
        group = FIRST_GROUP.match(found.text)
        return Taken(group[0], group.end()) if group else Taken(found.text, len(found.text))

    def _spans(self, found: Candidate) -> Iterator[tuple[int, int, str]]:
        """The recognisers' findings within the match: from its start, to its end, what it is."""
        before = len(found.before)
        for span in find(found.before + found.text, policy=self._policy):
            if span.end > before and span.entity != "PERSON":
                yield max(0, span.start - before), span.end - before, span.entity
        if found.name == "number":
            for length in card_lengths(found.text):
                if find(found.text[:length], policy=self._policy):
                    yield 0, length, "CREDIT_CARD"

    def _drop(self, kind: str, what: str, name: str, found: Candidate, start: int, end: int) -> Taken:
        action = self._findings.act(kind, what)
        if action is Action.BLOCK:
            return Taken("", end, is_last=True)
        if action is Action.MASK:
            return Taken(found.text[:start] + REMOVED.format(what=name), end)
        return Taken(found.text[:end], end)


def card_lengths(number: str) -> Iterator[int]:
    """Where a card's number may end that begins here, whatever digits stand behind it."""
    digits: list[int] = []
    for place, char in enumerate(number):
        if char == "\n":
            return  # a column of numbers: which of them belong together the recognisers know
        if char.isdigit():
            digits.append(unicodedata.digit(char))
            is_whole = place + 1 == len(number) or not number[place + 1].isdigit()
            if is_whole and len(digits) in CARD_DIGITS and passes_luhn(digits):
                yield place + 1


def passes_luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
