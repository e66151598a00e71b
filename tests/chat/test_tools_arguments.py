"""What a model writes as arguments, held against the schema."""

from typing import Any

import pytest

from askacme.lib.errors import InvalidArguments, InvalidInput
from chat.tools.arguments import check_schema, parse, shown, validated

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "summary": {"type": "string", "title": "What is wrong", "minLength": 3},
        "urgency": {"type": "string", "enum": ["low", "high"], "default": "low"},
        "due": {"type": "string", "format": "date"},
    },
    "required": ["summary"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "'summary' is a required property"),
        ({"summary": "ab"}, "summary: 'ab' is too short"),
        ({"summary": 7}, "summary: 7 is not of type 'string'"),
        ({"summary": "abc", "urgency": "now"}, "urgency: 'now' is not one of ['low', 'high']"),
        ({"summary": "abc", "shell": "rm"}, "'shell' was unexpected"),
        ({"summary": "abc", "due": "2027-02-29"}, "due: '2027-02-29' is not a 'date'"),
    ],
)
def test_each_wrong_argument_is_named(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        validated(arguments, SCHEMA)
    assert words in str(caught.value)


def test_defaults_stand_in_for_what_is_left_out() -> None:
    assert validated({"summary": "abc"}, SCHEMA) == {"urgency": "low", "summary": "abc"}


@pytest.mark.parametrize(
    "written",
    ["{", "[]", '"text"', '{"a": NaN}', '{"a": [-1e999]}', "[" * 5000, '{"a": "' + "x" * 9000 + '"}', "7" * 5000],
)
def test_what_is_no_json_object_is_refused(written: str) -> None:
    with pytest.raises(InvalidArguments):
        parse(written)


def test_nothing_at_all_is_no_arguments() -> None:
    assert parse("") == {}


def test_characters_that_nobody_sees_are_dropped() -> None:
    assert parse('{"a": ["x\\u0000\\u202ey\\ud800"]}') == {"a": ["xy"]}


def test_people_read_titles_and_whole_values() -> None:
    assert shown({"summary": "<b>", "urgency": "low", "n": 2, "sure": True}, SCHEMA) == [
        ("What is wrong", "<b>"),
        ("Urgency", "low"),
        ("N", "2"),
        ("Sure", "yes"),
    ]


@pytest.mark.parametrize(
    "schema",
    [
        [],
        {},
        {"type": "array"},
        {"type": "object"},
        {"type": "object", "additionalProperties": True},
        {"type": "object", "additionalProperties": False, "properties": []},
        {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "nonsense"}}},
        {"type": "object", "additionalProperties": False, "properties": {"a": {"$ref": "http://x.example/"}}},
    ],
)
def test_a_schema_that_is_none_is_refused(schema: Any) -> None:
    with pytest.raises(InvalidInput):
        check_schema(schema)
