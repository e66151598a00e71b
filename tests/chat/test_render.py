"""Answers as HTML."""

from html.parser import HTMLParser
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.conversations.render import BlockStream, Cites, render

REQUEST = UUID("00000000-0000-4000-8000-000000000001")
TWO_SOURCES = Cites(REQUEST, frozenset({1, 2}))
STREAMING = Cites(REQUEST)
LINK_SCHEMES = ("http://", "https://", "mailto:", f"/sources/{REQUEST}/")

SNIPPETS = st.sampled_from(
    [
        *(
            "\n",
            "\n\n",
            "\r\n",
            "\r",
            "# ",
            "#",
            "- ",
            "* ",
            "1. ",
            "2) ",
            "> ",
            "```",
            "~~~\n",
            "    ",
            "\t",
            "---",
            "===",
        ),
        *(
            "[1]",
            "[2]",
            "[99]",
            "`",
            "**",
            "_",
            "~~",
            "| a | b |\n",
            "|---|---|\n",
            "a | b\n",
            "\\",
            "&lt;",
            "&#0;",
            "\0",
        ),
        *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "<a href='/x'>"),
        *(
            "![x](http://e.org/x.png)",
            "[x](http://e.org)",
            "[x]: /url\n",
            "[x]",
            "<http://e.org>",
            "[a [1] b](http://e.org)",
        ),
        *(
            "[x](<java\nscript:alert(1)>)",
            "[x](/admin/)",
            "[x](http://e.org 'a\" onclick=\"b')",
            "hello",
            " ",
            "</td></table>",
        ),
    ]
)
TEXTS = st.lists(SNIPPETS | st.text(max_size=6), max_size=25).map("".join)


class Audit(HTMLParser):
    """Collects what a browser could be made to do by a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "hx-get"}]


def streamed(text: str, cuts: list[int], cites: Cites) -> str:
    stream, closed = BlockStream(cites), ""
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for start, end in pairwise(places):
        closed += stream.feed(text[start:end])
    return closed + stream.open_html()


@given(text=TEXTS, cuts=st.lists(st.integers(0, 150), max_size=40))
def test_streamed_blocks_equal_the_whole_rendered_at_once(text: str, cuts: list[int]) -> None:
    assert streamed(text, cuts, TWO_SOURCES) == render(text, TWO_SOURCES)


@given(text=TEXTS, cuts=st.lists(st.integers(0, 150), max_size=10))
def test_nothing_active_survives(text: str, cuts: list[int]) -> None:
    found = Audit(streamed(text, cuts, STREAMING) + render(text, TWO_SOURCES))
    assert not found.tags & {"script", "img", "iframe", "style", "form", "input", "svg", "object", "link", "meta"}
    assert not [name for name in found.attributes if name.startswith("on") or name in {"style", "srcdoc", "id"}]
    assert all(link.startswith(LINK_SCHEMES) for link in found.links)


def test_marks_become_links_only_where_a_source_exists() -> None:
    html = render("Sixteen weeks.[1] Not more.[3]", TWO_SOURCES)
    assert f'href="/sources/{REQUEST}/1/"' in html
    assert html.count("<a ") == 1
    assert "[3]" in html


@pytest.mark.parametrize("text", ["`[1]`", "```\n[1]\n```", "\\[1]"])
def test_marks_in_code_stay_text(text: str) -> None:
    assert "cite" not in render(text, TWO_SOURCES)


def test_a_mark_inside_a_link_is_the_only_link() -> None:
    html = render("[see [1]](https://example.org)", TWO_SOURCES)
    assert html.count("<a ") == 1
    assert 'data-cite="1"' in html


def test_a_mark_before_parentheses_is_a_citation_and_not_a_link() -> None:
    html = render("Yes [1](https://example.org).", TWO_SOURCES)
    assert 'data-cite="1"' in html
    assert 'href="https' not in html


def test_while_streaming_marks_are_shown_but_lead_nowhere() -> None:
    assert render("Yes.[1]", STREAMING) == '<p>Yes.<span class="cite">1</span></p>\n'


def test_outside_links_open_apart_and_pass_nothing_on() -> None:
    html = render("[policy](https://example.org/a)", TWO_SOURCES)
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_tables_and_lists_are_rendered() -> None:
    html = render("| a | b |\n|---|---|\n| 1 | 2 |\n\n- x\n- y\n", TWO_SOURCES)
    assert "<td>2</td>" in html
    assert "<li>y</li>" in html


def test_headings_stand_below_those_of_the_page() -> None:
    assert render("# Leave", TWO_SOURCES) == "<h3>Leave</h3>\n"


def test_a_closed_block_is_sent_once_and_the_open_one_stays_small() -> None:
    stream = BlockStream(STREAMING)
    assert stream.feed("First paragraph.\n") == ""
    assert stream.feed("\nSec") == "<p>First paragraph.</p>\n"
    assert stream.feed("ond\n- item") == ""
    assert stream.feed("\n") == "<p>Second</p>\n"
    assert stream.feed("\n") == ""
    assert stream.open_html() == "<ul>\n<li>item</li>\n</ul>\n"
