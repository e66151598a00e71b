"""What holds for the chunks of every document, with the real tokenizer, title and headings, and people's edits."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.gateway.embeddings import embedder
from knowledge.index.edits import EditedDraft, apply_edits
from knowledge.index.embed import CONTEXT_TOKENS, OVERLAP_TOKENS, context_of
from knowledge.index.models import ChunkEdit
from knowledge.ingest.chunk import ChunkDraft, split
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

MAX_TOKENS = 128
MARKERS = 2
"""What the model adds around a text."""

WORDS = st.sampled_from(
    [
        "leave",
        "Parental",
        "16",
        "weeks",
        "e.g.",
        "end.",
        "Yes?",
        "naïve",
        "Überstunden",
        "漢字です",
        "x" * 40,
        "a-b/c",
        "…",
    ]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=120).map(" ".join)
HEADINGS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
BLOCKS = st.one_of(
    st.tuples(st.sampled_from(["h1", "h2", "h3"]), HEADINGS), st.tuples(st.sampled_from(["p", "p", "li", "tr"]), TEXTS)
)


@st.composite
def documents(draw: st.DrawFn) -> ParsedDocument:
    writer = TextWriter()
    for page, (kind, text) in enumerate(draw(st.lists(BLOCKS, min_size=1, max_size=12)), 1):
        match kind:
            case "li":
                writer.item(text, page=page)
            case "tr":
                writer.row(text.split("."), page=page)
            case "p":
                writer.paragraph(text, page=page)
            case _:
                writer.heading(text, int(kind[1]), page=page)
    return writer.finish(draw(HEADINGS), "text/plain")


def drafts_of(parsed: ParsedDocument, max_tokens: int = MAX_TOKENS) -> list[ChunkDraft]:
    """As the indexes split: room is left for title and headings."""
    return split(
        parsed,
        count_tokens=embedder().count_tokens,
        max_tokens=max_tokens - CONTEXT_TOKENS,
        overlap_tokens=OVERLAP_TOKENS,
    )


def uncovered(parsed: ParsedDocument, drafts: Sequence[ChunkDraft]) -> str:
    """Words of the body that are in no chunk."""
    covered = {place for draft in drafts for place in range(draft.start, draft.end)}
    bodies = [block for block in parsed.blocks if block.kind != "heading"]
    return "".join(
        parsed.text[place]
        for block in bodies
        for place in range(block.start, block.end)
        if place not in covered and not parsed.text[place].isspace()
    )


@settings(max_examples=40, deadline=None)
@given(documents())
def test_chunks_are_exact_cover_the_body_and_fit(parsed: ParsedDocument) -> None:
    drafts = drafts_of(parsed)
    assert all(parsed.text[draft.start : draft.end] == draft.text for draft in drafts)
    assert uncovered(parsed, drafts) == ""
    assert max((draft.tokens for draft in drafts), default=0) <= MAX_TOKENS - CONTEXT_TOKENS


@settings(max_examples=40, deadline=None)
@given(documents())
def test_with_a_title_and_headings_of_usual_length_the_model_reads_each_chunk_to_its_end(
    parsed: ParsedDocument,
) -> None:
    count = embedder().count_tokens
    for draft in drafts_of(parsed):
        context = context_of(parsed.title, draft)
        if count([context])[0] <= CONTEXT_TOKENS - MARKERS:
            assert count([f"{context}\n{draft.text}"])[0] + MARKERS <= MAX_TOKENS


@settings(max_examples=40, deadline=None)
@given(documents(), st.data())
def test_edits_keep_spans_exact_sizes_true_and_the_body_covered(parsed: ParsedDocument, data: st.DataObject) -> None:
    before, drafts = drafts_of(parsed, MAX_TOKENS + 40), drafts_of(parsed)
    chosen = data.draw(st.lists(st.sampled_from([draft.text for draft in before]), max_size=3)) if before else []
    edits = [
        ChunkEdit(original=text, disabled=turn % 2 == 0, corrected="" if turn % 2 == 0 else "Better.")
        for turn, text in enumerate(chosen)
    ]
    made = apply_edits(parsed, drafts, edits, embedder().count_tokens)
    assert all(parsed.text[item.draft.start : item.draft.end] == item.draft.text for item in made)
    assert not any(letter.isalnum() for letter in uncovered(parsed, [item.draft for item in made]))
    assert all(size_is_true(item) for item in made)
    ours = {edit.original for edit in edits}
    others = [item.draft.tokens for item in made if item.draft.text not in ours and not item.disabled]
    assert max(others, default=0) <= MAX_TOKENS - CONTEXT_TOKENS


def size_is_true(item: EditedDraft) -> bool:
    return item.draft.tokens == max(1, embedder().count_tokens([item.corrected or item.draft.text])[0])
