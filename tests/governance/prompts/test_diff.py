"""Two texts side by side."""

from hypothesis import given
from hypothesis import strategies as st

from governance.prompts.diff import Piece, Row, likeness, rows

LINES = st.lists(st.text(alphabet="ab .,\n", max_size=12), max_size=8).map("\n".join)


def told(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def changed(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text for piece in pieces if piece.is_changed]


def test_only_the_words_that_differ_are_marked() -> None:
    [row] = rows("Be brief: the answer first.", "Be very brief: the reply first.")
    assert changed(row.before) == ["answer"]
    assert changed(row.after) == [" very", "reply"]


def test_a_changed_line_stands_opposite_what_it_was() -> None:
    before = "1. Cite each sentence.\n2. Be brief and kind.\n3. Answer in German."
    after = "1. Be brief and kind.\n2. Answer in German."
    found = rows(before, after)
    assert [(bool(row.before), bool(row.after)) for row in found] == [(True, False), (True, True), (True, True)]
    assert (changed(found[1].before), changed(found[1].after)) == (["2"], ["1"])


def test_lines_that_have_nothing_in_common_stand_alone() -> None:
    assert rows("red", "blue") == [Row((Piece("red", True),), ()), Row((), (Piece("blue", True),))]


def test_likeness_counts_words_not_their_order() -> None:
    assert likeness("a b c d", "d c b a") == 1
    assert likeness("a b", "a c") == 0.5
    assert likeness("", "") == 0


def test_long_lines_of_the_same_word_take_no_time() -> None:
    [row] = rows("a " * 9_000, "a " * 8_999)
    assert row.is_changed


@given(LINES, LINES)
def test_the_pieces_put_together_are_the_texts_again(before: str, after: str) -> None:
    found = rows(before, after)
    assert [told(row.before) for row in found if told(row.before)] == [line for line in before.split("\n") if line]
    assert [told(row.after) for row in found if told(row.after)] == [line for line in after.split("\n") if line]


@given(LINES)
def test_nothing_is_marked_between_the_same_texts(text: str) -> None:
    assert not any(row.is_changed for row in rows(text, text))
