"""
Three questions that a document answers, made from its headings and sentences.

Templates, not a model: the same document always gives the same questions, and each is put to the built-in reader,
which must find the answer where it was made. Only English sentences are turned around; headings
that are questions serve in every language.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from askacme.lib.sentences import spans
from governance.gateway.reader import read
from governance.gateway.types import Embed, Passage, Vectors
from knowledge.index.embed import Embedded

WANTED = 3
MAX_READ = 5
"""Candidates that are put to the reader; each costs as much as embedding a passage."""

MAX_SENTENCES = 400
MAX_WORDS = 16

_UNIT = r"(?:(?:business|working|calendar) )?(?:days?|weeks?|months?|years?|hours?|minutes?)"
_NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|sixteen|eighteen|twenty)"
_SUBJECT = r"(?P<subject>(?:[A-Z][\w'’-]*)(?: [\w'’-]+){0,4}?)"
_OPEN = re.compile(
    r"\b(?:it|its|they|them|their|this|that|these|those|he|she|there|here|such|which|above|below)\b", re.IGNORECASE
)
_VAGUE = re.compile(r"\b(?:anybody|anyone|never|no|not|one|ones|only|then)\b", re.IGNORECASE)
_LED_IN = re.compile(
    r"\w+(?: (?:is|are))? (?:after|at|before|by|during|for|from|if|in|on|once|since|when|with)\b", re.IGNORECASE
)
_DANGLING = frozenset(
    {"a", "about", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "than", "that", "the"}
    | {"to", "up", "with", "without", "your", "my"}
)
_ASKS = re.compile(
    r"(?:what|who|whom|whose|which|when|where|why|how|can|may|must|should|do|does|is|are|will)\b", re.IGNORECASE
)
_LOWER_CASE = re.compile(r"(?<![\w'’])[a-z]{2,}(?![\w'’])")
_TAIL = re.compile(r"[,;:(–—].*|\s(?:if|when|unless|because|but|and|or|so|which|who|where|while|after|before|per)\s.*")
_DETERMINERS = frozenset({"the", "a", "an", "all", "new", "each", "every", "your"})
_YOUR = {"you": "I", "your": "my", "yours": "mine", "yourself": "myself", "you're": "I'm"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and the words that should answer it. `rank` orders the templates, the best first."""

    rank: int
    text: str
    item: Embedded
    around: str


def questions_for(embedded: Sequence[Embedded], *, language: str, embed: Embed) -> list[str]:
    """At most three questions that the reader answers from the passages, each from another section where possible."""
    findable = [item for item in embedded if item.vector is not None]
    candidates = sorted(_candidates(findable, language), key=lambda candidate: candidate.rank)
    remembered = _remembering(embed)
    chosen: list[Candidate] = []
    for candidate in islice(_spread(candidates), MAX_READ):
        passage = Passage(1, candidate.item.title, candidate.item.heading, candidate.around, 1.0)
        if read(candidate.text, [passage], remembered).text:
            chosen.append(candidate)
        if len(chosen) == WANTED:
            break
    return [candidate.text for candidate in chosen]


