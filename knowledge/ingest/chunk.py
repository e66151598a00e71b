"""
Splits a parsed document into chunks: by headings first, then by tokens at block, sentence and word ends.

A chunk is a span of the text, exactly, so that a citation can point at it. Tokenizing is the cost here: every sentence
is counted once, in batches, and sizes are added up from there.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from knowledge.ingest.parsed import ParsedDocument
from knowledge.ingest.pieces import Piece, PieceCutter

CountTokens = Callable[[Sequence[str]], list[int]]
Path = tuple[int, ...]  # the headings above a place, as indices of their blocks

TINY_TOKENS = 60  # a section below this is merged with its neighbour
_HEADING_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """
    A passage of a document, before it is embedded.

    `text` is `parsed.text[start:end]`, exactly. `heading` is the path of headings above it, "Benefits > Parental
    leave", without the document's title; headings that stand there are left out at the beginning of the text.
    """

    ordinal: int
    heading: str
    text: str
    start: int
    end: int
    page: int | None
    tokens: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows it up to the next: the blocks from `first` up to and without `last`."""

    first: int
    last: int
    path: Path
    has_body: bool


Group = list[Section]


def split(
    parsed: ParsedDocument, *, count_tokens: CountTokens, max_tokens: int = 220, overlap_tokens: int = 40
) -> list[ChunkDraft]:
    """
    Split the document into chunks of at most `max_tokens`, in order, that cover its whole body.

    A chunk stays within a section unless the section is tiny. Where a section is split, the next chunk begins with
    the whole sentences, up to `overlap_tokens`, that end the one before. `count_tokens` counts a batch of texts; what
    it adds even to an empty text (markers) is taken off.
    """
    markers = count_tokens([""])[0]

    def count(texts: Sequence[str]) -> list[int]:
        return [max(tokens - markers, 0) for tokens in count_tokens(texts)] if texts else []

    sections = sections_of(parsed)
    cutter = PieceCutter(parsed, count)
    budget = max_tokens
    while True:
        spans = [
            span
            for group in groups_of(sections, cutter, budget)
            for span in _spans(parsed, group, cutter, budget, overlap_tokens)
        ]
        tokens = count([parsed.text[start:end] for start, end, _ in spans])
        most = max(tokens, default=0)
        if most <= max_tokens or budget <= 1:
            return _drafts(parsed, spans, tokens)
        # Some tokenizers count a whole a little above the sum of its parts.
        budget = max(1, min(budget - 1, budget * max_tokens // most))


def sections_of(parsed: ParsedDocument) -> list[Section]:
    """The document's sections in order. Its title is no part of their paths."""
    starts = [index for index, block in enumerate(parsed.blocks) if block.kind == "heading"]
    bounds = sorted({0, *starts, len(parsed.blocks)})
    title = starts[0] if starts and _label(parsed, starts[0]) == parsed.title else None
    above: list[int] = []
    sections: list[Section] = []
    for first, last in pairwise(bounds):
        block = parsed.blocks[first]
        if block.kind == "heading":
            above = [index for index in above if parsed.blocks[index].level < block.level] + [first]
        path = tuple(index for index in above if index != title)
        sections.append(Section(first, last, path, has_body=last - first > 1 or block.kind != "heading"))
    return sections


def groups_of(sections: list[Section], cutter: PieceCutter, budget: int) -> list[Group]:
    """Sections that share a chunk because they are tiny; a bigger one is a group of its own."""
    groups: list[Group] = []
    waiting: Group = []
    for section in sections:
        if waiting and not _merge(waiting, section, cutter, budget):
            _close(groups, waiting, cutter, budget)
            waiting = []
        waiting.append(section)
    if waiting:
        _close(groups, waiting, cutter, budget)
    return groups


def _merge(group: Group, section: Section, cutter: PieceCutter, budget: int) -> bool:
    """Whether the section that follows a group belongs into the same chunk."""
    last = group[-1]
    if not last.has_body and section.path[: len(last.path)] == last.path:
        return True  # a bare heading over its first subsection
    size = cutter.tokens(group[0].first, last.last)
    tiny = size < TINY_TOKENS and cutter.tokens(group[0].first, section.last) <= budget
    top_level = max(len(last.path), len(section.path)) <= 1
    return tiny and (top_level or bool(_common([last.path, section.path])))


def _close(groups: list[Group], group: Group, cutter: PieceCutter, budget: int) -> None:
    """Keep the group, joined to the one before if it is the tiny end of the same top-level section."""
    before = groups[-1] if groups else []
    is_tiny = cutter.tokens(group[0].first, group[-1].last) < TINY_TOKENS
    related = before and _common([before[-1].path, *(section.path for section in group)])
    if is_tiny and related and cutter.tokens(before[0].first, group[-1].last) <= budget:
        before.extend(group)
    else:
        groups.append(group)


def _common(paths: Sequence[Path]) -> Path:
    """The headings all the paths begin with."""
    levels = takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False))
    return tuple(level[0] for level in levels)


