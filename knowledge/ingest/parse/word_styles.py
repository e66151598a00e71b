"""What Word's styles and numbering say about a paragraph: heading, title, list item, and at which depth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
_MAX_INHERITANCE = 12


@dataclass(frozen=True, slots=True)
class Style:
    heading_level: int | None = None
    is_title: bool = False
    is_list: bool = False
    list_id: str | None = None
    depth: int = 0


class Styles:
    """The document's paragraph styles, looked up once each."""

    def __init__(self, document: Any) -> None:
        elements = document.styles.element.iterchildren(f"{_W}style")
        self._elements = {element.get(f"{_W}styleId"): element for element in elements}
        self._known: dict[str | None, Style] = {None: Style()}

    def of(self, paragraph: Any) -> Style:
        """The style of a paragraph, with the outline level it may set itself."""
        style_id = _value(paragraph, "pPr/pStyle")
        if style_id not in self._known:
            self._known[style_id] = self._read(style_id)
        style = self._known[style_id]
        level = _value(paragraph, "pPr/outlineLvl")
        if style.heading_level is None and level is not None and level.isdigit() and int(level) < 6:
            return Style(heading_level=int(level) + 1)
        return style

    def vanishes(self, style_id: str | None) -> bool:
        """Whether what has this style is hidden."""
        marks = (element.find(f"{_W}rPr/{_W}vanish") for element in self._chain(style_id))
        said = next((mark for mark in marks if mark is not None), None)
        return said is not None and said.get(f"{_W}val") not in {"0", "false", "off"}

    def _read(self, style_id: str | None) -> Style:
        chain = self._chain(style_id)
        names = [(_value(element, "name") or "").strip() for element in chain]
        is_title = any(name.lower() == "title" for name in names)
        named = [int(found[1]) for found in map(_HEADING_NAME.match, names) if found]
        outlined = [int(level) + 1 for level in _values(chain, "pPr/outlineLvl") if level.isdigit()]
        depths = [int(depth) for depth in _values(chain, "pPr/numPr/ilvl") if depth.isdigit()]
        return Style(
            heading_level=1 if is_title else next((level for level in named + outlined if level <= 9), None),
            is_title=is_title,
            is_list=any(name.lower().startswith("list") for name in names),
            list_id=next(_values(chain, "pPr/numPr/numId"), None),
            depth=next(iter(depths), 0),
        )

    def _chain(self, style_id: str | None) -> list[Any]:
        """The style and those it is based on."""
        chain: list[Any] = []
        while (element := self._elements.get(style_id)) is not None and len(chain) < _MAX_INHERITANCE:
            chain.append(element)
            style_id = _value(element, "basedOn")
        return chain


class Numbering:
    """The document's lists: which count and which have bullets."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[tuple[str, int], tuple[str, int]] = {}
        self._abstract: dict[str, str] = {}
        root = next((rel.target_part.element for rel in document.part.rels.values() if _is_numbering(rel)), None)
        if root is None:
            return
        for number in root.iterchildren(f"{_W}num"):
            self._abstract[number.get(f"{_W}numId")] = _value(number, "abstractNumId") or ""
        for abstract in root.iterchildren(f"{_W}abstractNum"):
            for level in abstract.iterchildren(f"{_W}lvl"):
                key = (abstract.get(f"{_W}abstractNumId"), int(level.get(f"{_W}ilvl")))
                start = _value(level, "start") or ""
                self._levels[key] = (_value(level, "numFmt") or "bullet", int(start) if start.isdigit() else 1)

    def of(self, paragraph: Any, style: Style) -> tuple[str, int] | None:
        """The list a paragraph belongs to and its depth from 0; None when it is in no list."""
        list_id = _value(paragraph, "pPr/numPr/numId") or style.list_id
        if list_id is None or list_id == "0":
            return None
        depth = _value(paragraph, "pPr/numPr/ilvl") or ""
        return list_id, int(depth) if depth.isdigit() else style.depth

    def start(self, list_id: str, depth: int) -> int | None:
        """The first number of a counted list; None for bullets."""
        form, start = self._levels.get((self._abstract.get(list_id, ""), depth), ("bullet", 1))
        return None if form in {"bullet", "none"} else start


def _is_numbering(relationship: Any) -> bool:
    return not relationship.is_external and relationship.reltype.endswith("/numbering")


def _values(elements: list[Any], path: str) -> Iterator[str]:
    return (value for element in elements if (value := _value(element, path)) is not None)


def _value(element: Any, path: str) -> str | None:
    found = element.find("/".join(f"{_W}{step}" for step in path.split("/")))
    value: str | None = None if found is None else found.get(f"{_W}val")
    return value
