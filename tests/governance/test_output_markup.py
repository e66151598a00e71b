"""Links, images and HTML in answers."""

import pytest

from tests.governance.planted import screen, told


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[the form](https://evil.example/?q=1) [1].", "the form [1]."),
        ("[1](https://evil.example)", "[1]"),
        ("![a pixel](https://evil.example/p.png)", "a pixel"),
        ("[![a](https://evil.example/i)](https://evil.example)", "a"),
        ("<https://evil.example/x> there", "(link removed) there"),
        ("See https://evil.example/a, or www.evil.example.", "See (link removed), or (link removed)."),
        ("[a][b]\n\n[b]: https://evil.example/x", "[a][b]\n\n[b]: (link removed)"),
        ("[x](data:text/html;base64,AAAA)", "x"),
        ("https&#58;//evil.example", "https&amp;#58;(link removed)"),
        ("[in two\nlines](https://evil.example)", "[in two\nlines] ((link removed))"),
        ("[x](https://intra.acme.example@evil.example/leave)", "x"),
        ("[x](https://intra.acme.example/leave?d=everything)", "x"),
    ],
)
def test_a_link_to_elsewhere_keeps_its_text_and_loses_its_address(said: str, shown: str) -> None:
    assert told(screen(), said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "[the form](https://intra.acme.example/leave)",
        "see https://intra.acme.example/leave.",
        "<https://intra.acme.example/leave>",
        "[our site](http://localhost/c/1)",
        "[mail](mailto:hr@acme.example)",
    ],
)
def test_links_to_this_site_and_to_addresses_of_the_sources_stay(said: str) -> None:
    assert told(screen(), said) == said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<b>bold</b>, <EM>so</EM>", "bold, so"),
        ("| a<br>b |", "| a b |"),
        ("hi<script>alert(1)</script>!", "hi!"),
        ("<img src=x onerror=alert(1)>hi", "hi"),
        ("<x onclick=run>hi", "hi"),
        ("<!-- hidden -->hi", "hi"),
        ("<?php x ?>hi", "hi"),
        ("an unfinished <scr", "an unfinished &lt;scr"),
    ],
)
def test_elements_are_dropped(said: str, shown: str) -> None:
    assert told(screen(), said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a < b and 3 <5 > 2", "a < b and 3 <5 > 2"),
        ("if a<b then c>d", "if a&lt;b then c>d"),
        ("a List<String> here", "a List&lt;String> here"),
        ("> a quote\n>> another", "> a quote\n>> another"),
        ("tom & jerry &amp; co", "tom & jerry &amp; co"),
    ],
)
def test_comparisons_and_types_stay_readable(said: str, shown: str) -> None:
    stream = screen()
    assert told(stream, said) == shown
    assert stream.findings == ()


@pytest.mark.parametrize(
    "code",
    [
        "use `<b>` or ``a `b` c``",
        "```html\n<img src=x>\n[x](https://evil.example)\n```\nend",
        "~~~\n<script>\n~~~",
        "`a < b` and `x[1](2)`",
    ],
)
def test_code_stays_as_it_is(code: str) -> None:
    assert told(screen(), code) == code


def test_after_a_backtick_that_stands_alone_nothing_counts_as_code() -> None:
    assert told(screen(), "a ` b\n\nc `<b>x</b>` d") == "a ` b\n\nc ` x` d"


def test_a_fence_ends_where_markdown_ends_it() -> None:
    said = "````\n```\n<b>\n````\n<b>x</b>"
    assert told(screen(), said) == "````\n```\n<b>\n````\nx"
