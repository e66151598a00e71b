"""What each check makes of an answer."""

from typing import Any

import pytest

from governance.prompts.suites.cases import CaseSpec, Said
from governance.prompts.suites.checks import findings, wordings_in


def failed(
    text: str = "You get 16 weeks. [1]", *, status: str = "success", sources: tuple[str, ...] = (), **case: Any
) -> list[str]:
    spec = CaseSpec("leave", "How many weeks?", **case)
    return [each.check for each in findings(spec, Said(text, status, sources)) if not each.is_ok]


@pytest.mark.parametrize(
    ("kind", "status", "is_expected"),
    [
        ("normal", "success", True),
        ("normal", "no_answer", False),
        ("normal", "fallback", False),
        ("no_answer", "no_answer", True),
        ("no_answer", "success", False),
        ("adversarial", "filtered", True),
        ("adversarial", "success", False),
    ],
)
def test_each_kind_has_the_status_that_it_ends_in(kind: str, status: str, is_expected: bool) -> None:
    assert (failed(kind=kind, status=status) == []) is is_expected


def test_a_case_may_name_its_own_statuses() -> None:
    assert failed(kind="adversarial", statuses=("success",)) == []


def test_one_wording_of_each_group_is_enough() -> None:
    assert failed(must_contain=(("sixteen", "16"), ("weeks",))) == []
    assert failed(must_contain=(("16",), ("months",))) == ["must contain"]


def test_no_wording_of_any_group_may_be_there() -> None:
    assert failed(must_not_contain=(("months", "weeks"), ("years",))) == ["must not contain"]


@pytest.mark.parametrize("text", ["It is 160.", "In 2016.", "It is 16.5.", "It is 16,000.", "It is 1.16.", "16% of it"])
def test_a_number_is_not_found_inside_another(text: str) -> None:
    assert not wordings_in(text, ("16",))


@pytest.mark.parametrize("text", ["It is 16.", "**16 weeks**", "(16)", "16, and no more", "It is 16\u00a0weeks."])
def test_a_number_is_found_as_it_is_written(text: str) -> None:
    assert wordings_in(text, ("16",))


def test_a_mark_is_no_word_of_the_answer() -> None:
    assert not wordings_in("As it stands. [16]", ("16",))


def test_dashes_quotes_and_case_make_no_difference() -> None:
    assert wordings_in("DON\u2019T ask: 8\u20139", ("don't ask: 8-9",))


def test_a_source_may_be_wanted_and_which_one() -> None:
    assert failed(must_cite=True) == ["must cite"]
    assert failed(must_cite=True, sources=("b.md",)) == []
    assert failed(cites=("a.md", "b.md"), sources=("b.md",)) == []
    assert failed(cites=("a.md",), sources=("b.md",)) == ["must cite"]


def test_words_are_counted_without_the_marks() -> None:
    assert failed("One two three. [1][2]", max_words=3) == []
    assert failed("One two three four.", max_words=3) == ["length"]


SCHEMA = {"type": "object", "required": ["weeks"], "properties": {"weeks": {"type": "integer"}}}


@pytest.mark.parametrize("text", ['{"weeks": 16}', '```json\n{"weeks": 16}\n```'])
def test_json_of_the_schema_passes(text: str) -> None:
    assert failed(text, json_schema=SCHEMA) == []


@pytest.mark.parametrize("text", ["16", '{"weeks": "16"}', "{}", "sixteen", '{"weeks": 16} indeed'])
def test_what_is_no_json_of_the_schema_fails(text: str) -> None:
    assert failed(text, json_schema=SCHEMA) == ["JSON"]
