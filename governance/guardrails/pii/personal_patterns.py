"""What is personal by the words around it: dates of birth, postal addresses, passports."""

import re
from collections.abc import Iterator
from datetime import date

from governance.guardrails.pii.entities import Span

MONTHS = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[ée]vr(?:ier)?|mar(?:ch|s|zo)?|märz|apr(?:il)?|avril|abril|ma[iy]o?"
    r"|june?|juni|juin|junio|july?|juli|juillet|julio|aug(?:ust)?|août|agosto|sept?(?:ember|embre)?|o[ck]t(?:ober|obre)?"
    r"|octubre|nov(?:ember|embre)?|noviembre|de[cz](?:ember)?|d[ée]cembre|diciembre|ene(?:ro)?|febrero)\.?"
)
YEAR = r"(?:19|20)\d\d"
DATE = (
    rf"(?:{YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\s?\d{{1,2}}[-/.]\s?(?:{YEAR}|\d\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{MONTHS},?\s+(?:de\s+)?{YEAR}"
    rf"|{MONTHS}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{YEAR})(?![\d-])"
)
BORN = re.compile(
    r"\b(?:born(?:\s+on)?|d\.?o\.?b\.?|date\s+of\s+birth|birth\s?date|birthday|birth|geb(?:oren|urtsdatum|urtstag)?\.?"
    r"(?:\s+am)?|n[ée]e?(?:\s+le)?|date\s+de\s+naissance|nacid[oa](?:\s+el)?|fecha\s+de\s+nacimiento|nat[oa](?:\s+il)?"
    rf"|data\s+di\s+nascita)(?:\W{{1,4}}(?:is|was|ist|war|est|es|on|the|der|:)){{0,2}}\W{{0,4}}(?P<date>{DATE})",
    re.IGNORECASE,
)
AFTER_A_NAME = re.compile(rf"[A-ZÀ-Þ][\w'’.-]+[ \t]+[A-ZÀ-Þ][\w'’-]+\s*\(\s*(?:\*\s*)?(?P<date>{DATE})\s*\)")
"""Two capitalised words, then a date in brackets: somebody's, when it lies long enough back."""
GROWN_UP_YEARS = 14

PASSPORT = re.compile(
    r"\b(?:passport|reisepass|passeport|pasaporte|passaporto|paszport)\w{0,3}(?:\W{1,3}(?:number|no|nr|num|nummer|num[ée]ro|n[uú]mero|n°"
    r"|id|card|is|ist|est|es|was|ends?|with|the|and|book|mit|der|:)\b\.?){0,4}\W{0,4}(?P<number>[A-Za-z0-9]{6,12})\b",
    re.IGNORECASE,
)

WORD = r"[A-ZÀ-Þ][\w'’.-]{0,40}"
PART = r"[A-ZÀ-Þ][\w'’.]{0,40}"
"""Of a name whose parts are joined by spaces or hyphens; with hyphens in it, hostile text would be read for ever."""
HOUSE = r"\d{1,5}(?:\s?[a-zA-Z](?!\w))?(?:[-/]\d{1,4})?"
STREET = (
    r"(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|square|sq|terrace|way|close"
    r"|crescent|parkway|pkwy|highway|hwy|trail|circle|cir|row|gardens|grove|mews|hill|walk|quay|alley|loop|green|park)\b\.?"
)
UNIT = r"(?:,?\s+(?i:apt|apartment|suite|ste|unit|flat|floor|fl|#)\.?\s?#?\w{1,6})?"
ZIP = r"\d{5}(?:-\d{4})?(?!\d)"
POSTCODE = r"(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)\b"
NAME = r"[A-ZÀ-Þ](?:[\w'’-]|\.(?=[ ]?[A-ZÀ-Þ]))*"
PLACE = rf"{NAME}(?:[ -]{NAME}){{0,3}}"
ENGLISH = rf"(?<![\w.]){HOUSE}\s+(?:{WORD}\s+){{1,4}}(?i:{STREET}){UNIT}"
ENGLISH_END = rf",?\s+{PLACE},?\s+(?:[A-Z]{{2}},?\s+{ZIP}|{POSTCODE}|[A-Z]{{2,3}}\s+\d{{4}}(?!\d))"
GERMAN = (
    r"(?<!\w)(?:[A-ZÀ-Þ][\w-]{0,40}(?:stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse|ring|ufer|damm|chaussee|steig|graben|straat|laan"
    rf"|plein|gracht)|(?:{PART}[ -]){{1,3}}(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Gasse|Ring|Ufer|Damm))\s+{HOUSE}"
)
ROMANCE = (
    r"(?<!\w)(?:"
    + HOUSE
    + r",?\s+(?:bis\s+|ter\s+)?(?i:rue|avenue|boulevard|place|chemin|all[ée]e|impasse|quai|route|cours)\s+"
    r"[\w'’. -]{2,40}?|(?i:calle|c/|avda?\.?|avenida|plaza|paseo|via|viale|corso|piazza|rua|ul\.|ulica)\s*"
    rf"[\w'’. -]{{2,40}}?,?\s+(?:n[º°.]\s?)?{HOUSE})"
)
CONTINENTAL_END = (
    rf"(?:,?\s+|,)(?:[A-Z]{{1,2}}-)?(?:{ZIP}|\d{{4}}\s?[A-Z]{{2}}\b|\d{{2}}-\d{{3}}|\d{{4}}(?!\d))\s+{PLACE}"
)
ADDRESS = re.compile(rf"{ENGLISH}{ENGLISH_END}|(?:{GERMAN}|{ROMANCE}){CONTINENTAL_END}")
STREET_ONLY = re.compile(
    r"(?i:\b(?:address|lives?|living|residing|resides?|moved|home|anschrift|adresse|wohn\w*|habite|vivo|vive|direcci[óo]n"
    rf"|domicil\w+|ship(?:ped)?|deliver(?:ed)?)\b)[^.\n\d]{{0,25}}?(?P<street>{ENGLISH}(?:,\s+{PLACE})?|{GERMAN})"
)


def personal_in(text: str) -> Iterator[Span]:
    if not any(map(str.isdigit, text)):
        return
    yield from dates_of_birth(text)
    for match in PASSPORT.finditer(text):
        if sum(map(str.isdigit, match["number"])) >= 4:
            yield Span(*match.span("number"), "PASSPORT", 0.92)
    for match in ADDRESS.finditer(text):
        yield Span(match.start(), match.end(), "ADDRESS", 0.8)
    for match in STREET_ONLY.finditer(text):
        yield Span(*match.span("street"), "ADDRESS", 0.6)


def dates_of_birth(text: str) -> Iterator[Span]:
    for match in BORN.finditer(text):
        yield Span(*match.span("date"), "DATE_OF_BIRTH", 0.9)
    for match in AFTER_A_NAME.finditer(text):
        year = re.search(YEAR, match["date"])
        if year and int(year[0]) <= date.today().year - GROWN_UP_YEARS:  # noqa: DTZ011  (years, not hours)
            yield Span(*match.span("date"), "DATE_OF_BIRTH", 0.7)
