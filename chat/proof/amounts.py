"""Numbers as they are meant: digits or words, with their unit, so that "sixteen weeks" and "112 days" are the same."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from chat.proof.wording import words_of

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NAMED = {word: float(n) for n, word in enumerate(_ONES)} | {word: n * 10.0 for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "dozen": 12.0, "k": 1e3, "m": 1e6}
_TIMES = {
    "second": ("minutes", 1 / 60),
    "minute": ("minutes", 1),
    "hour": ("minutes", 60),
    "day": ("minutes", 1440),
    "workday": ("minutes", 1440),
    "week": ("minutes", 10_080),
    "workweek": ("minutes", 10_080),
    "fortnight": ("minutes", 20_160),
    "month": ("months", 1),
    "quarter": ("months", 3),
    "year": ("months", 12),
}
_MONEY = {
    **dict.fromkeys(("$", "usd", "dollar"), "$"),
    **dict.fromkeys(("€", "eur", "euro"), "€"),
    **dict.fromkeys(("£", "gbp", "pound"), "£"),
    **dict.fromkeys(("¥", "jpy", "yen"), "¥"),
    "chf": "chf",
}
_PERCENT = {"%", "percent", "percentage"}

_WORD_NUMBER = rf"(?:{'|'.join([*_ONES, *_TENS])})(?:[- ](?:{'|'.join(_ONES[1:])}))?"
_DIGITS = r"\d{1,3}(?:[,.'\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*"
_PART = r"\b(?:half(?: an?)?|(?<!per )(?<!in )an?)\b(?=[\s-])"
_NUMBER = re.compile(
    rf"(?P<before>[$€£¥]|\b(?:usd|eur|gbp|chf|jpy)(?=\s?\d))?\s?"
    rf"(?<![\w.])(?<![A-Za-z]-)(?P<number>{_DIGITS}|{_WORD_NUMBER}\b|{_PART})(?:st|nd|rd|th)?"
    rf"(?P<scale>(?:k|m)\b|(?:[ -](?:hundred|thousand|million|billion|dozen)\b)+)?",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[\s)-]*(%|[$€£¥]|[a-z]+)", re.IGNORECASE)
_JOINS = re.compile(r"\s*(?:-|–|—|to|and|or|through|\()\s*", re.IGNORECASE)
_NO_ADJECTIVE = words_of(
    "a an and as at by for from if in is of on or per than the then to until when with within",
)
MOST_ADJECTIVES = 2


@dataclass(frozen=True, slots=True)
class Amount:
    """
    One number of a text.

    `values` are its possible readings ("1.000" is a thousand or one), in the unit's base; `unit` is "" for a bare
    number, a currency's sign, "%", "minutes" or "months"; `bare` are the readings as written; `said` the words.
    """

    values: frozenset[float]
    unit: str
    bare: frozenset[float]
    said: str


def amounts(text: str) -> list[Amount]:
    found = [*_NUMBER.finditer(text)]
    units = [_unit_of(text, match) for match in found]
    for place in range(len(found) - 2, -1, -1):  # "8 to 10 weeks": the first number's unit is the second's
        between = text[found[place].end() : found[place + 1].start()]
        if not units[place][0] and _JOINS.fullmatch(between):
            units[place] = units[place + 1]
    return [
        _amount(match, *unit) for match, unit in zip(found, units, strict=True) if unit[0] or not _is_article(match)
    ]


def lacking(said: Iterable[Amount], known: Iterable[Amount], words: str) -> Iterator[Amount]:
    """Those of `said` that are not among the `known`; `words` is the text that these stand in, in lower case."""
    there = [*known]
    for amount in said:
        if not any(_same(amount, other, words) for other in there):
            yield amount


def _same(said: Amount, known: Amount, words: str) -> bool:
    if said.unit == known.unit or not said.unit:
        wanted, there = (said.values, known.values) if said.unit else (said.bare, known.bare)
        return any(abs(a - b) <= 1e-6 * max(1, abs(a)) for a, b in product(wanted, there))
    in_a_table = not known.unit and bool(said.bare & known.bare)  # its unit stands in the head of the column
    return in_a_table and _names(said.unit, words)


def _names(unit: str, words: str) -> bool:
    names = [*_TIMES, *_MONEY, *_PERCENT]
    return any(name in words for name in names if _known(name)[0] == unit)


def _amount(match: re.Match[str], unit: str, factor: float) -> Amount:
    scale = 1.0
    for word in re.split(r"[ -]+", (match["scale"] or "").strip(" -").lower()):
        scale *= _SCALES.get(word, 1.0)
    bare = frozenset(reading * scale for reading in _readings(match["number"].lower()))
    return Amount(frozenset(reading * factor for reading in bare), unit, bare, match[0].strip())


def _is_article(match: re.Match[str]) -> bool:
    """ "a", or the pronoun "one": a number only before a unit."""
    return match["number"].lower() in {"a", "an", "half", "half a", "half an", "one", "zero"} and not match["scale"]


def _readings(number: str) -> set[float]:
    if number in {"a", "an"}:
        return {1.0}
    if number.startswith("half"):
        return {0.5}
    if not number[0].isdigit():
        return {sum(_NAMED[word] for word in re.split(r"[- ]", number))}
    joined = re.sub(r"['\u00a0\u202f ]", "", number)
    readings = set()
    for thousands, point in ((",", "."), (".", ",")):
        whole = joined.replace(thousands, "").replace(point, ".")
        if whole.count(".") <= 1 and _is_grouped(joined, thousands, point):
            readings.add(float(whole))
    return readings or {float(re.sub(r"\D", "", number))}


def _is_grouped(number: str, thousands: str, point: str) -> bool:
    """Whether each separator of thousands stands before three digits."""
    whole = number.split(point, maxsplit=1)[0]
    return all(len(group) == 3 for group in whole.split(thousands)[1:]) and thousands not in number[len(whole) :]


def _unit_of(text: str, match: re.Match[str]) -> tuple[str, float]:
    """The unit's base, and how many of it one is."""
    if match["before"]:
        return _known(match["before"].lower())
    place = match.end()
    for _ in range(MOST_ADJECTIVES + 1):
        word = _UNIT.match(text, place)
        if word is None or word[1].lower() in _NO_ADJECTIVE:
            break
        unit = _known(word[1].lower())
        if unit[0]:
            return unit
        if _is_article(match):
            break
        place = word.end()
    return "", 1.0


def _known(word: str) -> tuple[str, float]:
    single = word.removesuffix("s")
    if word in _PERCENT:
        return "%", 1.0
    if single in _MONEY:
        return _MONEY[single], 1.0
    return _TIMES.get(single, ("", 1.0))
