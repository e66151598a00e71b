"""Golden questions and the figures made of them."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from askacme.lib.errors import InvalidInput
from governance.evaluation.golden import GoldenCase, load
from governance.evaluation.metrics import Ranks, contains_all, first_complete, squash
from governance.evaluation.run import Answered, Result, evaluate, summarise, table


@dataclass(frozen=True)
class Found:
    path: str
    text: str


LEAVE = GoldenCase(
    id="1",
    question="How long?",
    kind="answerable",
    gold_docs=("leave.md",),
    alt_docs=("old-leave.md",),
    gold_quote=("16 weeks of leave",),
    must_contain=(("16", "sixteen"), ("weeks",)),
)
UNKNOWN = GoldenCase(id="2", question="Which colour?", kind="unanswerable")


def run(case: GoldenCase, ranking: list[Found], text: str, status: str = "success") -> Result:
    answered = Answered(text, status, (), 5)
    return evaluate([case], search=lambda _question: ranking, answer=lambda _case: answered)[0]


def test_a_right_answer_has_one_string_of_each_group() -> None:
    assert contains_all("You get  SIXTEEN\nweeks.", LEAVE.must_contain)
    assert not contains_all("You get sixteen days.", LEAVE.must_contain)


def test_an_alternative_document_counts_as_found() -> None:
    result = run(LEAVE, [Found("other.md", ""), Found("old-leave.md", "**16 weeks**, of leave!")], "16 weeks")
    assert (result.doc_rank, result.quote_rank, result.is_right) == (2, 2, True)


def test_a_follow_up_is_ranked_by_what_it_was_searched_for() -> None:
    asked: list[str] = []
    answers = (Answered("16 weeks", "success", (), 5, searched_for=words) for words in ("How long is leave?", ""))

    def search(question: str) -> list[Found]:
        asked.append(question)
        return []

    evaluate([LEAVE, UNKNOWN], search=search, answer=lambda _case: next(answers))
    assert asked == ["How long is leave?", "Which colour?"]


def test_of_several_gold_documents_all_must_be_found() -> None:
    wanted = [{"a"}.__contains__, {"b"}.__contains__]
    assert first_complete(["a", "x", "b"], wanted) == 3
    assert first_complete(["a", "x"], wanted) is None


def test_a_refusal_is_right_only_where_there_is_no_answer() -> None:
    assert run(UNKNOWN, [], "I don't know", "no_answer").is_right
    assert not run(UNKNOWN, [], "Blue [1]").is_right
    assert not run(LEAVE, [], "16 weeks", "no_answer").is_right


def test_recall_and_mean_reciprocal_rank() -> None:
    ranks = Ranks((1, 4, None, 6))
    assert (ranks.recall_at(5), ranks.recall_at(10)) == (0.5, 0.75)
    assert ranks.mrr == pytest.approx((1 + 1 / 4 + 1 / 6) / 4)


def test_a_group_with_nothing_to_find_shows_no_figure() -> None:
    row = summarise([run(UNKNOWN, [], "I don't know", "no_answer")])[0]
    assert row.doc_recall_5 is None
    assert "| – |" in table([row])


def test_squashing_leaves_letters_and_digits_of_any_script() -> None:
    assert squash("**Grüße**, 16-Weeks\n_ﬁne_") == "grüße16weeksfine"


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"id": 1}', '{"id": 1, "question": "?", "kind": "x", "history": 3}']
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "golden.jsonl"
    file.write_text(json.dumps({"id": "a", "question": "?", "kind": "answerable"}) + "\n" + line + "\n")
    with pytest.raises(InvalidInput, match=r"golden\.jsonl:2: not a golden question"):
        load(file)
