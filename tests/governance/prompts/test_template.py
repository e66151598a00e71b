"""The language of prompts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.errors import InvalidTemplate
from governance.prompts.template import MOST_CHARS, parse

PIECES = st.sampled_from(
    [
        *("{{", "}}", "{%", "%}", "{", "}", "if", "endif", "{% if a %}", "{% endif %}", "{{ a }}", "{{ b }}"),
        "\n",
        " ",
        "x",
    ]
)
TEMPLATES = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))


def test_a_place_is_filled_with_its_value() -> None:
    assert parse("At most {{ words }} words, {{words}}!").render({"words": "150"}) == "At most 150 words, 150!"


def test_what_stands_in_an_if_stays_only_with_a_value() -> None:
    template = parse("Hello{% if name %} {{ name }}{% endif %}.")
    assert [template.render({"name": name}) for name in ("Ana", "")] == ["Hello Ana.", "Hello."]


def test_ifs_stand_in_ifs() -> None:
    template = parse("{% if a %}a{% if b %}b{% endif %}c{% endif %}")
    assert [template.render({"a": a, "b": b}) for a, b in (("1", "1"), ("1", ""), ("", "1"))] == ["abc", "ac", ""]


def test_a_tag_alone_on_its_line_takes_the_line_with_it() -> None:
    text = "One\n  {% if today %}\nToday is {{ today }}.\n{% endif %}\nTwo"
    assert parse(text).render({"today": "Monday"}) == "One\nToday is Monday.\nTwo"
    assert parse(text).render({"today": ""}) == "One\nTwo"


def test_a_value_is_never_read_as_a_template() -> None:
    assert parse("{{ a }}").render({"a": "{{ b }}{% if c %}"}) == "{{ b }}{% if c %}"


def test_single_braces_are_text() -> None:
    text = 'Answer as {"a": {"b": 1}} or {x}.'
    assert parse(text).render({}) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\nbc {{ x", "Line 2, column 4: {{ begins a tag"),
        ("{{ user.password }}", "Line 1, column 1: “user.password” is no name"),
        ("{{ x|safe }}", "is no name of a variable"),
        ("{{ __class__ }}", "is no name of a variable"),
        ("{{ 1 + 1 }}", "is no name of a variable"),
        ("{{ }}", "“” is no name"),
        ("{{ {{ a }} }}", "Line 1, column 1: {{ begins a tag"),
        ("ab{% for x in y %}", "Line 1, column 3: only {% if name %} and {% endif %} are known, not “for x in y”"),
        ("{% if a %}\n\n  {% if b %}{% endif %}", "Line 1, column 1: this if has no {% endif %}"),
        ("\n {% endif %}", "Line 2, column 2: this endif has no if"),
        ("{% if not a %}{% endif %}", "“not a” is no name"),
        ("a\x00", "Line 1, column 2"),
        ("a" * (MOST_CHARS + 1), "at most 20,000 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidTemplate, match=re.escape(said)):
        parse(text)


def test_a_variable_without_a_value_is_an_error() -> None:
    with pytest.raises(InvalidTemplate, match="no value for b"):
        parse("{{ a }}{% if b %}x{% endif %}").render({"a": "1"})


@given(TEMPLATES)
def test_no_text_raises_anything_but_the_declared_error(text: str) -> None:
    try:
        template = parse(text)
        said = template.render(dict.fromkeys(template.names, "VALUE"))
    except InvalidTemplate:
        return
    assert template.names or "{{" not in said


@given(st.text(alphabet=st.characters(blacklist_characters="{\x00")))
def test_a_text_without_tags_stays_as_it_is(text: str) -> None:
    assert parse(text).render({}) == text


@given(st.lists(st.text(alphabet="abc {}%\n", max_size=10), max_size=5), st.text())
def test_a_value_stands_in_the_text_as_it_is(around: list[str], value: str) -> None:
    text = "{{ v }}".join(part.replace("{", "(") for part in around)
    assert parse(text).render({"v": value}) == text.replace("{{ v }}", value)
