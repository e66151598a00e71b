"""Whether a slide's paragraph has a bullet or a number: it says so itself, or its shape, layout or master does."""

from typing import Any

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_BULLETS = {f"{_A}buNone": "", f"{_A}buChar": "-", f"{_A}buBlip": "-", f"{_A}buAutoNum": "1."}


class Bullets:
    """The bullets of one shape's paragraphs; numbers count on until a paragraph of the same level has none."""

    def __init__(self, shape: Any, layout: Any) -> None:
        self._styles = [_list_style(shape)]
        if shape.is_placeholder:
            index = shape.placeholder_format.idx
            above = next((each for each in layout.placeholders if each.placeholder_format.idx == index), None)
            self._styles.append(_list_style(above))
            self._styles += layout.slide_master.element.iterfind("{*}txStyles/{*}bodyStyle")
        self._counts: dict[int, int] = {}

    def marker(self, paragraph: Any) -> str | None:
        """How the paragraph's line begins, "-" or "2."; None without a bullet."""
        level = paragraph.level
        kind = self._kind(paragraph, level)
        self._counts = {depth: count for depth, count in self._counts.items() if depth <= level}
        if kind != "1.":
            self._counts.pop(level, None)
            return kind or None
        self._counts[level] = self._counts.get(level, 0) + 1
        return f"{self._counts[level]}."

    def _kind(self, paragraph: Any, level: int) -> str:
        own = paragraph._p.pPr  # noqa: SLF001 - python-pptx says nothing of bullets
        inherited = [style.find(f"{_A}lvl{level + 1}pPr") for style in self._styles if style is not None]
        for properties in [own, *inherited]:
            found = (
                [_BULLETS[child.tag] for child in properties if child.tag in _BULLETS] if properties is not None else []
            )
            if found:
                return found[0]
        return ""


def _list_style(shape: Any) -> Any:
    return None if shape is None else shape.element.find(f".//{_A}lstStyle")
