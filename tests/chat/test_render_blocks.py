"""Code and tables of an answer: boxed, named, and still nobody's way in."""

from uuid import UUID

import pytest
from django.utils import translation

from chat.conversations.render import BlockStream, Cites, render

CITES = Cites(UUID(int=1), frozenset())
TABLE = "| Country | Weeks |\n|---|---|\n| Spain | 16 |\n"


def test_code_names_its_language_and_can_be_copied_and_reached_by_keyboard() -> None:
    html = render("```python\nprint(1 < 2)\n```", CITES)
    assert "<span>python</span>" in html
    assert 'data-copy=""' in html
    assert '<pre tabindex="0"><code>print(1 &lt; 2)\n</code></pre>' in html


@pytest.mark.parametrize("text", ["```\nls\n```", "    ls\n"], ids=["fenced", "indented"])
def test_code_of_no_language_is_called_code_and_not_nothing(text: str) -> None:
    assert "<span>Code</span>" in render(text, CITES)


def test_a_table_scrolls_in_a_box_with_a_name() -> None:
    html = render(TABLE, CITES)
    assert '<div class="table-box" role="region" tabindex="0" aria-label="Table"><table>' in html
    assert html.rstrip().endswith("</table></div>")


def test_a_language_cannot_bring_markup_in() -> None:
    html = render('```"><script>alert(1)</script>\nx\n```', CITES)
    assert "<script" not in html


def test_a_streamed_table_is_the_same_as_a_whole_one() -> None:
    stream = BlockStream(CITES)
    closed = "".join(stream.feed(character) for character in f"{TABLE}\nAfter.")
    assert closed + stream.open_html() == render(f"{TABLE}\nAfter.", CITES)


def test_the_words_on_the_boxes_follow_the_reader() -> None:
    with translation.override("de"):
        assert 'aria-label="Tabelle"' in render(TABLE, CITES)
