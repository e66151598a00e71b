"""Whether an answer shows what its case asks for. Pure functions: no model, no database."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

from governance.prompts.suites.cases import CaseSpec, Said

MARK = re.compile(r"\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
FENCE = re.compile(r"\A```(?:json)?\s*(.*?)\s*```\Z", re.DOTALL)
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What one check found. `is_ok` None: it could not be judged.

    `wanted` and `got` are for people, in words.
    """

    check: str
    is_ok: bool | None
    wanted: str
    got: str

    def as_json(self) -> dict[str, Any]:
        return {"check": self.check, "is_ok": self.is_ok, "wanted": self.wanted, "got": self.got}


def findings(case: CaseSpec, said: Said) -> list[Finding]:
    """Every check that the case asks for, in the order in which people read them."""
    return [finding for check in CHECKS for finding in check(case, said)]


def status(case: CaseSpec, said: Said) -> list[Finding]:
    expected = case.expected_statuses
    return [Finding("status", said.status in expected, " or ".join(sorted(expected)), said.status)]


def contains(case: CaseSpec, said: Said) -> list[Finding]:
    """At least one wording of each group."""
    return [
        Finding("must contain", bool(found := wordings_in(said.text, group)), either(group), either(found) or "none")
        for group in case.must_contain
    ]


def lacks(case: CaseSpec, said: Said) -> list[Finding]:
    """No wording of any group."""
    return [
        Finding(
            "must not contain", not (found := wordings_in(said.text, group)), either(group), either(found) or "none"
        )
        for group in case.must_not_contain
    ]


def cites(case: CaseSpec, said: Said) -> list[Finding]:
    got = ", ".join(said.sources) or "no source"
    found = [Finding("must cite", bool(said.sources), "a source", got)] if case.must_cite else []
    if case.cites:
        found.append(Finding("must cite", not set(case.cites).isdisjoint(said.sources), either(case.cites), got))
    return found


def length(case: CaseSpec, said: Said) -> list[Finding]:
    """Marks are no words."""
    if case.max_words is None:
        return []
    words = len(MARK.sub(" ", said.text).split())
    return [Finding("length", words <= case.max_words, f"at most {case.max_words} words", f"{words} words")]


def shape(case: CaseSpec, said: Said) -> list[Finding]:
    """One JSON value of the schema, with a code block's fence around it or without."""
    if case.json_schema is None:
        return []
    wrong = wrong_with(said.text, case.json_schema)
    return [Finding("JSON", not wrong, "JSON of the schema", wrong or "valid")]


CHECKS: tuple[Callable[[CaseSpec, Said], list[Finding]], ...] = (status, contains, lacks, cites, length, shape)


def wordings_in(text: str, group: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the group that stand in the text, whatever the case, the spaces and the kind of dash or quote."""
    said = folded(MARK.sub(" ", text))
    return tuple(wording for wording in group if pattern_of(wording).search(said))


def pattern_of(wording: str) -> re.Pattern[str]:
    """It begins where a word begins, and a number ends where it ends: “16” is no part of “160”, “2016” or “16.5”."""
    plain = folded(wording)
    before = r"(?<!\w)(?<!\d[.,])" if plain[:1].isalnum() else ""
    after = r"(?![\d%]|[.,]\d)" if plain[-1:].isdigit() else ""
    return re.compile(before + re.escape(plain) + after)


DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-") | {ord("’"): "'", ord("“"): '"', ord("”"): '"'}


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(DASHES).casefold().replace("**", "").split())


def either(wordings: tuple[str, ...]) -> str:
    return " or ".join(f"“{wording}”" for wording in wordings)


def wrong_with(text: str, schema: Mapping[str, Any]) -> str:
    """What is wrong, in words; empty when nothing is."""
    fenced = FENCE.match(text.strip())
    try:
        value = json.loads(fenced[1] if fenced else text)
    except ValueError:
        return f"no JSON: {text.strip()[:SHOWN]}"
    error = best_match(Draft202012Validator(schema, registry=Registry()).iter_errors(value))
    return f"{'/'.join(map(str, error.absolute_path)) or 'value'}: {error.message[:SHOWN]}" if error else ""
