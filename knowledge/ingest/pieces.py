"""The pieces a text can be cut into: lists and tables, blocks, sentences, words; each with its size in tokens."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from askacme.lib.sentences import spans
from knowledge.ingest.parsed import Block, ParsedDocument

# Tokenizers see one "unknown" in a word of a thousand letters; nobody can read or embed such a chunk.
_CHARACTERS_PER_TOKEN = 8
_WORD = re.compile(r"\S+")
_COUNT_AT_ONCE = 5_000
_TOGETHER = frozenset({"list_item", "table_row"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of the text and its size. `parts` cut it smaller; `stays_whole` where it fits into a chunk at all."""

    start: int
    end: int
    tokens: int
    parts: tuple["Piece", ...] = ()
    is_sentence: bool = False
    stays_whole: bool = False

    def sentences(self) -> Iterator["Piece"]:
        """Itself if it is a sentence or smaller, else the sentences inside."""
        if self.is_sentence or not self.parts:
            yield self
            return
        for part in self.parts:
            yield from part.sentences()


class PieceCutter:
    """Cuts a document's blocks. Each sentence is counted once; words only in sentences too long for a chunk."""

    def __init__(self, parsed: ParsedDocument, count: Callable[[Sequence[str]], list[int]]) -> None:
        self._text = parsed.text
        self._blocks = parsed.blocks
        self._count = count
        self._sentences = self._counted_sentences()
        self._words: dict[int, list[Piece]] = {}
        self._totals = [0]
        for sentences in self._sentences:
            self._totals.append(self._totals[-1] + sum(sentence.tokens for sentence in sentences))

    def tokens(self, first: int, last: int) -> int:
        """The size of the blocks from `first` up to and without `last`."""
        return self._totals[last] - self._totals[first]

    def pieces(self, first: int, last: int, budget: int) -> Iterator[Piece]:
        """The blocks from `first` up to and without `last`; items of a list and rows of a table as one piece."""
        run: list[int] = []
        for index in range(first, last):
            if run and not self._belongs(run[-1], index):
                yield self._run(run, budget)
                run = []
            run.append(index)
        if run:
            yield self._run(run, budget)

    def _belongs(self, index: int, following: int) -> bool:
        """Whether a block goes on with the list or table before it, or a list with the line that introduces it."""
        block, after = self._blocks[index], self._blocks[following]
        introduces = block.kind == "paragraph" and self._text[block.end - 1] == ":"
        return after.kind in _TOGETHER and (block.kind == after.kind or introduces)

    def _run(self, indices: list[int], budget: int) -> Piece:
        blocks = [self._block(index, budget) for index in indices]
        if len(blocks) == 1:
            return blocks[0]
        total = sum(block.tokens for block in blocks)
        return Piece(blocks[0].start, blocks[-1].end, total, tuple(blocks), stays_whole=True)

    def _block(self, index: int, budget: int) -> Piece:
        block = self._blocks[index]
        sentences = tuple(
            sentence if sentence.tokens <= budget else self._in_words(sentence, budget)
            for sentence in self._sentences[index]
        )
        if len(sentences) == 1:
            return sentences[0]
        return Piece(block.start, block.end, self.tokens(index, index + 1), sentences)

    def _in_words(self, sentence: Piece, budget: int) -> Piece:
        if sentence.start not in self._words:
            found = [match.span() for match in _WORD.finditer(self._text, sentence.start, sentence.end)]
            self._words[sentence.start] = self._counted(found)
        words = (part for word in self._words[sentence.start] for part in _sliced(word, budget))
        return Piece(sentence.start, sentence.end, sentence.tokens, tuple(words))

    def _counted_sentences(self) -> list[list[Piece]]:
        found = [self._spans(block) for block in self._blocks]
        counted = iter(self._counted([span for block in found for span in block], is_sentence=True))
        return [[next(counted) for _ in block] for block in found]

    def _spans(self, block: Block) -> list[tuple[int, int]]:
        found = spans(self._text[block.start : block.end])
        return [(block.start + start, block.start + end) for start, end in found]

    def _counted(self, found: list[tuple[int, int]], *, is_sentence: bool = False) -> list[Piece]:
        pieces: list[Piece] = []
        for begin in range(0, len(found), _COUNT_AT_ONCE):
            batch = found[begin : begin + _COUNT_AT_ONCE]
            sizes = self._count([self._text[start:end] for start, end in batch])
            for (start, end), tokens in zip(batch, sizes, strict=True):
                size = max(tokens, 1, (end - start) // _CHARACTERS_PER_TOKEN)
                pieces.append(Piece(start, end, size, is_sentence=is_sentence))
        return pieces


def _sliced(word: Piece, budget: int) -> Iterator[Piece]:
    """The word, or, if it is bigger than a chunk, slices of as many characters as a chunk has tokens."""
    if word.tokens <= budget:
        yield word
        return
    for start in range(word.start, word.end, budget):
        end = min(start + budget, word.end)
        yield Piece(start, end, end - start)
