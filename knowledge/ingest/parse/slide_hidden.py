"""What of a slide can't be seen in the show: shapes switched off or beside the slide, and letters too small to read."""

from typing import Any

_TINY_HUNDREDTHS = 200  # of a point
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def is_off(shape: Any, width: int, height: int) -> bool:
    """Whether the whole shape is hidden or lies outside of the slide."""
    named = next(shape.element.iter("{*}cNvPr"), None)
    if named is not None and named.get("hidden") in {"1", "true"}:
        return True
    if None in {shape.left, shape.top, shape.width, shape.height}:
        return False
    return bool(
        shape.left >= width or shape.top >= height or shape.left + shape.width <= 0 or shape.top + shape.height <= 0
    )


def words_of(shape: Any) -> str:
    return " ".join(text.text or "" for text in shape.element.iter(f"{_A}t"))


def split_by_size(paragraph: Any) -> tuple[str, str]:
    """The paragraph's text that can be read, and that which can't: smaller than two points, or without opacity."""
    tiny = [run for run in paragraph.runs if _is_tiny(run)]
    if not tiny:
        return paragraph.text, ""
    shown = "".join(run.text for run in paragraph.runs if not _is_tiny(run))
    return shown, "".join(run.text for run in tiny)


def _is_tiny(run: Any) -> bool:
    properties = run._r.find(f"{_A}rPr")  # noqa: SLF001 - python-pptx gives no other name to a run's element
    if properties is None:
        return False
    size = properties.get("sz") or ""
    alpha = properties.find(f"{_A}solidFill//{_A}alpha")
    faint = alpha is not None and (alpha.get("val") or "").isdigit() and int(alpha.get("val")) < 10_000
    return faint or (size.isdigit() and int(size) < _TINY_HUNDREDTHS)
