"""Which part of a version's number a change should raise."""

from decimal import Decimal
from pathlib import Path

import pytest

from askacme.lib.errors import InvalidInput
from governance.prompts import semver
from governance.prompts.content import Content
from governance.prompts.semver import Number, number_from, suggest
from governance.prompts.shipped import shipped

ANSWER = next(file.content.text for file in shipped() if file.prompt == "answer")


def of(text: str, **settings: int) -> Content:
    return Content(text, "fast", Decimal(settings.get("temperature", 0)), settings.get("tokens", 300))


def test_other_words_for_the_same_rules_are_a_patch() -> None:
    reworded = ANSWER.replace("Be brief: the answer first", "Keep it brief: the answer comes first")
    assert suggest(of(ANSWER), of(reworded)) == semver.Suggestion("patch")


def test_a_dropped_rule_is_major_and_is_named() -> None:
    dropped = "\n".join(line for line in ANSWER.split("\n") if not line.startswith("2."))
    found = suggest(of(ANSWER), of(dropped))
    assert found.level == "major"
    assert found.reasons[0].startswith("a rule is gone: “End every sentence")


def test_a_dropped_sentence_inside_a_rule_is_major_too() -> None:
    assert (
        suggest(of(ANSWER), of(ANSWER.replace(" Never add knowledge of your own, never guess.", ""))).level == "major"
    )


def test_other_numbers_for_the_same_rules_are_a_patch() -> None:
    assert suggest(of("1. Be brief.\n2. Cite."), of("- Cite.\n- Be brief.")).level == "patch"


def test_a_new_rule_is_minor() -> None:
    found = suggest(of(ANSWER), of(f"{ANSWER}\n8. Address the employee by their first name."))
    assert (found.level, len(found.reasons)) == ("minor", 1)


def test_a_variable_more_is_minor_and_one_less_is_major() -> None:
    plain, with_date = of("Answer as of now."), of("Answer as of {{ today }}.")
    assert suggest(plain, with_date).reasons[0] == "now uses {{ today }}"
    assert suggest(with_date, plain).reasons[0] == "no longer uses {{ today }}"


def test_a_changed_setting_is_minor() -> None:
    assert suggest(of("Answer."), of("Answer.", temperature=1)).reasons == ("the temperature changed",)


def test_numbers_are_raised_from_the_left() -> None:
    number = Number(1, 2, 3)
    assert [str(number.raised(level)) for level in ("major", "minor", "patch")] == ["2.0.0", "1.3.0", "1.2.4"]


@pytest.mark.parametrize("text", ["1.2", "v1.2.3", "1.2.3-beta", "1.2.３", "", "1.2.999999"])
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no version"):
        number_from(text)


def test_a_long_text_of_tiny_sentences_takes_no_time_to_compare() -> None:
    found = suggest(of("a. " * 6_000), of("b. " * 6_000))
    assert found.level == "major"


def test_the_shipped_files_are_all_there() -> None:
    assert {file.prompt for file in shipped()} == {path.stem for path in Path(semver.__file__).parent.glob("shipped/*")}
