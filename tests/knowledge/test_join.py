"""Neighbouring passages are read together, and the text stays word for word the version's."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.search.candidates import Candidate, Source
from knowledge.search.join import MAX_JOINED_CHARACTERS, join_neighbours
from tests.cast import make_document

TEXT = " ".join(f"Sentence number {n} stands here." for n in range(400))


def candidate(start: int, end: int, *, version_id: int = 1, is_corrected: bool = False) -> Candidate:
    nobody = Source(version_id, 1, 1, "Rest", "rest.md", None, None, None, None, None, None, None)
    return Candidate(
        source=nobody,
        chunk_id=start,
        is_near=True,
        similarity=0.5,
        word_ranks=(),
        heading="",
        context="",
        text=TEXT[start:end],
        is_corrected=is_corrected,
        start=start,
        end=end,
        page=start,
        words=b"",
        sent=b"",
    )


def test_chunks_that_overlap_become_one_passage_in_the_place_of_the_better() -> None:
    passages = join_neighbours([candidate(500, 900), candidate(0, 100), candidate(300, 600)])
    assert [(passage.start, passage.end) for passage in passages] == [(300, 900), (0, 100)]
    assert passages[0].text == TEXT[300:900]
    assert (passages[0].best.start, passages[0].page) == (500, 300)


def test_chunks_with_a_gap_between_them_stay_apart() -> None:
    assert len(join_neighbours([candidate(0, 100), candidate(120, 200)])) == 2


@pytest.mark.django_db
def test_chunks_with_white_space_between_them_are_joined_with_it() -> None:
    version = make_document("# Rest\n\nFirst.\n\nSecond.\n").versions.get()
    first, second = version.text.index("First."), version.text.index("Second.")
    passages = join_neighbours(
        [
            replace(candidate(second, second + 7, version_id=version.pk), text="Second."),
            replace(candidate(first, first + 6, version_id=version.pk), text="First."),
        ]
    )
    assert [passage.text for passage in passages] == [version.text[first : second + 7]]


def test_chunks_of_different_versions_stay_apart() -> None:
    assert len(join_neighbours([candidate(0, 100), candidate(50, 150, version_id=2)])) == 2


def test_a_corrected_chunk_stays_by_itself() -> None:
    assert len(join_neighbours([candidate(0, 100, is_corrected=True), candidate(50, 150)])) == 2


SPANS = st.tuples(st.integers(0, 9_000), st.integers(1, 1_500)).map(lambda span: (span[0], span[0] + span[1]))


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(SPANS, max_size=12, unique=True))
def test_whatever_is_joined_is_the_versions_own_text(spans: list[tuple[int, int]]) -> None:
    passages = join_neighbours([candidate(start, min(end, len(TEXT))) for start, end in spans])
    for passage in passages:
        assert passage.text == TEXT[passage.start : passage.end]
        assert len(passage.text) <= MAX_JOINED_CHARACTERS
