"""
Markdown: rendered to HTML and read like a page, since handbooks mix both.

Site generators leave their own marks in Markdown (front matter, `{% tags %}`, `{{ variables }}`, `{#ids}`); what a
reader of the built site would see of them is kept.
"""

import re
from pathlib import Path

from markdown_it import MarkdownIt

from knowledge.ingest.parse.asides import of_source
from knowledge.ingest.parse.decode import decode
from knowledge.ingest.parse.html import tree_of, write_tree
from knowledge.ingest.parse.titles import first_heading, pick_title
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.{0,50000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_MARKS = re.compile(
    r"""(?P<code>^[ ]{0,3}(?P<fence>`{3,}+|~{3,}+)[^\n]*\n.*?^[ ]{0,3}(?P=fence)|(?<!`)`[^`\n]+`(?!`))"""
    r"""|<!--.*?(?:-->|\Z)"""
    r"""|\{%-?\s*comment\b.*?(?:\{%-?\s*endcomment\s*-?%\}|\Z)"""
    r"""|\{%(?P<tag>.{0,1000}?)%\}"""
    r"""|\{\{(?P<variable>[^{}\n]{0,300})\}\}"""
    r"""|(?<![ \t])[ \t]*+\{[:#][^{}\n]{0,300}\}[ \t]*$"""
    r"""|\{\#.{0,1000}?\#\}""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_ARGUMENT = re.compile(r""""([^"]*)"|'([^']*)'""")


def parse(path: Path, filename: str) -> ParsedDocument:
    source = decode(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(source)
    body = source[front.end() :] if front else source
    named = _title_in(front[1]) if front else None
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(_MARKS.sub(_as_read, body))
    root = tree_of(f"<html><body>{rendered}</body></html>")
    writer = TextWriter()
    writer.put_aside([*(front[1].splitlines() if front else []), *of_source(body)])
    if named and root.find(".//h1") is None:
        writer.heading(named, 1)  # as the built site shows it
    write_tree(root, writer)
    title = pick_title(filename, named, first_heading(writer, level=1), first_heading(writer))
    return writer.finish(title, "text/markdown")


def _title_in(front_matter: str) -> str | None:
    found = _TITLE.search(front_matter)
    return found[1].strip("'\"") if found else None


def _as_read(mark: re.Match[str]) -> str:
    """What the built page shows in place of a generator's mark."""
    if mark["code"]:
        return _RAW.sub("", mark["code"])
    if mark["tag"] is not None:
        return _words_of(mark["tag"])
    variable = mark["variable"] or ""
    return (
        f"{{{{{variable}}}}}" if variable.strip().isidentifier() else ""
    )  # {{first_name}} in a letter is for the reader to fill in


def _words_of(tag: str) -> str:
    """The words a tag was given: its first argument, or the description after a path."""
    arguments: list[str] = [first or second for first, second in _ARGUMENT.findall(tag)]
    if not arguments:
        return ""
    if not _is_path(arguments[0]):
        return arguments[0]
    return arguments[-1] if " " in arguments[-1] and not _is_path(arguments[-1]) else ""


def _is_path(argument: str) -> bool:
    return "/" in argument or re.search(r"\.\w{1,5}\Z", argument) is not None
