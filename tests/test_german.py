"""Every word on a page exists in German, and the catalogue that runs is the one that was written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

from tests.test_house_rules import PYTHON, ROOT, tracked

CATALOGUE = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
QUOTED = re.compile(r"""\b(?:_|n?gettext)\(\s*u?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def german() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            match node.args:
                case [ast.Constant(value=str(text)), *_]:
                    yield text


def in_template(path: Path) -> Iterator[str]:
    for quoted in QUOTED.findall(templatize(path.read_text(encoding="utf-8"))):
        yield ast.literal_eval(quoted)


def words_on_pages() -> set[str]:
    sources = [path for path in PYTHON if "tests" not in path.parts]
    spoken = {text for path in sources for text in in_python(path)}
    return spoken | {text for path in tracked("templates/*.html") for text in in_template(path)}


def test_every_word_on_a_page_has_a_german_one(german: polib.POFile) -> None:
    known = {entry.msgid for entry in german if entry.translated() and not entry.obsolete}
    assert sorted(words_on_pages() - known) == []


def test_no_german_word_is_left_over(german: polib.POFile) -> None:
    assert sorted({entry.msgid for entry in german} - words_on_pages()) == []


def test_german_keeps_what_is_filled_in(german: polib.POFile) -> None:
    lost = [
        entry.msgid
        for entry in german
        for text in [entry.msgstr, *entry.msgstr_plural.values()]
        if text and not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    ]
    assert lost == []


def test_the_compiled_catalogue_is_the_one_that_was_written(german: polib.POFile) -> None:
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    written = {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in german.translated_entries()}
    assert {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in compiled} == written
