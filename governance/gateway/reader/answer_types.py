"""
Types of answers: how a question asks for one, and how one looks on the page.

The words are English; a question in another language has no type and is ranked by meaning and words alone.
"""

import re

_NUMBER = (
    r"(?:\d[\d,.]*|half|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|dozen)"
)
_PERIODS = (
    r"(?:business |working |calendar |consecutive )?(?:second|minute|hour|day|week|fortnight|month|quarter|year)s?"
)
_DURATION = rf"\b{_NUMBER}[)\s-]*(?:\w+ )?{_PERIODS}\b"
_WEEKDAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_CLOCK = r"\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|\b\d{1,2}:\d\d\b"


def _any(*patterns: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile("|".join(patterns), flags)


LOOKS: dict[str, re.Pattern[str]] = {
    "money": _any(
        r"[$€£¥]\s?\d",
        r"\b\d[\d,.]*\s?(?:usd|eur|gbp|dollars?|euros?|pounds?|cents?|k\b)",
        r"\bfree\b",
        r"\d\s?%|\bpercent",
    ),
    "percent": _any(r"\d\s?%", r"\bper\s?cent\b", r"\b(?:half|third|quarter|all)\b"),
    "duration": _any(_DURATION, r"\bhalf an? \w+", r"\ban? (?:hour|day|week|fortnight|month|year)\b"),
    "often": _any(
        r"\b(?:hour|dai|night|week|biweek|fortnight|month|quarter|year)ly\b",
        r"\b(?:annual(?:ly)?|twice|once)\b",
        rf"\b(?:every|each|per|an?) (?:other )?(?:{_NUMBER} )?(?:{_PERIODS}|{_WEEKDAYS})\b",
    ),
    "when": _any(
        rf"\b{_MONTHS}\b\.?\s+\d{{1,2}}|\b\d{{1,2}}\.? {_MONTHS}\b|\b(?!may\b){_MONTHS}\b",
        rf"\b{_WEEKDAYS}\b|\b(?:19|20)\d\d\b",
        r"\b(?:before|after|within|until|by the|once|upon|no later than|as soon as)\b",
        _CLOCK,
        _DURATION,
    ),
    "clock": _any(_CLOCK, r"\bnoon\b|\bmidnight\b"),
    "count": _any(rf"\b{_NUMBER}\b", r"\d"),
    "who": _any(
        r"\b[A-Z][\w&-]*(?:\s+[A-Z][\w&-]*)+|\b[A-Z]{2,}\b|@",
        r"\b(?:[Mm]anager|[Ss]upervisor|[Tt]eam|[Oo]ffice|[Dd]irector|[Hh]ead|[Ll]ead|[Oo]fficer|[Ss]pecialist)\b",
        r"\b(?:[Aa]dmins?|[Cc]oordinator|[Dd]esk|[Bb]ank|[Pp]artner|[Oo]wner)\b",
        flags=re.RegexFlag(0),
    ),
    "where": _any(
        r"#\w|https?://|\]\(|@",
        r"\b(?:in|at|on|to|from|via|under|through|near) (?:the |your |our |a )?[\"“*_`]*[\w(]",
    ),
    "phone": _any(r"\+?\d[\d\s().-]{5,}\d"),
    "email": _any(r"\S@\S+\.\w"),
    "allowed": _any(
        r"\b(?:can|cannot|may|must|should|shall|will|do|does|is|are)\b|\b(?:can|won|don)[’']t\b",
        r"\b(?:not|no|never|only|if|unless|allow(?:ed|s)?|required?|requires|needs?|eligible|prohibited)\b",
        r"\b(?:permitted|available|exempt|entitled)\b",
    ),
}

AUXILIARY = r"(?:is|are|am|was|were|do|does|did|can|could|may|must|should|shall|will|would|has|have)"
_CLAUSE = r"(?:^|[.!?,;]\s+|\b(?:and|or|but|so)\s+)"

ASKS: dict[str, re.Pattern[str]] = {
    "phone": _any(r"\b(?:phone|telephone) number\b", r"\bnumber\b.*\b(?:call|dial)\b", r"\bhotline\b"),
    "email": _any(r"\be-?mail address\b", r"\bwh(?:at|ich) e-?mail\b"),
    "percent": _any(r"\bpercent(?:age)?\b", r"\bwhat (?:share|rate|proportion|fraction)\b"),
    "often": _any(r"\bhow (?:often|frequently|regularly)\b", r"\bhow many times\b"),
    "duration": _any(
        r"\bhow (?:long|soon|quickly|fast|early|late|far (?:ahead|in advance))\b",
        r"\bhow (?:many|much) (?:[\w-]+ )?(?:seconds|minutes|hours|days|weeks|months|years|time|leave|holiday)\b",
        r"\bnotice period\b|\btime limit\b",
    ),
    "clock": _any(r"\bwhat time\b", r"\bwh(?:at|ich) hours\b", r"\bopening hours\b"),
    "when": _any(
        rf"{_CLAUSE}(?:by |since |until )?when\b",
        r"\bwh(?:at|ich) (?:date|day|month|year|weekday)\b",
        r"\bdeadline\b|\bis due\b|\bdue date\b",
    ),
    "money": _any(
        r"\bhow much (?:does|do|will|would|is|are|can|money|was|were|may)\b",
        r"\bset me back\b",
        r"\bwhat(?:[’']s| is| are)? (?:\w+ ){0,4}(?:price|cost|fee|budget|salary|bonus|stipend|allowance|cap|amount)\b",
    ),
    "count": _any(r"\bhow (?:many|much|big|large|high|old|tall|far)\b", r"\b(?:maximum|minimum) number\b"),
    "who": _any(rf"{_CLAUSE}(?:to |from |with |by )?who(?:m|se)?\b", r"\bwh(?:at|ich) (?:team|person|department)\b"),
    "where": _any(
        rf"{_CLAUSE}(?:from |to )?where\b",
        r"\bwh(?:at|ich) (?:room|floor|building|city|country|channel|place)\b",
    ),
    "allowed": _any(rf"{_CLAUSE}{AUXILIARY}\b"),
}
"""The first that is found in a question names the type of its answer."""
