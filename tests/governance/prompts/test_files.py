"""Prompts as files."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.errors import AskAcmeError
from governance.prompts.content import checked
from governance.prompts.files import PromptFile, as_text, read
from governance.prompts.kinds import KINDS
from governance.prompts.semver import Number

WORDS = st.text(st.characters(blacklist_characters="{\x00", blacklist_categories=["Cs"]), max_size=300)
GOOD = """---
prompt: condense
version: 1.2.0
tier: fast
temperature: 0.5
max_output_tokens: 300
variables: []
owner: ana@acme.example
date: 2026-11-21
change_note: Shorter.
---
Make it stand alone.
"""


@given(
    text=WORDS.filter(lambda text: text.strip() and text.count("\n") + text.count("\r") < 400),
    temperature=st.decimals(0, 2, places=2),
    tokens=st.integers(1, 8_192),
    note=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=80),
    day=st.none() | st.dates(),
)
def test_a_file_is_read_as_it_was_written(
    text: str, temperature: Decimal, tokens: int, note: str, day: date | None
) -> None:
    content = checked(KINDS["condense"], text=text, tier="strong", temperature=temperature, max_output_tokens=tokens)
    file = PromptFile("condense", Number(1, 20, 300), content, "ana@acme.example", day, note)
    assert read(as_text(file)) == file


def test_a_file_in_git_reads_like_this() -> None:
    file = read(GOOD)
    assert (file.number, file.content.temperature, file.date) == (Number(1, 2, 0), Decimal("0.50"), date(2026, 11, 21))
    assert as_text(file) == GOOD


def test_what_an_editor_adds_changes_nothing() -> None:
    assert read(GOOD.replace("\n", "\r\n")) == read(GOOD + "\n\n") == read(GOOD)


def test_a_line_of_dashes_may_stand_in_the_text() -> None:
    text = "First.\n---\nSecond."
    assert read(GOOD.replace("Make it stand alone.", text)).content.text == text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("---\nprompt", "prompt", "no front matter"),
        ("prompt: condense", "prompt: greeting", "There is no prompt “greeting”"),
        ("version: 1.2.0", "version: 1.2", "“1.2” is no version"),
        ("tier: fast", "tier: routed", "has the tier fast or strong"),
        ("temperature: 0.5", "temperature: 3", "a number from 0 to 2"),
        ("temperature: 0.5", "temperature: .nan", "a number from 0 to 2"),
        ("max_output_tokens: 300", "max_output_tokens: 0", "between 1 and 8,192"),
        ("variables: []", "variables: [words]", "the text uses none"),
        ("Make it stand alone.", "In {{ words }} words.", "has no variable words"),
        ("Make it stand alone.", "", "Write the prompt's text"),
        ("change_note: Shorter.", "colour: red", "colour: Extra inputs"),
        ("change_note: Shorter.", "change_note: [", "no valid YAML"),
        ("date: 2026-11-21", "date: 2026-13-41", "no valid YAML"),
        ("change_note: Shorter.", "x: " + "[" * 5_000, "no valid YAML"),
        ("change_note: Shorter.", "x: !!python/object/apply:os.system ['true']", "no valid YAML"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(old: str, new: str, said: str) -> None:
    with pytest.raises(AskAcmeError, match=said):
        read(GOOD.replace(old, new, 1))


def test_a_required_variable_can_t_be_left_out() -> None:
    with pytest.raises(AskAcmeError, match=r"needs \{\{ words \}\}"):
        read(GOOD.replace("condense", "summary"))
