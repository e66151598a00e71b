"""
Whether two sentences say different things about the same: another number, date, amount, or the opposite.

Precision goes first: a pair counts only if one sentence holds all words of the other and at most one value differs.
What a synonym hides is missed, and a rule for another place or group of people, which names it, is none.
"""

import re
from collections import Counter
from dataclasses import dataclass

from governance.gateway.reader.words import STOP, stem

LEAST_SHARED = 3
"""Content words that two sentences must share to be about the same."""

SHARE = 0.5
"""Of the longer sentence's content words, in the shorter one."""

_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_NUMBERS = {word: str(value) for value, word in enumerate(_NUMBER_WORDS.split())} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "ninety": "90",
    "hundred": "100",
}
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_NUMBER = r"\d[\d,.]*\d|\d"
_VALUE = re.compile(
    rf"""
    (?P<currency>[$€£])\s?(?P<amount>{_NUMBER})(?P<scale>\ ?(?:k|thousand|million|billion)\b)?
    | (?P<money>{_NUMBER})\ ?(?P<code>€|euros?\b|eur\b|usd\b|dollars?\b|gbp\b|chf\b)
    | (?P<percent>{_NUMBER})\ ?(?:%|percent\b|per\ cent\b)
    | \b(?P<month>{_MONTH})\ (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b
    | \b(?P<day2>\d{{1,2}})(?:st|nd|rd|th|\.)?\ (?:of\ )?(?P<month2>{_MONTH})\b
    | \b(?P<hour>\d{{1,2}}(?:[:.]\d\d)?\ ?[ap]\.?m\b)
    | \b(?P<count>{_NUMBER}|{"|".join(_NUMBERS)})[\ -](?P<unit>
        (?:(?:business|working|calendar|consecutive)\ )?(?:day|week|month|year|hour|minute|second)s?
        |km|kilomet\w+|miles?|kg|gb|mb|tb|people|persons?|participants|times|nights?|characters|copies
        |tage?|wochen?|monate?|jahre?n?|stunden?|minuten)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CURRENCIES = {"€": "€", "eur": "€", "usd": "$", "dol": "$", "gbp": "£", "chf": "CHF"}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_DENIALS = frozenset("not no never cannot without nicht kein keine keinen keiner nie ne pas jamais nunca sin".split())  # noqa: SIM905
_LIGHT = frozenset(
    """
    receive receives received entitled eligible offer offers offered provide provides provided grant grants granted take
    takes taken employee employees staff company acme total currently generally
    """.split()  # noqa: SIM905
)


_OF_ITSELF = re.compile(
    r"\b(?:archived|updated|revised|reviewed|effective|published|dated|issued|in force)\b", re.IGNORECASE
)
"""A document that tells its own dates: “This page was last updated on …”."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence taken apart: its values by unit, its content words' stems, all other words, and whether it denies."""

    text: str
    values: tuple[tuple[str, str], ...]
    content: frozenset[str]
    words: frozenset[str]
    denies: bool

    @property
    def can_differ(self) -> bool:
        return len(self.content) >= LEAST_SHARED


def statement(text: str) -> Statement:
    values = tuple(sorted(_value(match) for match in _VALUE.finditer(text)))
    words = [word.lower().replace("’", "'") for word in _WORD.findall(_VALUE.sub(" ", text))]
    denials = [word for word in words if word in _DENIALS or word.endswith("n't")]
    rest = [word for word in words if word not in denials and word not in {"do", "does", "did"}]
    content = frozenset(stem(word) for word in rest if word not in STOP and word not in _LIGHT)
    return Statement(text, values, content, frozenset(rest), len(denials) % 2 == 1)


def disagreement(first: Statement, second: Statement) -> str:
    """What they disagree about, in words (“16 weeks / 12 weeks”); empty if they don't, or can't be compared."""
    if not (first.can_differ and second.can_differ) or not _are_about_the_same(first.content, second.content):
        return ""
    if first.denies != second.denies:
        same = first.values == second.values and _jaccard(first.words, second.words) >= 0.85
        return "one says not" if same else ""
    return _other_value(first, second)


def _are_about_the_same(first: frozenset[str], second: frozenset[str]) -> bool:
    fewer, more = sorted((first, second), key=len)
    return fewer <= more and len(fewer) >= max(LEAST_SHARED, SHARE * len(more))


def _other_value(first: Statement, second: Statement) -> str:
    """The one value that differs, where all units are the same."""
    if Counter(unit for unit, _ in first.values) != Counter(unit for unit, _ in second.values):
        return ""
    pairs = [(one, other) for one, other in zip(first.values, second.values, strict=True) if one != other]
    if len(pairs) != 1:
        return ""
    (unit, one), (_, other) = pairs[0]
    if unit == "date" and _OF_ITSELF.search(first.text):
        return ""
    return f"{_shown(unit, one)} / {_shown(unit, other)}"


def _value(match: re.Match[str]) -> tuple[str, str]:
    """Unit and value, alike however they are written."""
    if match["currency"]:
        return match["currency"], _digits(match["amount"]) + (match["scale"] or "").strip().lower()
    if match["money"]:
        return _CURRENCIES[match["code"].lower()[:3]], _digits(match["money"])
    if match["percent"]:
        return "%", _digits(match["percent"])
    if month := match["month"] or match["month2"]:
        return "date", f"{month.capitalize()} {int(match['day'] or match['day2'])}"
    if match["hour"]:
        return "time", re.sub(r"[ .]", "", match["hour"].lower())
    count, unit = match["count"].lower(), match["unit"].lower()
    return unit.removesuffix("s"), _NUMBERS.get(count) or _digits(count)


def _digits(number: str) -> str:
    """A number without the marks of thousands: 1,000 and 1.000 are a thousand, 1.50 is one and a half."""
    plain = re.sub(r"[,.](?=\d{3}(?:\D|\Z))", "", number).replace(",", ".")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _shown(unit: str, value: str) -> str:
    if unit in {"date", "time"}:
        return value
    if unit in {"€", "$", "£"}:
        return f"{unit}{value}"
    return f"{value}%" if unit == "%" else f"{value} {unit}{'' if value == '1' or not unit.isascii() else 's'}"


def _jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / max(1, len(first | second))
