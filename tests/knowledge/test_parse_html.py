from pathlib import Path

import pytest

from askacme.lib.errors import FileTooComplex, NoTextFound
from knowledge.ingest.parse import parse_file
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import write


def parsed(folder: Path, content: str | bytes, name: str = "leave.html") -> ParsedDocument:
    return parse_file(write(folder, name, content), name)


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>alert('x')</script>",
        "<style>p {color: red}</style>",
        "<noscript>Turn on JavaScript</noscript>",
        "<template><p>x</p></template>",
        "<nav><a href='/'>Home</a></nav>",
        "<header><p>Acme intranet</p></header>",
        "<footer>Imprint</footer>",
        "<p hidden>draft</p>",
        "<p style='color: red; display : none'>draft</p>",
        "<span aria-hidden='true'>×</span>",
        "<!-- a note -->",
        "<svg><text>logo</text></svg>",
        "<div role='navigation'>Menu</div>",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(tmp_path: Path, unseen: str) -> None:
    assert parsed(tmp_path, f"<html><body>{unseen}<p>You get 16 weeks.</p></body></html>").text == "You get 16 weeks."


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One\n  line</p><p>two</p>", "One line\n\ntwo"),
        ("<div>One<div>two</div>three</div>", "One\n\ntwo\n\nthree"),
        ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>", "- a\n  - b\n- c"),
        ("<ol start='3'><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<dl><dt>Term</dt><dd>Meaning</dd><dt>Other:</dt><dd><p>More</p></dd></dl>", "- Term: Meaning\n- Other: More"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<p>A<b>B</b>C <a href='/x'>link</a></p>", "ABC link"),
        ("<article><header><h2>Leave</h2></header></article>", "Leave"),
        ("<h2><button>Leave</button></h2><p>Paid.</p>", "Leave\n\nPaid."),
        ("<p>5 &lt; 6 &amp; 7&nbsp;%</p>", "5 < 6 & 7 %"),
        ("<table><tr><td><h2>News</h2><p>Text</p></td><td>Aside</td></tr></table>", "News\n\nText\n\nAside"),
    ],
)
def test_structure_becomes_lines(tmp_path: Path, source: str, text: str) -> None:
    assert parsed(tmp_path, source).text == text


def test_a_table_becomes_rows(tmp_path: Path) -> None:
    rows = "<tr><th>Kind<th>Weeks<tr><td>Parental<td><ul><li>16</li><li>paid</li></ul><tr><td>Sick<td>"
    document = parsed(tmp_path, f"<table><caption>Leave</caption>{rows}</table>")
    assert document.text == "Leave\n\nKind | Weeks\nParental | • 16 • paid\nSick"
    assert [block.kind for block in document.blocks] == ["paragraph", "table_row", "table_row", "table_row"]


def test_the_first_heading_is_the_title_before_the_window_s(tmp_path: Path) -> None:
    page = "<html><head><title>Leave | Acme</title></head><body>{}<p>Text</p></body></html>"
    assert parsed(tmp_path, page.format("<h1>Parental leave</h1>")).title == "Parental leave"
    assert parsed(tmp_path, page.format("")).title == "Leave | Acme"


def test_the_declared_encoding_is_used(tmp_path: Path) -> None:
    page = "<html><head><meta charset='iso-8859-2'></head><body>Zażółć gęślą jaźń</body></html>"
    assert parsed(tmp_path, page.encode("iso-8859-2")).text == "Zażółć gęślą jaźń"


def test_a_page_of_scripts_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoTextFound, match=r"^no text found \(a scan\?\)"):
        parsed(tmp_path, "<html><body><script>render()</script></body></html>")


def test_a_thousand_nested_elements_are_read(tmp_path: Path) -> None:
    assert parsed(tmp_path, "<div>" * 1000 + "deep" + "</div>" * 1000).text == "deep"


def test_absurd_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileTooComplex, match="nests"):
        parsed(tmp_path, "<div>" * 100_000 + "deep")
