"""
Where the sentences of a text begin and end.

Rules, not a model: handbooks are plain prose, and a citation must come out the same on every machine. A line
break ends a sentence (list items and table rows are lines); a full stop never tears one cell from the next.
"""

import re

_LINE = re.compile(r"[^\n\r\v\f\u2028\u2029]+")
_END = re.compile(
    r"""(?<![.!?…])(?P<mark>[.!?…]++)[”’»"')\]*_]*+(?:[ ]?\[\d{1,3}\])*+(?=\s|\Z)"""  # "… weeks.” [1] Next"
    r"""|[。！？]++[」』”’）]*+""",
    re.VERBOSE,
)
_NEXT_WORD = re.compile(r"""\s+["'“‘«(\[*_]*([^\s"'”’»)\]*_,;:]{1,32})""")
_LAST_WORD = re.compile(r"[^\s\"'“‘«(\[*_/|–—]{1,24}\Z")
_LIST_MARKER = re.compile(r"\s*(?:[-*•]\s+)?(?:\d{1,3}|[A-Za-z]|[ivxlc]{1,5})\Z")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_NEVER_LAST = _words(
    "approx capt cf col dept dr e.g eg et gen gov hon i.e ie incl lt messrs mr mrs ms prof",
    "rep rev sen sgt st viz vs",
)
_BEFORE_NUMBER = _words(
    "app apr art aug ca ch chap cl dec eq ex ext feb fig figs jan jul jun mar no nos nov oct p para pg pp pt",
    "sec sect sep sept tab tel v ver vol",
)
_SOMETIMES_LAST = _words("al bros co corp inc jr ltd ph.d plc sr")
_OPENERS = _words(
    "a after all also an and any are as at before but by can do does each every for from he her his how",
    "however i if in is it its may must my no not on once only our please see she should so that the their",
    "then there these they this those to under until we what when where which while who why with you your",
)


def spans(text: str) -> list[tuple[int, int]]:
    """
    Give the sentences of `text` as (start, end) spans, in order, without surrounding white space.

    Every character that isn't white space lies in exactly one span. Linear in the length of the text.
    """
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start = line.start()
        for mark in _END.finditer(text, line.start(), line.end()):
            if _ends(text, start, mark, line.end()):
                _keep(found, text, start, mark.end())
                start = mark.end()
        _keep(found, text, start, line.end())
    return found


def _keep(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if stripped := piece.strip():
        begin = start + len(piece) - len(piece.lstrip())
        found.append((begin, begin + len(stripped)))


def _ends(text: str, start: int, mark: re.Match[str], line_end: int) -> bool:
    """Whether this mark, in the sentence that began at `start`, is its last."""
    following = _NEXT_WORD.match(text, mark.end(), line_end)
    word = following[1] if following else ""
    if mark["mark"] is None or not word:
        return True
    if word == "|" or (word[0].islower() and not word.startswith(("http", "www."))):
        return False
    if mark["mark"] != ".":
        return True
    if _LIST_MARKER.match(text, start, mark.start()):
        return False
    before = _LAST_WORD.search(text, max(start, mark.start() - 24), mark.start())
    return before is None or _may_be_last(before[0], word)


def _may_be_last(before: str, after: str) -> bool:
    """Whether a sentence can end in `before` plus a full stop when `after` (not in lower case) comes next."""
    folded = before.casefold()
    opens = after.casefold() in _OPENERS
    if folded in _NEVER_LAST:
        return False
    if folded in _BEFORE_NUMBER and not before.isupper():
        return not after[0].isdigit()
    if folded in {"a.m", "p.m"}:
        return True
    if folded in _SOMETIMES_LAST or _INITIALS.fullmatch(before):
        return opens
    return True
