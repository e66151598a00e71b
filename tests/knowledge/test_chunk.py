import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askacme.lib.sentences import spans
from knowledge.ingest.chunk import ChunkDraft, split
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def count_like_a_model(texts: Sequence[str]) -> list[int]:
    """With two markers around each text, and a token for every four letters and every line break."""
    return [2 + sum(1 + len(word) // 4 for word in text.split()) + text.count("\n") for text in texts]


def sentence(words: int, name: str = "Word") -> str:
    return " ".join([name, *["word"] * (words - 2), "end."])


def document(*parts: tuple[str, str], title: str = "Handbook") -> ParsedDocument:
    """("h2", text) is a heading, ("p", …) a paragraph, ("li", …) an item, ("tr", …) a row."""
    writer = TextWriter()
    for number, (kind, text) in enumerate(parts, 1):
        if kind[0] == "h":
            writer.heading(text, int(kind[1]), page=number)
        elif kind == "li":
            writer.item(text, page=number)
        elif kind == "tr":
            writer.row(text.split("|"), page=number)
        else:
            writer.paragraph(text, page=number)
    return writer.finish(title, "text/plain")


def chunks(parsed: ParsedDocument, max_tokens: int = 100, overlap_tokens: int = 0) -> list[ChunkDraft]:
    return split(parsed, count_tokens=count_words, max_tokens=max_tokens, overlap_tokens=overlap_tokens)


def test_a_section_is_a_chunk_under_its_heading_path() -> None:
    parsed = document(("h1", "Handbook"), ("h2", "Benefits"), ("h3", "Leave"), ("p", sentence(70)))
    (chunk,) = chunks(parsed)
    assert chunk.heading == "Benefits > Leave"
    assert chunk.text.endswith(sentence(70))


def test_sections_of_some_size_stay_apart() -> None:
    parsed = document(("h2", "Leave"), ("p", sentence(70)), ("h2", "Travel"), ("p", sentence(70)))
    assert [(chunk.heading, chunk.text) for chunk in chunks(parsed, 200)] == [
        ("Leave", sentence(70)),
        ("Travel", sentence(70)),
    ]


def test_tiny_sections_share_a_chunk_with_their_headings_in_its_text() -> None:
    parsed = document(("h2", "Leave"), ("h3", "Sick"), ("p", sentence(9)), ("h3", "Paid"), ("p", sentence(9)))
    (chunk,) = chunks(parsed)
    assert chunk.heading == "Leave"
    assert chunk.text == f"Sick\n\n{sentence(9)}\n\nPaid\n\n{sentence(9)}"


def test_a_tiny_last_subsection_joins_the_one_before_not_the_next_chapter() -> None:
    parsed = document(
        ("h2", "Leave"), ("h3", "Paid"), ("p", sentence(65)), ("h3", "Sick"), ("p", sentence(9)),
        ("h2", "Travel"), ("h3", "By train"), ("p", sentence(65)),
    )  # fmt: skip
    assert [chunk.heading for chunk in chunks(parsed)] == ["Leave", "Travel > By train"]


def test_the_title_stands_in_the_first_chunk_s_text_only() -> None:
    parsed = document(("h1", "Handbook"), ("p", sentence(70)), ("h2", "Leave"), ("p", sentence(70)))
    first, second = chunks(parsed)
    assert (first.heading, first.text.split("\n")[0]) == ("", "Handbook")
    assert second.heading == "Leave"


def test_a_heading_with_nothing_below_is_not_lost() -> None:
    parsed = document(("h2", "Leave"), ("p", sentence(90)), ("h2", "Office hours: 9 to 5"))
    assert chunks(parsed)[-1].text == "Office hours: 9 to 5"


def test_long_sections_are_cut_at_block_ends() -> None:
    parsed = document(("h2", "Leave"), ("p", sentence(60, "One")), ("p", sentence(60, "Two")))
    assert [chunk.text for chunk in chunks(parsed)] == [sentence(60, "One"), sentence(60, "Two")]


def test_long_paragraphs_are_cut_at_sentence_ends() -> None:
    parsed = document(("p", " ".join(sentence(40) for _ in range(4))))
    assert [chunk.tokens for chunk in chunks(parsed)] == [80, 80]


def test_long_sentences_are_cut_between_words() -> None:
    assert [chunk.tokens for chunk in chunks(document(("p", sentence(250))))] == [100, 100, 50]


def test_a_list_stays_whole_with_the_line_that_introduces_it() -> None:
    items = [("li", sentence(20)) for _ in range(3)]
    parsed = document(("p", sentence(45)), ("p", "You get:"), *items)
    assert chunks(parsed)[1].text.startswith("You get:\n\n- ")
    assert chunks(parsed)[1].text.count("- ") == 3


def test_a_table_that_fits_is_not_cut() -> None:
    parsed = document(("p", sentence(45)), *[("tr", f"a{row}|b|c|d") for row in range(12)])
    assert [chunk.text.count("\n") for chunk in chunks(parsed)] == [0, 11]


def test_the_next_chunk_repeats_whole_sentences_of_the_one_before() -> None:
    names = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"]
    parsed = document(("p", " ".join(sentence(15, name) for name in names)))
    first, second, *_ = chunks(parsed, max_tokens=100, overlap_tokens=40)
    assert first.text.endswith(sentence(15, "Six"))
    assert second.text.startswith(sentence(15, "Five") + " " + sentence(15, "Six") + " Seven")


def test_nothing_is_repeated_across_sections() -> None:
    parsed = document(("h2", "Leave"), ("p", sentence(70)), ("h2", "Travel"), ("p", sentence(70)))
    assert [chunk.text for chunk in chunks(parsed, overlap_tokens=80)] == [sentence(70), sentence(70)]


def test_a_chunk_carries_the_page_it_begins_on() -> None:
    parsed = document(("h2", "Leave"), ("p", sentence(70)), ("p", sentence(70)))
    assert [chunk.page for chunk in chunks(parsed)] == [2, 3]


def test_markers_a_tokenizer_adds_are_not_counted() -> None:
    (chunk,) = split(document(("p", "one two")), count_tokens=count_like_a_model)
    assert chunk.tokens == 2


PARTS = st.lists(
    st.tuples(
        st.sampled_from(["h1", "h2", "h3", "p", "p", "li", "tr"]),
        st.text(alphabet="aB 1.?!:|\n-é漢", min_size=1, max_size=300),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(PARTS, st.integers(5, 60), st.integers(0, 20), st.sampled_from([count_words, count_like_a_model]))
def test_chunks_are_exact_spans_that_cover_the_body(
    parts: list[tuple[str, str]], max_tokens: int, overlap: int, count: object
) -> None:
    parsed = document(*parts)
    assert callable(count)
    found = split(parsed, count_tokens=count, max_tokens=max_tokens, overlap_tokens=overlap)
    covered = bytearray(len(parsed.text))
    for number, chunk in enumerate(found):
        assert chunk.ordinal == number
        assert chunk.text == parsed.text[chunk.start : chunk.end]
        assert chunk.text.strip() == chunk.text != ""
        assert chunk.tokens <= max_tokens
        covered[chunk.start : chunk.end] = b"\x01" * (chunk.end - chunk.start)
    assert [chunk.start for chunk in found] == sorted({chunk.start for chunk in found})
    bodies = [block for block in parsed.blocks if block.kind != "heading"]
    assert all(
        covered[place] or parsed.text[place].isspace() for block in bodies for place in range(block.start, block.end)
    )


@settings(max_examples=100, deadline=None)
@given(PARTS)
def test_every_heading_is_in_a_path_or_in_a_text(parts: list[tuple[str, str]]) -> None:
    parsed = document(*parts, title="aB")
    found = chunks(parsed, max_tokens=40)
    told = "\n".join(f"{chunk.heading}\n{chunk.text}" for chunk in found)
    headings = [parsed.text[block.start : block.end] for block in parsed.blocks if block.kind == "heading"]
    assert all(line in told for heading in headings for start, end in spans(heading) for line in [heading[start:end]])


@pytest.mark.parametrize(
    "parts",
    [
        [("p", "x" * 1_000_000)],
        [("p", "word " * 200_000)],
        [("p", "漢" * 300_000)],
        [("h1", f"Heading {number}") for number in range(50_000)],
        [(f"h{1 + number % 6}", f"Heading {number}") for number in range(50_000)],
        [("li", f"item {number}") for number in range(50_000)],
        [("p", "Yes. " * 100_000)],
    ],
    ids=["one word", "one sentence", "no spaces", "headings", "nested headings", "one list", "tiny sentences"],
)
def test_odd_documents_take_seconds(parts: list[tuple[str, str]]) -> None:
    parsed = document(*parts)
    began = time.monotonic()
    found = chunks(parsed, max_tokens=220, overlap_tokens=40)
    assert time.monotonic() - began < 20
    assert max(len(chunk.text) for chunk in found) < 5_000
