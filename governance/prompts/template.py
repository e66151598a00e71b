"""
The language of prompts: `{{ name }}` becomes a value, `{% if name %}…{% endif %}` stays when the value isn't empty.

There is nothing else: no attributes, no filters, no loops, no expressions. A value is put in as it is and never read as
a template itself. A tag that stands alone on its line takes the line with it, as in Mustache.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from askacme.lib.errors import InvalidTemplate

MOST_CHARS = 20_000
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
OPENING = re.compile(r"\{\{|\{%")
IF = re.compile(r"if\s+(?P<name>\S.*)", re.DOTALL)
LINE_AFTER = re.compile(r"[ \t]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    name: str


@dataclass(frozen=True, slots=True)
class If:
    name: str


@dataclass(frozen=True, slots=True)
class EndIf:
    pass


Part = Words | Place | If | EndIf


@dataclass(frozen=True, slots=True)
class Template:
    """A text that was read; `names` are the variables in it, in the order of their first use."""

    parts: tuple[Part, ...]
    names: tuple[str, ...]

    def render(self, values: Mapping[str, str]) -> str:
        """
        The text with its places filled.

        Raises InvalidTemplate when a variable has no value.
        """
        if missing := [name for name in self.names if name not in values]:
            raise InvalidTemplate(f"The prompt was given no value for {', '.join(missing)}.")
        said: list[str] = []
        open_ifs: list[bool] = []
        for part in self.parts:
            if isinstance(part, If):
                open_ifs.append(bool(values[part.name]))
            elif isinstance(part, EndIf):
                open_ifs.pop()
            elif all(open_ifs):
                said.append(part.text if isinstance(part, Words) else values[part.name])
        return "".join(said)


def parse(text: str) -> Template:
    """
    Read a template.

    Raises InvalidTemplate, which names line and column of what is wrong.
    """
    if len(text) > MOST_CHARS:
        raise InvalidTemplate(f"A prompt has at most {MOST_CHARS:,} characters; this one has {len(text):,}.")
    if "\x00" in text:
        raise InvalidTemplate(f"{where(text, text.index(chr(0)))}: a prompt can't hold the character NUL.")
    parts = tuple(part for part in tags_and_words(text) if part != Words(""))
    names = dict.fromkeys(part.name for part in parts if isinstance(part, Place | If))
    return Template(parts, tuple(names))


def tags_and_words(text: str) -> Iterator[Part]:
    done = 0
    open_ifs: list[int] = []
    while opening := OPENING.search(text, done):
        start = opening.start()
        if opening[0] == "{{":
            name, end = inside(text, start, "}}")
            yield Words(text[done:start])
            yield Place(checked_name(name, text, start))
            done = end
            continue
        tag, end = inside(text, start, "%}")
        part = block(tag, text, start)
        if isinstance(part, If):
            open_ifs.append(start)
        elif not open_ifs:
            raise InvalidTemplate(f"{where(text, start)}: this endif has no if before it.")
        else:
            open_ifs.pop()
        before, end = without_its_line(text, done, start, end)
        yield Words(before)
        yield part
        done = end
    if open_ifs:
        raise InvalidTemplate(f"{where(text, open_ifs[-1])}: this if has no {{% endif %}}.")
    yield Words(text[done:])


def inside(text: str, start: int, closing: str) -> tuple[str, int]:
    """What stands in the tag that begins at `start`, and where the tag ends."""
    end = text.find(closing, start + 2)
    again = OPENING.search(text, start + 2)
    if end < 0 or (again and again.start() < end):
        opening = text[start : start + 2]
        raise InvalidTemplate(
            f"{where(text, start)}: {opening} begins a tag that no {closing} ends. For two braces as text, write {{ {{."
        )
    return text[start + 2 : end].strip(), end + 2


def block(tag: str, text: str, start: int) -> If | EndIf:
    if tag == "endif":
        return EndIf()
    if found := IF.fullmatch(tag):
        return If(checked_name(found["name"].strip(), text, start))
    raise InvalidTemplate(f"{where(text, start)}: only {{% if name %}} and {{% endif %}} are known, not “{tag[:40]}”.")


def checked_name(name: str, text: str, start: int) -> str:
    if NAME.fullmatch(name):
        return name
    raise InvalidTemplate(
        f"{where(text, start)}: “{name[:40]}” is no name of a variable. A name is lower-case letters, digits and _."
    )


def without_its_line(text: str, done: int, start: int, end: int) -> tuple[str, int]:
    """The words before a tag and where the text behind it goes on: without its line, if that holds nothing else."""
    line = text.rfind("\n", 0, start) + 1
    rest = LINE_AFTER.match(text, end)
    if rest is None or line < done or text[line:start].strip(" \t"):
        return text[done:start], end
    return text[done:line], rest.end()


def where(text: str, at: int) -> str:
    """`Line 3, column 7`, both counted from one."""
    before = text[:at]
    return f"Line {before.count(chr(10)) + 1}, column {at - before.rfind(chr(10))}"
