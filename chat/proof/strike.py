"""An answer without the sentences that nothing proves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from askacme.lib.sentences import spans
from chat.pipeline.cite import MARK
from chat.proof.values import Sentence, State

_OPENS = re.compile(r"[ \t>]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+)?")
_LINE = re.compile(r"[^\n\r\v\f\u2028\u2029]*[\n\r\v\f\u2028\u2029]|[^\n\r\v\f\u2028\u2029]+")
"""As `askacme.lib.sentences` sees lines; `splitlines` knows other ends, too."""
_SIGN = re.compile(r"[-*+•|]|\d{1,3}[.)]")
NOTE = "*{count} sentences were left out: no source proves them.*"
NOTE_OF_ONE = "*One sentence was left out: no source proves it.*"


@dataclass(frozen=True, slots=True)
class Struck:
    """What is left. `places` are the marks of the old text behind the marks 1, 2 … of the new; `count` left out."""

    text: str
    sentences: tuple[Sentence, ...]
    places: tuple[int, ...]
    count: int


def strike(text: str, sentences: Sequence[Sentence], *, cited: int) -> Struck:
    """
    Leave the unproved sentences out, and lead-ins with nothing left to lead to.

    `cited` is how many marks there are: other numbers in brackets are text, and stay.
    Marks are numbered anew by their first use. A note at the end says how many were left out.
    """
    count = sum(sentence.state is State.UNPROVED for sentence in sentences)
    if not count:
        return Struck(text, tuple(sentences), tuple(range(1, cited + 1)), 0)
    kept = [sentence for sentence in sentences if not _goes(sentence, sentences, text)]
    said = "\n".join(text[sentence.start : sentence.end] for sentence in kept)
    places = tuple(place for place in _marks_of(said) if 1 <= place <= cited)
    numbers = {place: n for n, place in enumerate(places, 1)}
    left, moved = _rebuilt(text, sentences, kept, numbers)
    note = NOTE_OF_ONE if count == 1 else NOTE.format(count=count)
    whole = f"{left}\n\n{note}".lstrip()
    moved.append(Sentence(0, len(whole) - len(note), len(whole), State.PLAIN))
    return Struck(whole, _as_counted(whole, moved), places, count)


def _goes(sentence: Sentence, sentences: Sequence[Sentence], text: str) -> bool:
    if sentence.state is State.UNPROVED:
        return True
    leads = sentence.state is State.PLAIN and text[sentence.start : sentence.end].rstrip("*_ ").endswith(":")
    below = [other for other in sentences if other.index > sentence.index]
    if not leads or not below or below[0].state is not State.UNPROVED:
        return False
    left = next((other for other in below if other.state is not State.UNPROVED), None)
    return left is None or not _SIGN.match(text[text.rfind("\n", 0, left.start) + 1 :].lstrip(" \t>"))


def _rebuilt(
    text: str, sentences: Sequence[Sentence], kept: Sequence[Sentence], numbers: Mapping[int, int]
) -> tuple[str, list[Sentence]]:
    """The text line by line, each with the sentences that stay, and where these stand now."""
    built, moved, begin = "", list[Sentence](), 0
    for line in _LINE.findall(text):
        here = [each for each in sentences if begin <= each.start < begin + len(line)]
        stay = [each for each in kept if each in here]
        opens = _OPENS.match(line)
        if not here:
            built += "" if built.endswith("\n\n") or not built else line
        elif stay:
            if stay[0] is not here[0] and opens:  # a list item whose first sentence goes keeps its sign
                built += opens[0]
            else:
                built += line[: stay[0].start - begin]
            for each in stay:
                said = MARK.sub(lambda mark: _renumbered(mark, numbers), text[each.start : each.end])
                cites = tuple(numbers[place] for place in each.cites if place in numbers)
                moved.append(replace(each, start=len(built), end=len(built) + len(said), cites=cites))
                built += f"{said} "
            built = built[:-1] + line[len(line.rstrip()) :]
        begin += len(line)
    return built.rstrip(), moved


def _renumbered(mark: re.Match[str], numbers: Mapping[int, int]) -> str:
    places = [int(place) for place in mark[1].split(",")]
    return "".join(f"[{numbers[place]}]" for place in places if place in numbers) or mark[0]


def _marks_of(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(place) for mark in MARK.finditer(text) for place in mark[1].split(",")))


def _as_counted(text: str, moved: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """
    The verdicts on the sentences that the text has now.

    Two may have run together where what stood between them is gone: both were proved, or had nothing to prove.
    """
    judged = []
    for index, (start, end) in enumerate(spans(text)):
        parts = [each for each in moved if each.start < end and start < each.end]
        first = next((each for each in parts if each.state is State.PROVED), parts[0])
        judged.append(replace(first, index=index, start=start, end=end))
    return tuple(judged)
