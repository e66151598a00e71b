"""Corrected and disabled passages, wherever the chunks are made anew."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.index.edits import EditedDraft, apply_edits, places_of, words_of
from knowledge.index.models import ChunkEdit
from knowledge.ingest.chunk import ChunkDraft, split
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def parsed(*paragraphs: str) -> ParsedDocument:
    """Each paragraph on a page of its own."""
    writer = TextWriter()
    for page, paragraph in enumerate(paragraphs, 1):
        writer.paragraph(paragraph, page=page)
    return writer.finish("", "text/plain")


def drafts_of(document: ParsedDocument, max_tokens: int = 6, overlap_tokens: int = 0) -> list[ChunkDraft]:
    return split(document, count_tokens=count_words, max_tokens=max_tokens, overlap_tokens=overlap_tokens)


def disabled(original: str) -> ChunkEdit:
    return ChunkEdit(original=original, disabled=True)


def corrected(original: str, text: str) -> ChunkEdit:
    return ChunkEdit(original=original, corrected=text)


def edited(document: ParsedDocument, *edits: ChunkEdit, max_tokens: int = 6) -> list[EditedDraft]:
    return apply_edits(document, drafts_of(document, max_tokens), edits, count_words)


def shown(made: list[EditedDraft]) -> list[str]:
    """Each chunk as people would read it; `-` before those that are not found."""
    return [f"{'-' * item.disabled}{item.corrected or item.draft.text}" for item in made]


def test_without_edits_nothing_changes() -> None:
    document = parsed("One two three. Four five six. Seven eight.", "Nine ten.")
    assert [item.draft for item in edited(document)] == drafts_of(document)


def test_a_disabled_passage_is_cut_off_the_chunk_that_shares_it() -> None:
    document = parsed("One two three. Four five six. Seven eight nine.")
    drafts = drafts_of(document, max_tokens=6, overlap_tokens=3)
    assert [draft.text for draft in drafts] == ["One two three. Four five six.", "Four five six. Seven eight nine."]
    made = apply_edits(document, drafts, [disabled(drafts[1].text)], count_words)
    assert shown(made) == ["One two three.", "-Four five six. Seven eight nine."]


def test_a_correction_holds_in_every_place_of_the_passage() -> None:
    document = parsed("Ask Bob first.", "One two three four.", "Ask Bob first.")
    made = edited(document, corrected("Ask Bob first.", "Ask Eve first."), max_tokens=4)
    assert shown(made) == ["Ask Eve first.", "One two three four.", "Ask Eve first."]


def test_another_spacing_is_the_same_passage() -> None:
    made = edited(parsed("One two", "three. Four five six."), corrected("One  two three.", "Three."))
    assert shown(made) == ["Three.", "Four five six."]
    assert made[0].draft.text == "One two\n\nthree."


def test_a_passage_begins_and_ends_where_words_do() -> None:
    assert list(places_of("Yes", "Yes, yesterday: Yesyes Yes")) == [(0, 3), (23, 26)]
    assert list(places_of("我们", "问我们。")) == [(1, 3)]


def test_a_slice_of_an_endless_word_is_found_where_it_was_cut() -> None:
    document = parsed("".join(f"{number:04d}" for number in range(500)))
    drafts = drafts_of(document, max_tokens=100)
    made = apply_edits(document, drafts, [disabled(drafts[1].text)], count_words)
    assert [item.disabled for item in made] == [False, True, *[False] * (len(drafts) - 2)]


def test_a_passage_that_is_gone_changes_nothing() -> None:
    document = parsed("One two three. Four five six.")
    assert edited(document, disabled("Seven eight.")) == edited(document)


def test_a_passage_becomes_one_chunk_whatever_the_chunks_size() -> None:
    document = parsed("One two three. Four five six. Seven eight nine.")
    made = edited(document, corrected("two three. Four five six. Seven", "ALL"), max_tokens=3)
    assert shown(made) == ["One", "ALL", "eight nine."]
    assert [item.draft.tokens for item in made] == [1, 1, 2]


def test_pages_are_those_of_what_is_left() -> None:
    document = parsed("One two.", "Three four.", "Five six.")
    made = edited(document, disabled("Three four."))
    assert [(item.draft.text, item.draft.page) for item in made] == [
        ("One two.", 1),
        ("Three four.", 2),
        ("Five six.", 3),
    ]


def test_a_later_disabling_takes_its_words_out_of_an_earlier_correction() -> None:
    document = parsed("One two three. Four five six. Seven eight nine.")
    made = edited(
        document, corrected("One two three. Four five six.", "Better."), disabled("Four five six. Seven eight nine.")
    )
    assert shown(made) == ["One two three.", "-Four five six. Seven eight nine."]


def test_what_a_later_correction_leaves_of_a_disabled_passage_stays_disabled() -> None:
    document = parsed("One two three. Four five six. Seven eight nine.")
    made = edited(
        document, disabled("One two three. Four five six."), corrected("Four five six. Seven eight nine.", "Better.")
    )
    assert shown(made) == ["-One two three.", "Better."]


def test_a_rest_that_lies_within_another_is_dropped() -> None:
    document = parsed("One two three. Four five six. Seven eight nine.")
    drafts = drafts_of(document, max_tokens=6, overlap_tokens=3)
    made = apply_edits(document, drafts, [disabled("five")], count_words)
    assert shown(made) == ["One two three. Four", "-five", "six. Seven eight nine."]


SENTENCES = st.lists(
    st.lists(st.sampled_from(["a", "b", "cc", "d-e", "漢字", "Yes"]), min_size=1, max_size=5).map(
        lambda words: " ".join(words) + "."
    ),
    min_size=1,
    max_size=6,
).map(" ".join)
DOCUMENTS = st.lists(SENTENCES, min_size=1, max_size=4).map(lambda paragraphs: parsed(*paragraphs))
SIZES = st.tuples(st.integers(2, 12), st.integers(0, 4))


def chosen_edits(data: st.DataObject, drafts: Sequence[ChunkDraft]) -> list[ChunkEdit]:
    originals = data.draw(st.lists(st.sampled_from([draft.text for draft in drafts]), max_size=3))
    return [disabled(original) if data.draw(st.booleans()) else corrected(original, "New.") for original in originals]


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, SIZES, SIZES, st.data())
def test_spans_stay_exact_and_nothing_else_is_lost(
    document: ParsedDocument, before: tuple[int, int], after: tuple[int, int], data: st.DataObject
) -> None:
    """Edits of chunks that were made one way, put into chunks that are made in another."""
    edits = chosen_edits(data, drafts_of(document, *before))
    drafts = drafts_of(document, *after)
    made = apply_edits(document, drafts, edits, count_words)
    assert [item.draft.ordinal for item in made] == list(range(len(made)))
    assert all(document.text[item.draft.start : item.draft.end] == item.draft.text for item in made)
    spans = [(item.draft.start, item.draft.end) for item in made]
    assert len(set(spans)) == len(spans)
    covered = {place for start, end in spans for place in range(start, end)}
    lost = {place for draft in drafts for place in range(draft.start, draft.end)} - covered
    assert not any(document.text[place].isalnum() for place in lost)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, SIZES, SIZES, st.data())
def test_no_chunk_that_is_found_holds_words_that_were_taken_out(
    document: ParsedDocument, before: tuple[int, int], after: tuple[int, int], data: st.DataObject
) -> None:
    former = drafts_of(document, *before)
    passage = data.draw(st.sampled_from([draft.text for draft in former]))
    edits = [*chosen_edits(data, former), disabled(passage)]
    made = apply_edits(document, drafts_of(document, *after), edits, count_words)
    found = [item.draft.text for item in made if not item.disabled and not item.corrected]
    assert not [text for text in found if list(places_of(passage, text))]
    assert any(words_of(item.draft.text) == words_of(passage) for item in made if item.disabled)
