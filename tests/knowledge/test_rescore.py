"""A passage is scored by how well each word of the question finds its like in it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.gateway.embedding.word_spans import word_spans
from governance.gateway.types import Vectors
from knowledge.index.word_vectors import pack
from knowledge.search.rescore import (
    BLOCK,
    SIGNS_TO_COSINE,
    QuestionWords,
    Rescored,
    closest,
    cosines_with_signs,
    rescore,
    sentence_at,
    spread,
    weights_of,
)

DIMENSION = 384


def random_rows(count: int, seed: int = 1) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def question(vectors: Vectors, *rarities: float) -> QuestionWords:
    return QuestionWords(vectors, np.array(rarities or [1.0] * len(vectors), dtype=np.float32))


def rescored(asked: QuestionWords, *passages: Vectors) -> Rescored:
    packed = [pack(passage) for passage in passages]
    return rescore(asked, similarities=[0.5] * len(packed), words=packed, shares=[0.0] * len(packed))


def test_only_words_that_tell_something_have_a_vector() -> None:
    text = "What is the fee for 2 visas?"
    assert [text[begin:end] for begin, end in word_spans(text)] == ["fee", "2", "visas"]


@given(st.text())
def test_word_spans_are_in_order_and_hold_a_word(text: str) -> None:
    spans = word_spans(text)
    assert all(text[begin:end].strip() for begin, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_a_word_takes_48_bytes() -> None:
    assert len(pack(random_rows(3))) == 3 * 48


def test_signs_compare_as_vectors_do() -> None:
    rows, asked = random_rows(BLOCK + 5), random_rows(2, seed=7)
    signs = np.where(rows > 0, 1, -1) / np.sqrt(DIMENSION)
    assert cosines_with_signs(asked, pack(rows)) == pytest.approx(signs @ asked.T * SIGNS_TO_COSINE, abs=1e-5)


def test_words_behind_what_the_model_reads_are_not_kept() -> None:
    rows = np.concatenate([random_rows(2), np.zeros((3, DIMENSION), dtype=np.float32)])
    assert len(pack(rows)) == 2 * 48
    assert pack(rows[2:]) == b""


def test_signs_tell_the_cosine_nearly_as_well_as_the_numbers() -> None:
    rows = random_rows(200)
    near = rows[:1] + 0.05 * random_rows(1, seed=2) * np.sqrt(DIMENSION) / 2
    near /= np.linalg.norm(near)
    closeness, places = closest(near, [pack(rows)])
    assert places.tolist() == [[0]]
    assert closeness[0, 0] == pytest.approx(float((rows @ near.T).max()), abs=0.08)


def test_the_passage_that_holds_every_word_comes_first() -> None:
    asked, others = random_rows(2), random_rows(20, seed=5)
    both = np.concatenate([asked, others])
    one = np.concatenate([asked[:1], others])
    scores = rescored(question(asked), one, both, others).scores
    assert scores[1] > scores[0] > scores[2]


def test_a_rare_word_counts_for_more_than_a_common_one() -> None:
    asked, others = random_rows(2), random_rows(20, seed=5)
    common = np.concatenate([asked[:1], others])
    rare = np.concatenate([asked[1:], others])
    scores = rescored(question(asked, 1.0, 6.0), common, rare).scores
    assert scores[1] > scores[0]


def test_the_very_words_tip_the_scale() -> None:
    asked = question(random_rows(2))
    words = [pack(random_rows(5, seed=3))] * 2
    scores = rescore(asked, similarities=[0.5, 0.5], words=words, shares=[0.0, 1.0]).scores
    assert scores[1] > scores[0]


def test_a_question_without_telling_words_is_scored_by_its_cosine() -> None:
    asked = question(np.zeros((0, DIMENSION), dtype=np.float32))
    found = rescore(asked, similarities=[0.2, 0.7], words=[pack(random_rows(4)), b""], shares=[0.0, 0.0])
    assert found.scores == pytest.approx([0.2, 0.7])
    assert found.anchors.tolist() == [-1, -1]


def test_a_passage_without_word_vectors_is_scored_all_the_same() -> None:
    asked = random_rows(2)
    found = rescored(question(asked), asked, np.zeros((0, DIMENSION), dtype=np.float32))
    assert found.scores[0] > found.scores[1] > 0
    assert found.anchors[1] == -1


def test_no_candidates_have_no_scores() -> None:
    assert rescored(question(random_rows(2))).scores.shape == (0,)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=8), st.integers(0, 4))
def test_scores_lie_between_0_and_1(similarities: list[float], words: int) -> None:
    packed = [pack(random_rows(3, seed=seed)) for seed, _ in enumerate(similarities)]
    asked = question(random_rows(words, seed=99))
    scores = rescore(asked, similarities=similarities, words=packed, shares=[1.0] * len(packed)).scores
    assert ((scores >= 0) & (scores <= 1)).all()


def test_weights_add_up_to_1() -> None:
    assert weights_of(np.array([0.0, 4.0, 9.0], dtype=np.float32)).sum() == pytest.approx(1)


def test_the_anchor_is_the_word_that_meets_the_question_best() -> None:
    asked, others = random_rows(1), random_rows(4, seed=5)
    passage = np.concatenate([others[:2], asked, others[2:]])
    assert rescored(question(asked), passage).anchors.tolist() == [2]


def test_the_anchor_marks_its_sentence() -> None:
    context, text = "Leave > Sick leave", "Bring a letter. Your doctor signs it. Then send it."
    anchor = len(word_spans(context)) + 2
    span = sentence_at(context, text, anchor)
    assert span is not None
    assert text[slice(*span)] == "Your doctor signs it."


@pytest.mark.parametrize("anchor", [-1, 0, 99])
def test_an_anchor_outside_the_text_marks_nothing(anchor: int) -> None:
    assert sentence_at("Sick leave", "Bring a letter.", anchor) is None


def test_a_documents_further_passages_step_back_a_little() -> None:
    scores = np.array([0.60, 0.599, 0.595, 0.20], dtype=np.float32)
    assert spread(scores, [1, 1, 2, 2]) == [0, 2, 1, 3]


def test_equal_scores_keep_their_order() -> None:
    assert spread(np.full(3, 0.5, dtype=np.float32), [1, 2, 3]) == [0, 1, 2]


def without_words(similarities: list[float], shares: list[float], words: int = 2) -> Rescored:
    asked = question(np.zeros((words, DIMENSION), dtype=np.float32), *[1.0] * words)
    return rescore(asked, similarities=similarities, words=[b""] * len(shares), shares=shares)


def test_without_vectors_of_words_the_cosine_and_the_very_words_count() -> None:
    scores = without_words([0.5, 0.5, 0.1], [0.0, 1.0, 1.0]).scores
    assert scores[1] > scores[0] > scores[2]


def test_without_vectors_of_words_nothing_is_an_anchor() -> None:
    found = without_words([0.5, 0.4], [0.0, 1.0])
    assert found.anchors.tolist() == [-1, -1]
    assert found.closeness.shape == (2, 2)


def test_where_a_models_cosines_lie_does_not_matter() -> None:
    similarities, shares = [0.1, 0.3, 0.35, 0.6, 0.2], [0.9, 0.5, 0.4, 0.1, 0.0]
    high = [0.7 + 0.3 * similarity for similarity in similarities]
    assert spread(without_words(similarities, shares).scores, [*range(5)]) == spread(
        without_words(high, shares).scores, [*range(5)]
    )


def test_without_a_vector_the_very_words_decide() -> None:
    assert without_words([0.0, 0.0], [0.2, 0.7]).scores == pytest.approx([0.2, 0.7])


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1)), max_size=8), st.integers(0, 4))
def test_scores_without_vectors_of_words_lie_between_0_and_1(found: list[tuple[float, float]], words: int) -> None:
    scores = without_words([cosine for cosine, _ in found], [share for _, share in found], words).scores
    assert ((scores >= 0) & (scores <= 1)).all()