def _spans(
    parsed: ParsedDocument, group: Group, cutter: PieceCutter, budget: int, overlap: int
) -> Iterator[tuple[int, int, Path]]:
    """The group's chunks as (start, end, path)."""
    bodies = [section for section in group if section.has_body]
    path = _common([section.path for section in bodies] or [section.path[:-1] for section in group])
    first = group[0].first
    while parsed.blocks[first].kind == "heading" and first in path:
        first += 1
    packer = Packer(budget, overlap)
    for piece in cutter.pieces(first, group[-1].last, budget):
        packer.add(piece)
    for start, end in packer.finish():
        yield start, end, path


class Packer:
    """Fills one chunk after the other with pieces, cutting a piece smaller only when it must."""

    def __init__(self, budget: int, overlap: int) -> None:
        self._budget = budget
        self._overlap = overlap
        self._done: list[tuple[int, int]] = []
        self._sentences: list[Piece] = []
        self._tokens = 0
        self._is_fresh = False  # whether the chunk holds more than what it repeats of the one before

    def add(self, piece: Piece) -> None:
        """Put the piece, whole or cut up, into this chunk and, if need be, the next ones."""
        if piece.tokens <= self._budget:
            self._make_room(piece.tokens)
        if self._tokens + piece.tokens <= self._budget:
            self._take(piece)
        elif piece.tokens <= self._budget and self._is_better_whole(piece):
            self._close()
            self._make_room(piece.tokens)
            self._take(piece)
        else:
            for part in piece.parts:
                self.add(part)

    def finish(self) -> list[tuple[int, int]]:
        """The chunks' spans."""
        if self._is_fresh:
            self._close()
        return self._done

    def _is_better_whole(self, piece: Piece) -> bool:
        return not piece.parts or piece.stays_whole or 2 * self._tokens >= self._budget

    def _take(self, piece: Piece) -> None:
        self._sentences += piece.sentences()
        self._tokens += piece.tokens
        self._is_fresh = True

    def _make_room(self, tokens: int) -> None:
        """Repeat less of the chunk before rather than cut what comes now."""
        while not self._is_fresh and self._sentences and self._tokens + tokens > self._budget:
            self._tokens -= self._sentences.pop(0).tokens

    def _close(self) -> None:
        self._done.append((self._sentences[0].start, self._sentences[-1].end))
        repeated: list[Piece] = []
        size = 0
        for sentence in reversed(self._sentences[1:]):
            if not sentence.is_sentence or size + sentence.tokens > self._overlap:
                break
            repeated.insert(0, sentence)
            size += sentence.tokens
        self._sentences, self._tokens, self._is_fresh = repeated, size, False


def _drafts(parsed: ParsedDocument, spans: list[tuple[int, int, Path]], tokens: list[int]) -> list[ChunkDraft]:
    starts = [block.start for block in parsed.blocks]
    return [
        ChunkDraft(
            ordinal=ordinal,
            heading=" > ".join(_label(parsed, index)[:_HEADING_CHARACTERS] for index in path),
            text=parsed.text[start:end],
            start=start,
            end=end,
            page=parsed.blocks[bisect_right(starts, start) - 1].page,
            tokens=size,
        )
        for ordinal, ((start, end, path), size) in enumerate(zip(spans, tokens, strict=True))
    ]


def _label(parsed: ParsedDocument, index: int) -> str:
    block = parsed.blocks[index]
    return parsed.text[block.start : block.end]
