"""From a document's text to what an index holds of it: chunks with their vectors; known ones are not computed again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from askacme.lib.errors import NoTextFound
from governance.gateway.embedding.word_spans import word_spans
from governance.gateway.embeddings import embedder
from governance.gateway.types import Vectors
from knowledge.index.edits import EditedDraft, apply_edits
from knowledge.index.models import ChunkEdit, SearchIndex, Vector, content_hash
from knowledge.index.word_vectors import pack
from knowledge.ingest.chunk import ChunkDraft, split
from knowledge.ingest.parsed import ParsedDocument

CONTEXT_TOKENS = 48
OVERLAP_TOKENS = 40
SLICE = 64
"""Chunks embedded between two signs of life, at most."""

Beat = Callable[[float], None]
"""Called with the share done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A chunk ready to be stored. `vector` is a float32 row of length 1, None if the chunk must not be found."""

    edited: EditedDraft
    title: str
    heading: str
    context: str
    content_hash: bytes
    vector: Vectors | None
    words: bytes

    @property
    def passage(self) -> str:
        return self.edited.corrected or self.edited.draft.text


@dataclass(frozen=True, slots=True)
class Known:
    vector: Vectors
    words: bytes


def embed(
    parsed: ParsedDocument, *, title: str, edits: Iterable[ChunkEdit], index: SearchIndex, beat: Beat
) -> list[Embedded]:
    """
    Split the text as the index wants it, and embed each chunk together with its title and heading path.

    What was embedded before, for this document or another, costs a look into the database. Raises NoTextFound.
    """
    model = embedder(index.model)
    drafts = split(
        parsed,
        count_tokens=model.count_tokens,
        max_tokens=index.max_tokens - CONTEXT_TOKENS,
        overlap_tokens=OVERLAP_TOKENS,
    )
    if not drafts:
        raise NoTextFound("no text found (a scan?). Upload a version whose text can be selected and copied.")
    edited = apply_edits(parsed, drafts, edits, model.count_tokens)
    texts = [f"{context_of(title, item.draft)}\n{item.corrected or item.draft.text}" for item in edited]
    hashes = [content_hash(text) for text in texts]
    found = known(index, hashes)
    wanted = {name: (text, item) for name, text, item in zip(hashes, texts, edited, strict=True) if not item.disabled}
    missing = [name for name in wanted if name not in found]
    at_once = min(SLICE, model.batch_size)
    for begin in range(0, len(missing), at_once):
        batch = missing[begin : begin + at_once]
        found |= compute(index, {name: wanted[name] for name in batch})
        beat((begin + len(batch)) / len(missing))
    return [
        Embedded(
            edited=item,
            title=title[:300],
            heading=item.draft.heading[:1000],
            context=context_of(title, item.draft),
            content_hash=name,
            vector=None if item.disabled else found[name].vector,
            words=b"" if item.disabled else found[name].words,
        )
        for item, name in zip(edited, hashes, strict=True)
    ]


def known(index: SearchIndex, hashes: Sequence[bytes]) -> dict[bytes, Known]:
    """The vectors that this index holds already, by the hash of the embedded text."""
    rows = (
        Vector.objects.filter(index=index, content_hash__in=hashes)
        .order_by("content_hash")
        .distinct("content_hash")
        .values_list("content_hash", "embedding", "words")
    )
    return {bytes(name): Known(np.array(vector, dtype=np.float32), bytes(words)) for name, vector, words in rows}


def compute(index: SearchIndex, batch: dict[bytes, tuple[str, EditedDraft]]) -> dict[bytes, Known]:
    """The chunks' vectors and their words', from one pass of the model."""
    texts = [text for text, _ in batch.values()]
    vectors, words = embedder(index.model).embed_with_windows(texts, [word_spans(text) for text in texts])
    return {name: Known(vector, pack(rows)) for name, vector, rows in zip(batch, vectors, words, strict=True)}


def context_of(title: str, draft: ChunkDraft) -> str:
    """Title and heading path, the title said once."""
    heading = draft.heading.removeprefix(title).removeprefix(" > ")
    return f"{title[:300]} > {heading[:1000]}" if heading else title[:300]
