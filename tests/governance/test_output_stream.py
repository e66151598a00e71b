"""Nothing forbidden leaves, however the text is split, and what leaves does not depend on the split."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from governance.guardrails.output.findings import Findings
from governance.guardrails.policy import DEFAULT, Policy
from governance.guardrails.values import Action
from tests.governance import planted
from tests.governance.planted import screen, told

MASKING = replace(DEFAULT, outputs=dict.fromkeys(DEFAULT.outputs, Action.MASK), hidden=("Project Falcon",))
MOST_HELD = 8000
"""What a private key takes; only a text that goes on like one is held for so long."""

PROSE = (
    "Employees get 16 weeks of paid leave [1]. Tell your manager, in writing, at least 4 weeks before; HR confirms it. "
    "If the leave is shorter than 3 days, no form is needed [2][3]. Passwords are changed every 90 days.\n\n"
    "- Full-time: 30 days"
)
GLUE = (
    "",
    " ",
    "\n",
    ". ",
    "`",
    "``",
    "*",
    "(",
    ")",
    "[",
    "]",
    "](",
    "![",
    "<",
    ">",
    "</b>",
    "\\",
    ":",
    "\u200b",
    "&#",
    "1",
    "a",
    "\n```\n",
    '"',
)
planting = st.sampled_from(
    [
        *planted.SECRETS,
        *planted.PERSONAL,
        *planted.ADDRESSES,
        *planted.MARKUP,
        *GLUE,
        "Project Falcon",
        "a < b",
        "`<b>`",
    ]
)
texts = st.lists(planting | st.sampled_from(PROSE.split(" ")), max_size=9).map("".join)
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(places)]


@quick
@given(texts, st.lists(st.integers(0, 400), max_size=12), st.sampled_from([DEFAULT, MASKING]))
@example("1 2 3 4 4111 1111 1111 1111 12", [5, 9], MASKING)
@example("a `b\n\n`<img src=x>` c", [3], MASKING)
def test_what_leaves_does_not_depend_on_how_the_text_is_split(text: str, cuts: list[int], policy: Policy) -> None:
    whole = told(screen(policy), text)
    assert told(screen(policy), *pieces_of(text, cuts)) == whole
    assert told(screen(policy), *text) == whole


@pytest.mark.parametrize("policy", [DEFAULT, MASKING], ids=["block", "mask"])
@quick
@given(
    before=st.sampled_from(["", "It is ", "see:\n", "1 2 ", "(", "x="]),
    after=st.sampled_from(["", " and so on.", ".", ")", "\nMore", ", 12"]),
    forbidden=st.sampled_from([*planted.SECRETS, *planted.PERSONAL, *planted.ADDRESSES]),
    cuts=st.lists(st.integers(0, 200), max_size=9),
)
def test_no_forbidden_string_ever_leaves(
    policy: Policy, before: str, after: str, forbidden: str, cuts: list[int]
) -> None:
    text = f"{before}{forbidden}{after}"
    for pieces in (pieces_of(text, cuts), list(text)):
        stream = screen(policy)
        left = told(stream, *pieces)
        assert forbidden not in left
        assert stream.findings
        assert stream.withheld or after.strip() in left


def test_no_form_of_the_canary_leaves() -> None:
    for form in planted.canaries():
        stream = screen()
        left = told(stream, *f"It is {form} now")
        assert stream.withheld is not None
        assert stream.withheld.code == "canary.verbatim", form
        assert form[-8:] not in left


def test_of_the_instructions_no_more_than_their_first_words_leave() -> None:
    for form in planted.prompts():
        stream = screen()
        left = told(stream, *f"Sure: {form}, and so on")
        assert stream.withheld is not None
        assert stream.withheld.guard == "prompt", form
        assert len(left) < 40


@quick
@given(texts)
@example("`a`<b></b>``<img src=x>``")
@example("[a`](https://evil.example) `<img src=x>`")
@example("- ```\n<img src=x>\n```\n<img src=y>")
@example("~~~\n`\n~~~\n<i>`<img src=x>`")
def test_a_reader_of_markdown_finds_no_html_no_image_and_no_link_to_elsewhere(text: str) -> None:
    left = told(screen(MASKING), text)
    for token in inline_tokens(left):
        assert token.type not in {"html_inline", "html_block", "image"}, (text, left)
        if token.type == "link_open":
            assert "intra.acme.example" in str(token.attrs["href"])


def inline_tokens(text: str) -> list[Token]:
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    return [*tokens, *(child for token in tokens for child in token.children or ())]


@quick
@given(texts | st.text(max_size=300))
def test_what_is_held_back_has_an_end(text: str) -> None:
    stream = screen(MASKING)
    for char in text:
        stream.feed(char)
        assert stream.held <= MOST_HELD
    stream.flush()
    assert stream.held == 0


PLAIN = [word for word in re.findall(r"[A-Za-z]+[,.]?", PROSE) if not word.startswith("Password")]
"""Behind "Passwords is" a password may come: there the next word is waited for, too."""


@quick
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=60))
def test_of_plain_words_only_the_last_is_held_back(words: list[str]) -> None:
    stream, text = screen(), ""
    for char in " ".join(words):
        text += stream.feed(char)
        assert stream.held <= 2 * max(map(len, words)) + 2
    assert text + stream.flush() == " ".join(words)


def test_behind_a_word_for_passwords_one_word_more_is_waited_for() -> None:
    stream = screen()
    for char in "Passwords is Employees ":
        stream.feed(char)
        assert stream.held <= len("Passwords is Employees")
    assert stream.held <= len("Employees ")


def test_prose_with_numbers_and_marks_leaves_as_it_came() -> None:
    stream = screen()
    assert told(stream, *PROSE) == PROSE
    assert stream.findings == ()


def test_what_stands_in_the_sources_is_told() -> None:
    text = "Write to hr@acme.example, call +1 (650) 253-0001, see https://intra.acme.example/leave, use Welcome2Acme!"
    assert told(screen(), text) == text


def test_sources_that_come_to_hand_later_count_too() -> None:
    stream = screen(sources=())
    stream.allow(["mail kim@acme.example"])
    assert told(stream, "Ask kim@acme.example.") == "Ask kim@acme.example."


def test_after_something_that_is_blocked_nothing_leaves() -> None:
    stream = screen()
    told(stream, f"The key is {planted.SECRETS[0]} .")
    assert stream.feed("More.") == ""
    assert stream.flush() == ""
    assert stream.withheld is not None
    assert stream.withheld.action is Action.BLOCK


def test_what_the_policy_allows_is_left_and_not_noted() -> None:
    open_minded = replace(DEFAULT, outputs=dict.fromkeys(DEFAULT.outputs, Action.ALLOW))
    text = f"{planted.SECRETS[0]} and bob@elsewhere.example <b>x</b>"
    stream = screen(open_minded)
    assert told(stream, text) == text
    assert stream.findings == ()


def test_what_the_policy_only_warns_of_is_left_and_noted() -> None:
    stream = screen(replace(DEFAULT, outputs=dict.fromkeys(DEFAULT.outputs, Action.WARN)))
    assert told(stream, "bob@elsewhere.example") == "bob@elsewhere.example"
    assert [verdict.code for verdict in stream.findings] == ["pii.email"]


def test_a_policy_that_says_nothing_of_a_kind_does_what_is_done_everywhere() -> None:
    assert Findings(replace(DEFAULT, outputs={})).act("canary", "verbatim") is Action.BLOCK


def test_a_text_apart_is_screened_under_the_same_rules_and_holds_nothing_up() -> None:
    stream = screen()
    stream.feed("Prepared ")
    card = stream.apart(f'{{"note": "{planted.canary()}"}}')
    assert card.withheld is not None
    assert stream.withheld is None
    assert [verdict.guard for verdict in stream.findings] == ["canary"]
    assert stream.feed("now. ") + stream.flush() == "now. "
