"""How the reader cuts a passage into what it may quote."""

from governance.gateway.reader.units import Unit, units_of
from governance.gateway.types import Passage


def cut(text: str) -> list[Unit]:
    return units_of(Passage(n=1, title="Handbook", heading="Time > Leave", text=text, score=1.0))


def texts(text: str) -> list[str]:
    return [unit.text for unit in cut(text)]


def test_sentences_of_a_paragraph() -> None:
    assert texts("Ask your manager. Then tell HR, e.g. by mail.") == [
        "Ask your manager.",
        "Then tell HR, e.g. by mail.",
    ]


def test_lines_broken_by_the_page_are_one_sentence() -> None:
    wrapped = "All new parents get sixteen weeks of fully paid parental leave\nafter six months of service."
    assert texts(wrapped) == [wrapped.replace("\n", " ")]


def test_lines_broken_by_the_author_stay_apart() -> None:
    assert texts("Owner: Lucia Moreno\nApplies to: everyone") == ["Owner: Lucia Moreno", "Applies to: everyone"]


def test_headings_give_context_and_are_never_quoted() -> None:
    units = cut("## Who may ask\n\nEveryone may ask.\n\nHow to ask\n\nWrite to HR.")
    assert [(unit.text, unit.heading) for unit in units] == [
        ("Everyone may ask.", "Who may ask"),
        ("Write to HR.", "How to ask"),
    ]


def test_the_heading_of_the_passage_holds_until_another_comes() -> None:
    assert cut("Everyone may ask.")[0].heading == "Leave"


def test_items_know_the_sentence_that_introduces_them() -> None:
    lead, first, second = cut("You need:\n\n- a form\n- a signature")
    assert lead.introduces
    assert (first.text, first.kind, first.lead) == ("a form", "item", lead.index)
    assert second.lead == lead.index


def test_nested_items_know_the_item_above() -> None:
    _, above, below, after = cut("You need:\n\n- one of these:\n  - a passport\n- a signature")
    assert (below.text, below.lead) == ("a passport", above.index)
    assert after.lead == 0


def test_a_long_item_is_cut_into_its_sentences() -> None:
    sentence = "This sentence is exactly long enough to make an item of several of them too long to be quoted whole."
    assert texts(f"- {' '.join([sentence] * 4)}") == [sentence] * 4


def test_rows_know_the_head_of_their_table() -> None:
    units = cut("| Region | Cap |\n|---|---|\n| EU | 180 |\n| US | 220 |")
    assert [(unit.text, unit.header) for unit in units] == [
        ("| EU | 180 |", "| Region | Cap |"),
        ("| US | 220 |", "| Region | Cap |"),
    ]


def test_a_first_row_without_numbers_above_numbers_is_a_head() -> None:
    assert [unit.header for unit in cut("Region | Cap\nEU | 180\nUS | 220")] == ["Region | Cap"] * 2


def test_a_table_of_words_has_no_head_that_could_be_wrong() -> None:
    assert [unit.header for unit in cut("Berlin | Anna\nAustin | Ben\nSingapore | Cleo")] == ["", "", ""]


def test_markup_and_ornaments_are_no_units() -> None:
    assert texts('---\n\n{% include "nav" %}\n\n![logo](logo.png)\n\n***\n\nOne sentence.') == ["One sentence."]
