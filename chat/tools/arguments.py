"""
A tool's arguments: their JSON schema, and what a model writes held against it.

What a model writes is hostile until it has passed here: it may be no JSON, enormous, or nothing a database can hold.
"""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from referencing import Registry

from askacme.lib.errors import InvalidArguments, InvalidInput
from chat.pipeline.screen import is_visible
from governance.gateway.types import JsonSchema

MAX_CHARS = 8000
MAX_PROBLEMS = 3
MAX_SHOWN_CHARS = 300


def check_schema(schema: Any) -> None:
    """Raises InvalidInput, saying what is missing, for what is no schema of a tool's arguments."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise InvalidInput('The schema must be an object of "type": "object".')
    if schema.get("additionalProperties") is not False:
        raise InvalidInput('The schema must say "additionalProperties": false.')
    if not isinstance(schema.get("properties", {}), Mapping):
        raise InvalidInput('"properties" must be an object.')
    if '"$ref"' in json.dumps(schema):
        raise InvalidInput('"$ref" is not allowed: write the schema out.')
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise InvalidInput(f"This is no JSON schema: {error.message[:200]}") from error


def parse(written: str) -> dict[str, Any]:
    """
    The JSON object that a model wrote; nothing at all is an empty one.

    Raises InvalidArguments.
    """
    if len(written) > MAX_CHARS:
        raise InvalidArguments(f"The arguments are longer than {MAX_CHARS:,} characters.")
    try:
        found = cleaned(json.loads(written.strip() or "{}", parse_float=finite, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        raise InvalidArguments("The arguments are not valid JSON.") from error
    if not isinstance(found, dict):
        raise InvalidArguments("The arguments must be a JSON object.")
    return found


def cleaned(value: Any) -> Any:
    """Without characters that nobody sees: some can't be stored, others would make a card show what is not done."""
    match value:
        case str():
            return "".join(filter(is_visible, value))
        case list():
            return [cleaned(item) for item in value]
        case dict():
            return {cleaned(key): cleaned(item) for key, item in value.items()}
    return value


def validated(arguments: Mapping[str, Any], schema: JsonSchema) -> dict[str, Any]:
    """
    The arguments, with the schema's defaults where one is left out.

    Raises InvalidArguments, naming each place that is wrong so that a model can repair it.
    """
    filled = defaults_of(schema) | dict(arguments)
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    problems = [
        f"{'/'.join(map(str, error.absolute_path)) or 'arguments'}: {words_of(error)}"
        for error in validator.iter_errors(filled)
    ]
    if problems:
        raise InvalidArguments("; ".join(problems[:MAX_PROBLEMS]))
    return filled


def words_of(error: ValidationError) -> str:
    """Of "any of these" the reason that says most."""
    deepest = best_match([error]) or error
    return str(deepest.message)[:MAX_SHOWN_CHARS]


def defaults_of(schema: JsonSchema) -> dict[str, Any]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    return {name: rule["default"] for name, rule in properties.items() if "default" in rule}


def shown(arguments: Mapping[str, Any], schema: JsonSchema) -> list[tuple[str, str]]:
    """Each argument as people read it, what is required first: the title of its property, and its value in full."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    first = [name for name in schema.get("required", ()) if name in arguments]
    ordered = {name: arguments[name] for name in [*first, *arguments]}
    return [
        (str(properties.get(name, {}).get("title") or name.replace("_", " ").capitalize()), value_in_words(value))
        for name, value in ordered.items()
    ]


def value_in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def finite(written: str) -> float:
    """Raises ValueError for a number so large that it would become infinity, which is no JSON."""
    number = float(written)
    if not isfinite(number):
        raise ValueError("the number is too large")
    return number


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