def _spread(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """The first of each section, then the second of each, and so on; every question once."""
    waiting = list({candidate.text: candidate for candidate in reversed(candidates)}.values())[::-1]
    while waiting:
        seen: set[str] = set()
        left = []
        for candidate in waiting:
            section = candidate.item.heading or str(candidate.item.edited.draft.ordinal)
            if section in seen:
                left.append(candidate)
            else:
                seen.add(section)
                yield candidate
        waiting = left


def _candidates(findable: Sequence[Embedded], language: str) -> Iterator[Candidate]:
    budget = MAX_SENTENCES
    common = {word for item in findable for word in _LOWER_CASE.findall(item.passage)}
    for item in findable:
        last = item.heading.split(" > ")[-1].strip()
        pieces = spans(item.passage)
        if last.endswith("?") and 2 < len(last.split()) <= MAX_WORDS:
            yield Candidate(0, last, item, _around(item.passage, pieces, 1))
        for place, (start, end) in enumerate(pieces[: max(budget, 0)]):
            budget -= 1
            sentence, around = item.passage[start:end].strip(), _around(item.passage, pieces, place)
            if sentence.endswith("?"):
                if 3 < len(sentence.split()) <= MAX_WORDS and (language != "english" or _ASKS.match(sentence)):
                    yield Candidate(1, sentence, item, around)
            elif language == "english":
                yield from (Candidate(rank, text, item, around) for rank, text in _turned_around(sentence, common))


def _around(passage: str, pieces: Sequence[tuple[int, int]], place: int) -> str:
    """The sentence, the one before it and the one after: more would cost the reader time and change little."""
    return passage[pieces[max(0, place - 1)][0] : pieces[min(place + 1, len(pieces) - 1)][1]]


def _turned_around(sentence: str, common: set[str]) -> Iterator[tuple[int, str]]:
    """
    The question that a plain sentence answers, if it is of a kind that can be turned around.

    Its first word loses the capital if the document has it among its `common` words, in lower case.
    """
    sentence = sentence.lstrip("-*• ").rstrip(" .!")
    if not sentence or len(sentence.split()) > 30 or "|" in sentence:
        return
    for rank, (pattern, ask) in enumerate(_TEMPLATES, 2):
        found = pattern.match(sentence)
        if found and (question := ask(found)) and _reads_well(question):
            first = sentence.partition(" ")[0]
            yield rank, question.replace(f" {first} ", f" {first.lower()} ") if first.lower() in common else question
            return


def _reads_well(question: str) -> bool:
    words = question.rstrip("?").split()
    is_whole = words[-1].lower() not in _DANGLING and not _LED_IN.match(question)
    is_clear = not _OPEN.search(question) and not _VAGUE.search(question)
    return 4 <= len(words) <= MAX_WORDS and is_whole and is_clear


def _how_many(found: re.Match[str]) -> str:
    of = f" {_trimmed(found['of'])}" if found["of"] else ""
    does = "does" if found["verb"] == "is entitled to" or found["verb"].endswith("s") else "do"
    return f"How many {_plural(found['unit'])}{of} {does} {_lowered(found['subject'])} get?"


def _by_when(found: re.Match[str]) -> str:
    return f"When must {_lowered(found['subject'])} be {found['done']}?"


def _may_i(found: re.Match[str]) -> str:
    verb = "Do I have to" if found["modal"] in {"must", "have to", "need to"} else found["modal"].capitalize() + " I"
    return f"{verb} {_mine(_trimmed(found['rest']))}?"


def _may_they(found: re.Match[str]) -> str:
    subject, rest = _lowered(found["subject"]), _trimmed(found["rest"])
    if found["modal"] == "must":
        return f"Do {subject} have to {rest}?" if subject.endswith("s") else ""
    return f"{found['modal'].capitalize()} {subject} {rest}?"


def _what_is(found: re.Match[str]) -> str:
    return f"What {found['verb']} {_lowered(found['subject'])}?"


_TEMPLATES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(
            rf"{_SUBJECT} (?P<verb>gets?|receives?|have|has|accrues?|earns?|(?:are|is) entitled to) "
            rf"(?:up to |at least )?{_NUMBER} (?P<unit>{_UNIT})(?P<of> of [\w ]+)?"
        ),
        _how_many,
    ),
    (re.compile(rf"{_SUBJECT} must be (?P<done>[a-z]+ed)\b(?= (?:within|by|before|no later|at least))"), _by_when),
    (re.compile(r"You (?P<modal>can|may|must|have to|need to|should) (?P<rest>[a-z].+)"), _may_i),
    (re.compile(rf"{_SUBJECT} (?P<modal>can|may|must|should) (?P<rest>(?!be\b|also\b|not\b)[a-z].+)"), _may_they),
    (re.compile(rf"{_SUBJECT} (?P<verb>is|are) (?:an?|the) "), _what_is),
)


def _trimmed(words: str) -> str:
    """The words up to a comma or the next clause."""
    return " ".join(word for word in _TAIL.sub("", words).split() if word != "also")


def _lowered(subject: str) -> str:
    """The subject inside a sentence: `The policy` becomes `the policy`; names and abbreviations stay."""
    first, _, rest = subject.partition(" ")
    names = any(word[:1].isupper() for word in rest.split())
    is_common = first.lower() in _DETERMINERS or (first[1:].islower() and first.endswith("s") and not names)
    return _mine(f"{first.lower()}{' ' if rest else ''}{rest}" if is_common else subject)


def _mine(words: str) -> str:
    return " ".join(_YOUR.get(word.lower(), word) for word in words.split())


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"


def _remembering(embed: Embed) -> Embed:
    """The same sentences stand beside several questions: each is embedded once."""
    known: dict[str, Vectors] = {}

    def remembered(texts: Sequence[str]) -> Vectors:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, embed(missing), strict=True))
        return np.stack([known[text] for text in texts])

    return remembered
