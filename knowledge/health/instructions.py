"""
Sentences that speak to a model instead of to people.

Rules, not a model: what stops a document must be explained to the person who releases it, in the words that are in it.
A document is judged sentence by sentence, and precision goes first: a handbook is full of instructions, to people.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from askacme.lib.sentences import spans
from knowledge.health.phrases import ABOUT, CONDITION, HINTS, TELLING, beginnings_of
from knowledge.ingest.parsed import ParsedDocument

MAX_FOUND = 20
BEFORE_CHARACTERS = 200
"""How far back words like “attack” or “for example” say that what follows is quoted."""

_QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|`[^`]*`|(?<!\w)[‘'][^’']{8,}[’'](?!\w)")
_BASE64 = re.compile(r"(?<![\w/+])[A-Za-z0-9+/]{40,}={0,2}(?![\w/+])")
_MAX_DECODED = 2_000
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@dataclass(frozen=True, slots=True)
class Instruction:
    """A sentence for a model. `what` goes on from “This text”; `is_quoted` when the text speaks about it."""

    text: str
    what: str
    start: int
    is_quoted: bool


def instructions_in(parsed: ParsedDocument) -> list[Instruction]:
    """The telling sentences of the visible text, and the spots where hints of all kinds stand together."""
    found: list[Instruction] = []
    for index, block in enumerate(parsed.blocks):
        if _may_hold(_folded(parsed.text[block.start : block.end])):
            found += _in_block(parsed, index)
        if len(found) >= MAX_FOUND:
            break
    return found[:MAX_FOUND]


def instructions_in_hidden(texts: Iterable[str]) -> list[Instruction]:
    """What of the hidden texts speaks to a model: a hint is enough there, for nobody hides a sentence from a model."""
    found = []
    for text in texts:
        what = telling(text) or " and ".join(_hints(text))
        if what:
            found.append(Instruction(text, what, start=-1, is_quoted=False))
    return found[:MAX_FOUND]


def telling(text: str) -> str:
    """What in the text only a model is told; empty if nothing is."""
    plain = _folded(text)
    beginnings = beginnings_of(plain)
    for kind in TELLING:
        match = kind.stands_in(plain, beginnings)
        if match and not CONDITION.search(plain[match.end() : match.end() + 60]):
            return kind.what
    decoded = " ".join(_decoded(text))
    what = telling(decoded) if decoded else ""
    return f"{what}, in code" if what else ""


def _hints(text: str) -> list[str]:
    plain = _folded(text)
    beginnings = beginnings_of(plain)
    return [kind.what for kind in HINTS if kind.stands_in(plain, beginnings)]


def _may_hold(plain: str) -> bool:
    """One look at a whole block before its sentences are taken apart."""
    beginnings = beginnings_of(plain)
    if any(kind.stands_in(plain, beginnings) for kind in TELLING):
        return True
    return all(kind.stands_in(plain, beginnings) for kind in HINTS) or _BASE64.search(plain) is not None


def _in_block(parsed: ParsedDocument, index: int) -> Iterator[Instruction]:
    block = parsed.blocks[index]
    passage = parsed.text[block.start : block.end]
    before = f"{_heading_above(parsed, index)} {parsed.text[max(0, block.start - BEFORE_CHARACTERS) : block.start]}"
    pieces = spans(passage)
    if not any(telling(passage[start:end]) for start, end in pieces) and telling(passage):
        pieces = [(0, len(passage))]  # broken over lines
    hinted: dict[str, tuple[int, int]] = {}
    for start, end in pieces:
        sentence = passage[start:end]
        if what := telling(sentence):
            is_about = ABOUT.search(f"{before} {passage[max(0, start - BEFORE_CHARACTERS) : start]}") is not None
            quoted = block.kind == "code" or is_about or _is_quoted(passage, start, end)
            yield Instruction(sentence, what, block.start + start, quoted)
        else:
            hinted |= dict.fromkeys(_hints(sentence), (start, end))
    if len(hinted) == len(HINTS):
        first, last = min(start for start, _ in hinted.values()), max(end for _, end in hinted.values())
        quoted = block.kind == "code" or ABOUT.search(f"{before} {passage[:first]}") is not None
        yield Instruction(passage[first:last], " and ".join(hinted), block.start + first, quoted)


def _is_quoted(passage: str, start: int, end: int) -> bool:
    """Whether what is telling in the sentence stands in quotation marks or code, or the sentence itself says why."""
    sentence = passage[start:end]
    rest = _QUOTED.sub(" ", sentence)
    if rest != sentence and any(character.isalnum() for character in rest) and not telling(rest):
        return True
    quotes = (match.span() for match in _QUOTED.finditer(passage) if match[0] != passage.strip())
    around = any(first <= start and end <= last for first, last in quotes)
    return around or bool(ABOUT.search(sentence))


def _heading_above(parsed: ParsedDocument, index: int) -> str:
    for block in reversed(parsed.blocks[: index + 1]):
        if block.kind == "heading":
            return parsed.text[block.start : block.end]
    return ""


def _folded(text: str) -> str:
    """One spelling of it: no full-width or invisible letters, single spaces."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("’", "'")
    return text


def _decoded(text: str) -> Iterator[str]:
    """The readable ones of the lumps of base64."""
    for lump in _BASE64.finditer(text):
        try:
            words = base64.b64decode(lump[0] + "=" * (-len(lump[0]) % 4)).decode("utf-8")[:_MAX_DECODED]
        except (binascii.Error, ValueError):
            continue
        if words.isprintable():
            yield words
