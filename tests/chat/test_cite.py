from hypothesis import given
from hypothesis import strategies as st

from chat.pipeline.cite import CitationNumbers


def streamed(pieces: list[str], passages: int = 8) -> tuple[str, list[int]]:
    numbers = CitationNumbers(passages)
    text = "".join([numbers.feed(piece) for piece in pieces]) + numbers.flush()
    return text, numbers.cited


def test_marks_are_numbered_by_first_appearance() -> None:
    assert streamed(["First [4]. Second [2]. Again [4]."]) == ("First [1]. Second [2]. Again [1].", [4, 2])


def test_a_mark_that_names_no_passage_is_dropped() -> None:
    assert streamed(["True [1]. Invented [9]."], passages=3) == ("True [1]. Invented .", [1])


def test_several_numbers_in_one_mark_become_marks_of_their_own() -> None:
    assert streamed(["Both say so [3, 5]."]) == ("Both say so [1][2].", [3, 5])


def test_a_bracket_that_is_no_mark_passes_through() -> None:
    assert streamed(["See [the guide](x) and [", "]."]) == ("See [the guide](x) and [].", [])


def test_an_unfinished_mark_at_the_end_is_not_lost() -> None:
    assert streamed(["Cut off [1"]) == ("Cut off [1", [])


@given(st.data())
def test_splitting_the_stream_anywhere_changes_nothing(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="ab [],1234 .", max_size=60))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert streamed(pieces) == streamed([text])
