"""
What a question asks for: its content words, the type of answer it wants, and whether it wants a list.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from governance.gateway.reader.words import STOP, WORD, stem, stems, words

MAX_LEFT_OUT = 10

_UNITS = r"(?:business |working |calendar |consecutive )?(?:second|minute|hour|day|week|fortnight|month|quarter|year)s?"
_NUMBER = (
    r"(?:\d[\d,.]*|half|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|dozen)"
)
_MONTHS = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_WEEKDAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_DURATION = rf"\b{_NUMBER}[)\s-]*(?:\w+ )?{_UNITS}\b"

ANSWERS: dict[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE if kind not in {"who", "where"} else 0)
    for kind, pattern in {
        "money": r"[$€£¥]\s?\d|\b\d[\d,.]*\s?(?:usd|eur|gbp|dollars?|euros?|pounds?|cents?|k\b)|\bfree\b|\d\s?%|\bpercent",
        "percent": r"\d\s?%|\bper\s?cent\b|\bhalf\b|\bthird\b|\bquarter\b|\ball\b",
        "duration": rf"{_DURATION}|\bhalf an? \w+|\ba(?:n)? (?:hour|day|week|fortnight|month|year)\b",
        "often": (
            r"\b(?:hourly|daily|nightly|weekly|biweekly|fortnightly|monthly|quarterly|yearly|annual(?:ly)?|twice|once)\b|"
            rf"\b(?:every|each|per|an?) (?:other )?(?:{_NUMBER} )?(?:{_UNITS}|{_WEEKDAYS})\b"
        ),
        "when": (
            rf"\b{_MONTHS}\b\.?(?:\s+\d{{1,2}})?|\b{_WEEKDAYS}\b|\b\d{{1,2}}(?::\d\d)?\s?[ap]\.?m\b|\b\d{{1,2}}:\d\d\b|"
            rf"\b(?:19|20)\d\d\b|\b(?:before|after|within|until|by the|once|upon|no later than|as soon as)\b|{_DURATION}"
        ),
        "clock": r"\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|\b\d{1,2}:\d\d\b|\bnoon\b|\bmidnight\b",
        "count": rf"\b{_NUMBER}\b|\d",
        "who": (
            r"\b[A-Z][\w&-]*(?:\s+[A-Z][\w&-]*)+|\b[A-Z]{2,}\b|@|\b(?:[Mm]anager|[Ss]upervisor|[Tt]eam|[Oo]ffice|[Dd]irector|"
            r"[Hh]ead|[Ll]ead|[Oo]fficer|[Ss]pecialist|[Aa]dmins?|[Cc]oordinator|[Dd]esk|[Bb]ank|HR|[Pp]artner|[Oo]wner)\b"
        ),
        "where": r"#\w|https?://|\]\(|@|\b(?:in|at|on|to|from|via|under|through|near) (?:the |your |our |a )?[\"“*_`]*[\w(]",
        "phone": r"\+?\d[\d\s().-]{5,}\d",
        "email": r"\S@\S+\.\w",
        "allowed": (
            r"\b(?:can|cannot|can[’']?t|may|must|should|shall|will|won[’']?t|not|no|never|don[’']?t|do|does|only|allow(?:ed|s)?|"
            r"required?|requires|need|needs|eligible|prohibited|permitted|available|exempt|entitled|is|are|if|unless)\b"
        ),
    }.items()
}
"""How an answer of each type looks like on the page."""

_AUXILIARY = r"(?:is|are|am|was|were|do|does|did|can|could|may|must|should|shall|will|would|has|have)"
_CLAUSE = r"(?:^|[.!?,;]\s+|\b(?:and|or|but|so)\s+)"
_ASKING = rf"(?:(?:if not |if so )?(?:{_AUXILIARY} (?:i|we|you|it|they|the)|what|which|who|when|where|why|how|by when|by how much|after how))"
_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("phone", r"\b(?:phone|telephone) number\b|\bnumber\b.*\b(?:call|dial)\b|\bhotline\b"),
        ("email", r"\be-?mail address\b|\bwh(?:at|ich) e-?mail\b"),
        ("percent", r"\bpercent(?:age)?\b|\bwhat (?:share|rate|proportion|fraction)\b"),
        ("often", r"\bhow (?:often|frequently|regularly)\b|\bhow many times\b"),
        (
            "duration",
            r"\bhow (?:long|soon|quickly|fast|early|late|far (?:ahead|in advance))\b|\bhow (?:many|much) (?:[\w-]+ )?"
            r"(?:seconds|minutes|hours|days|weeks|months|years|time|leave|holiday|vacation)\b|"
            r"\bnotice period\b|\btime limit\b",
        ),
        ("clock", r"\bwhat time\b|\bwh(?:at|ich) hours\b|\bopening hours\b"),
        (
            "when",
            rf"{_CLAUSE}(?:by |since |until )?when\b|\bwh(?:at|ich) (?:date|day|month|year|weekday)\b|\bdeadline\b|"
            r"\bis due\b|\bdue date\b",
        ),
        (
            "money",
            r"\bhow much (?:does|do|will|would|is|are|can|money|was|were|may)\b|\bset me back\b|"
            r"\bwhat(?:[’']s| is| are)? (?:\w+ ){0,4}(?:price|cost|fee|budget|salary|bonus|stipend|allowance|cap|amount)\b",
        ),
        ("count", r"\bhow (?:many|much|big|large|high|old|tall|far)\b|\b(?:maximum|minimum) number\b"),
        (
            "who",
            rf"{_CLAUSE}(?:to |from |with |by )?who(?:m|se)?\b|\bwh(?:at|ich) (?:team|person|department)\b",
        ),
        (
            "where",
            rf"{_CLAUSE}(?:from |to )?where\b|\bwh(?:at|ich) (?:room|floor|building|city|country|channel|place)\b",
        ),
        ("allowed", rf"{_CLAUSE}{_AUXILIARY}\b"),
    )
)
"""The first pattern found in a question names the type of its answer."""

_LIST = re.compile(
    r"\bwh(?:at|ich) (?:\w+ ){0,3}?(?:are|steps|types|kinds|\w+s (?:do|does|are|can|must|should|have|will))\b|"
    r"\b(?:list|steps|process|procedure)\b|\bhow (?:do|can|should|would|to)\b|\bwhat (?:do|should|must) (?:i|we|you)\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(rf"[.?!;]\s+|,?\s+(?:and|or)\s+(?={_ASKING}\b)|,\s+(?={_ASKING}\b)", re.IGNORECASE)
_ASKS_ANEW = re.compile(rf"(?:and |or |but |so )?(?:{_ASKING}|{_AUXILIARY})\b", re.IGNORECASE)
_COMPARES = re.compile(
    r"\b(?:differ\w*|compar\w*|versus|vs|than|both|each of|respectively|which of)\b", re.IGNORECASE
)
_NAMED = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-Z][\w&-]+|\b[A-Z]{2,}[\w&-]*|\b\w*\d\w*")


@dataclass(frozen=True)
class Question:
    text: str

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Stems of the content words, each once."""
        return tuple(dict.fromkeys(stems(self.text)))

    @cached_property
    def named(self) -> frozenset[str]:
        """Stems of what looks like a name or a number: rarely in a text by chance, missed when absent."""
        return frozenset(
            stem(word) for match in _NAMED.findall(self.text) for word in words(match) if word.lower() not in STOP
        )

    @cached_property
    def asks(self) -> str:
        """The type of answer asked for, a key of `ANSWERS`; "" if it could be anything."""
        clause = self.parts[-1]
        for kind, pattern in _ASKS:
            if pattern.search(clause):
                return kind
        return ""

    @cached_property
    def wants_list(self) -> bool:
        return bool(_LIST.search(self.text))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """What has to be answered one by one; the whole question if it asks one thing."""
        pieces = [piece.strip(" ?.!") for piece in _SPLIT.split(self.text)]
        return tuple(piece for piece in pieces if stems(piece)) or (self.text,)

    @cached_property
    def is_manifold(self) -> bool:
        """Whether it compares things or asks several at once, so that one sentence will rarely do."""
        asked = sum(bool(_ASKS_ANEW.match(part)) for part in self.parts)
        return asked > 1 or bool(_COMPARES.search(self.text))

    @cached_property
    def without_each(self) -> tuple[str, ...]:
        """The question with one of its (last) content words left out, once for each."""
        found = [word for word in WORD.finditer(self.text) if word.group().lower() not in STOP]
        return tuple(f"{self.text[: word.start()]}{self.text[word.end() :]}" for word in found[-MAX_LEFT_OUT:])

    def answered_by(self, text: str) -> bool | None:
        """Whether a text holds an answer of the type asked for; None if the question asks for no certain type."""
        return bool(ANSWERS[self.asks].search(text)) if self.asks else None
