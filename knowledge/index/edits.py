"""What people corrected or disabled, put into a document's chunks again whenever they are made."""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.index.models import ChunkEdit
from knowledge.ingest.chunk import ChunkDraft
from knowledge.ingest.parsed import ParsedDocument

CountTokens = Callable[[Sequence[str]], list[int]]
Span = tuple[int, int]

UNSPACED = "\u0e00"
"""From here on (Thai, Chinese, Japanese, …) scripts mostly write no spaces: a passage may begin beside any letter."""


@dataclass(frozen=True, slots=True)
class EditedDraft:
    """A draft, and what a person made of it: a text in its place, or that it must not be found."""

    draft: ChunkDraft
    corrected: str = ""
    disabled: bool = False


def apply_edits(
    parsed: ParsedDocument, drafts: Sequence[ChunkDraft], edits: Iterable[ChunkEdit], count_tokens: CountTokens
) -> list[EditedDraft]:
    """
    The drafts with each edited passage as a chunk of its own, wherever it stands in the text word for word.

    What other chunks shared with the passage is cut off them, so that the words a person took out are in none; an
    edit whose passage the text no longer holds changes nothing. Where passages overlap, the later edit has its whole
    passage. What that leaves of a disabled one stays disabled; what it leaves of a corrected one reads as the document
    does, for nobody can cut a correction. An edited passage stays one chunk, whatever the size of the others.
    """
    edges = {draft.start for draft in drafts} | {draft.end for draft in drafts}
    made = [EditedDraft(draft) for draft in drafts]
    for edit in edits:
        for start, end in places_of(edit.original, parsed.text, edges):
            made = _with_edit(parsed, made, edit, (start, end))
    made.sort(key=lambda edited: (edited.draft.start, edited.draft.end))
    return _numbered(_counted(made, drafts, count_tokens))


def words_of(passage: str) -> str:
    """The passage with single spaces: two that differ in white space only are the same."""
    return " ".join(passage.split())


def places_of(passage: str, text: str, edges: Collection[int] = ()) -> Iterator[Span]:
    """
    Where the passage stands in the text, whatever white space lies between its words; overlapping places count once.

    It has to begin and end where words do, or at one of the `edges`: "Yes." is not found in "Yes.com".
    """
    words = passage.split()
    if not words:
        return
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    match = pattern.search(text)
    while match:
        start, end = match.span()
        is_whole = (start in edges or _is_word_edge(text, start)) and (end in edges or _is_word_edge(text, end))
        if is_whole:
            yield start, end
        match = pattern.search(text, end if is_whole else start + 1)


def _is_word_edge(text: str, place: int) -> bool:
    around = text[max(0, place - 1) : place + 1]
    return place == 0 or len(around) < 2 or not all(letter.isalnum() and letter < UNSPACED for letter in around)


def _with_edit(parsed: ParsedDocument, made: list[EditedDraft], edit: ChunkEdit, place: Span) -> list[EditedDraft]:
    start, end = place
    kept: list[EditedDraft] = []
    touched: list[EditedDraft] = []
    for edited in made:
        (touched if edited.draft.start < end and start < edited.draft.end else kept).append(edited)
    if not touched:  # the words of a heading, which are no chunk's
        return made
    nearest = max(touched, key=lambda edited: min(edited.draft.end, end) - max(edited.draft.start, start)).draft
    passage = _respanned(parsed, nearest, place)
    rest = [_without_edit(parsed, edited, span) for edited in touched for span in _outside(edited, place)]
    return [*kept, *_widest(rest), EditedDraft(passage, corrected=edit.corrected, disabled=edit.disabled)]


def _outside(edited: EditedDraft, place: Span) -> Iterator[Span]:
    """What is left of a draft without the place: nothing, or one or two shorter spans that hold words."""
    draft = edited.draft
    for first, last in [(draft.start, min(draft.end, place[0])), (max(draft.start, place[1]), draft.end)]:
        text = draft.text[first - draft.start : last - draft.start] if first < last else ""
        if any(character.isalnum() for character in text):
            begin = first + len(text) - len(text.lstrip())
            yield begin, begin + len(text.strip())


def _without_edit(parsed: ParsedDocument, edited: EditedDraft, span: Span) -> EditedDraft:
    return EditedDraft(_respanned(parsed, edited.draft, span), disabled=edited.disabled)


def _respanned(parsed: ParsedDocument, draft: ChunkDraft, span: Span) -> ChunkDraft:
    start, end = span
    starts = [block.start for block in parsed.blocks]
    page = parsed.blocks[max(0, bisect_right(starts, start) - 1)].page if starts else draft.page
    return replace(draft, text=parsed.text[start:end], start=start, end=end, page=page)


def _widest(rest: list[EditedDraft]) -> list[EditedDraft]:
    """Chunks overlap, and so do their rests: one that lies within another of its kind says nothing new."""
    widest: list[EditedDraft] = []
    for edited in sorted(rest, key=lambda edited: (edited.draft.start, -edited.draft.end)):
        if not any(edited.draft.end <= other.draft.end and edited.disabled == other.disabled for other in widest):
            widest.append(edited)
    return widest


def _counted(made: list[EditedDraft], drafts: Sequence[ChunkDraft], count_tokens: CountTokens) -> Iterator[EditedDraft]:
    """With the size of what is new among them."""
    sizes = {(draft.start, draft.end): draft.tokens for draft in drafts}
    new = [item for item in made if item.corrected or (item.draft.start, item.draft.end) not in sizes]
    counts = count_tokens([item.corrected or item.draft.text for item in new]) if new else []
    counted = {(item.draft.start, item.draft.end): tokens for item, tokens in zip(new, counts, strict=True)}
    for item in made:
        tokens = counted.get((item.draft.start, item.draft.end), item.draft.tokens)
        yield replace(item, draft=replace(item.draft, tokens=max(1, tokens)))


def _numbered(made: Iterable[EditedDraft]) -> list[EditedDraft]:
    return [replace(item, draft=replace(item.draft, ordinal=ordinal)) for ordinal, item in enumerate(made)]
