"""
Whether an element of a page is there but can't be seen, as far as its own attributes say.

Style sheets are not applied: what a class hides is more often a folded answer than a secret, and stays in the text.
"""

import re
from typing import Any

_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_NUMBER = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%)?\Z")
_HEX = re.compile(r"#([0-9a-f]{3,8})\Z")
_FUNCTION = re.compile(r"rgba?\(([^)]*)\)\Z")
_NAMED = {
    "black": (0, 0, 0),
    "floralwhite": (255, 250, 240),
    "ghostwhite": (248, 248, 255),
    "ivory": (255, 255, 240),
    "snow": (255, 250, 250),
    "white": (255, 255, 255),
    "whitesmoke": (245, 245, 245),
}
_CODE = frozenset({"script", "style", "template"})
_WHITE = (255, 255, 255)
_NEAR = 24  # of 255, in every channel
_FAR_OUT = -500
_TINY = {"px": 2.0, "pt": 2.0, "em": 0.15, "rem": 0.15, "%": 15.0}
Colour = tuple[int, int, int]


def is_concealed(element: Any) -> bool:
    """Whether the element hides itself: not shown, off the page, of no size, or in the colour of its ground."""
    if element.get("hidden") is not None:
        return True
    style = _declarations(element.get("style"))
    if _is_not_shown(style) or _is_outside(style):
        return True
    if style.get("visibility") in {"hidden", "collapse"}:
        return not _is_restated("visibility", element)
    if _is_tiny(style.get("font-size", "")):
        return not _is_restated("font-size", element)
    colour = style.get("color") or (element.get("color") if element.tag == "font" else None)
    return colour is not None and _is_lost(colour, element) and not _is_restated("color", element)


def hidden_words(element: Any) -> str:
    """All that a concealed element says."""
    parts: list[str] = []
    for inner in element.iter():
        parts += (inner.text or "" if inner.tag not in _CODE else "", inner.tail or "" if inner is not element else "")
    return " ".join(parts)


def _declarations(style: str | None) -> dict[str, str]:
    if not style:
        return {}
    found = _DECLARATION.findall(style.lower())
    return {name: value.replace("!important", "").strip() for name, value in found}


def _is_not_shown(style: dict[str, str]) -> bool:
    faded = _number(style.get("opacity", ""))
    return style.get("display") == "none" or style.get("mso-hide") == "all" or (faded is not None and faded < 0.05)


def _is_outside(style: dict[str, str]) -> bool:
    """Moved far off the page, cut down to nothing, or in a box without size."""
    if _is_far_out(style.get("text-indent", "")):
        return True
    placed = style.get("position") in {"absolute", "fixed"}
    if placed and any(_is_far_out(style.get(side, "")) for side in ("left", "right", "top", "bottom")):
        return True
    if placed and re.match(r"rect\(0\w*[ ,]+0\w*[ ,]+0\w*[ ,]+0", style.get("clip", "")):
        return True
    nothing = [_number(style.get(side, "")) == 0 for side in ("width", "height", "max-height")]
    return any(nothing) and style.get("overflow") == "hidden"


def _is_far_out(value: str) -> bool:
    number = _number(value)
    return number is not None and number <= (_FAR_OUT if not value.endswith(("em", "%")) else _FAR_OUT / 10)


def _is_tiny(size: str) -> bool:
    found = _NUMBER.match(size)
    return found is not None and 0 <= float(found[1]) < _TINY[found[2] or "px"]


def _number(value: str) -> float | None:
    found = _NUMBER.match(value)
    return float(found[1]) if found else None


def _is_restated(name: str, element: Any) -> bool:
    """Whether something inside sets the property anew, and so can be seen after all."""
    return any(name in _declarations(inner.get("style")) for inner in element.iterdescendants())


def _is_lost(colour: str, element: Any) -> bool:
    """Whether words of this colour can't be told from what is behind them."""
    rgb, alpha = _rgb(colour)
    if alpha < 0.05:
        return True
    ground = _ground(element)
    return rgb is not None and ground is not None and all(abs(a - b) < _NEAR for a, b in zip(rgb, ground, strict=True))


def _ground(element: Any) -> Colour | None:
    """The background's colour; None where a picture or a style sheet may have set it."""
    for outer in (element, *element.iterancestors()):
        style = _declarations(outer.get("style"))
        said = style.get("background-color") or style.get("background") or (outer.get("bgcolor") or "").lower()
        if said and said != "transparent":
            return _rgb(said)[0]
        if outer.get("background") is not None:
            return None
    head = element.getroottree().getroot().find("head")
    styled = head is not None and (head.find("style") is not None or head.find("link") is not None)
    return None if styled else _WHITE


def _rgb(value: str) -> tuple[Colour | None, float]:
    """A CSS colour and its opacity; None for a colour that can't be told."""
    value = value.strip().lower()
    if value == "transparent":
        return None, 0.0
    if found := _HEX.match(value):
        digits = found[1] if len(found[1]) > 4 else "".join(digit * 2 for digit in found[1])
        channels = [int(digits[at : at + 2], 16) for at in range(0, len(digits) - 1, 2)]
    elif found := _FUNCTION.match(value):
        parts = [_number(part) for part in re.split(r"[\s,/]+", found[1].strip())]
        if len(parts) < 3 or any(part is None for part in parts):
            return None, 1.0
        channels = [int(part or 0) for part in parts[:3]] + [int(255 * (part or 0)) for part in parts[3:4]]
    else:
        return _NAMED.get(value), 1.0
    if len(channels) < 3:
        return None, 1.0
    return (channels[0], channels[1], channels[2]), channels[3] / 255 if len(channels) > 3 else 1.0
