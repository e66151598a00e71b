"""Whether a run of a Word document can't be seen: hidden, tiny, or white on white."""

from typing import Any

from knowledge.ingest.parse.word_styles import Styles

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = frozenset({"0", "false", "off"})
_TINY_HALF_POINTS = 4
_WHITE_FROM = 0xF0  # in every channel
# Where words have a ground of their own, told by styles and themes: white may be just right there.
_GROUNDED = frozenset({f"{_W}tbl", f"{_W}txbxContent"})


def is_hidden(run: Any, styles: Styles) -> bool:
    """Whether the run is in the file but not on the page."""
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return _paragraph_vanishes(run, styles)
    size = properties.find(f"{_W}sz")
    if size is not None and (size.get(f"{_W}val") or "").isdigit() and int(size.get(f"{_W}val")) < _TINY_HALF_POINTS:
        return True
    return _is_white_on_white(run, properties) or _vanishes(run, properties, styles)


def _vanishes(run: Any, properties: Any, styles: Styles) -> bool:
    """What the run itself says goes before its style, and that before its paragraph's."""
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None:
        return vanish.get(f"{_W}val") not in _OFF
    style = properties.find(f"{_W}rStyle")
    in_style = style is not None and styles.vanishes(style.get(f"{_W}val"))
    return in_style or _paragraph_vanishes(run, styles)


def _paragraph_vanishes(run: Any, styles: Styles) -> bool:
    paragraph = next(run.iterancestors(f"{_W}p"), None)
    style = None if paragraph is None else paragraph.find(f"{_W}pPr/{_W}pStyle")
    return style is not None and styles.vanishes(style.get(f"{_W}val"))


def _is_white_on_white(run: Any, properties: Any) -> bool:
    colour = properties.find(f"{_W}color")
    if colour is None or not _is_white(colour.get(f"{_W}val") or ""):
        return False
    if properties.find(f"{_W}shd") is not None or properties.find(f"{_W}highlight") is not None:
        return False
    for outer in run.iterancestors():
        if outer.tag in _GROUNDED or (outer.tag == f"{_W}p" and outer.find(f"{_W}pPr/{_W}shd") is not None):
            return False
    return run.getroottree().getroot().find(f"{_W}background") is None


def _is_white(colour: str) -> bool:
    try:
        channels = bytes.fromhex(colour)
    except ValueError:
        return False
    return len(channels) == 3 and min(channels) >= _WHITE_FROM
