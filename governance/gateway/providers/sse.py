"""
Server-sent events out of bytes, however the network cut them.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import re
from dataclasses import dataclass, field

MAX_EVENT_BYTES = 4 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class EventTooLarge(ValueError):
    """An event of more than `MAX_EVENT_BYTES`: no provider sends one, so this is not a provider."""


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    data: str


@dataclass(slots=True)
class EventDecoder:
    """
    Feed it bytes, get whole events; comments and unknown fields are dropped.

    Two liberties over the specification: an `error:` field is taken as an event named so (llama.cpp's server writes
    it), and an event that lacks its last empty line is still delivered, by `finish`.
    """

    _line: list[bytes] = field(default_factory=list)
    _data: list[str] = field(default_factory=list)
    _name: str = ""
    _line_bytes: int = 0
    _data_chars: int = 0
    _after_cr: bool = False
    _at_start: bool = True

    def feed(self, chunk: bytes) -> list[Event]:
        """Raises EventTooLarge."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # the second half of a line end that was cut in two
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        *ended, rest = _LINE_END.split(chunk)
        events = [event for line in ended if (event := self._end_line(line)) is not None]
        self._line.append(rest)
        self._line_bytes += len(rest)
        if self._line_bytes + self._data_chars > MAX_EVENT_BYTES:
            raise EventTooLarge
        return events

    def finish(self) -> Event | None:
        """The event that the end of the stream left without its empty line."""
        return self._end_line(b"") or self._end_line(b"")

    def _end_line(self, last: bytes) -> Event | None:
        line = b"".join((*self._line, last))
        self._line, self._line_bytes = [], 0
        if self._at_start:
            line, self._at_start = line.removeprefix(_BOM), False
        if not line:
            return self._dispatch()
        name, _, value = line.decode(errors="replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._add(value)
        elif name == "event":
            self._name = value
        elif name == "error":
            self._name = "error"
            self._add(value)
        return None

    def _add(self, data: str) -> None:
        self._data.append(data)
        self._data_chars += len(data) + 1

    def _dispatch(self) -> Event | None:
        """An event without data is a keep-alive by another name."""
        event = Event(self._name, "\n".join(self._data))
        self._name, self._data, self._data_chars = "", [], 0
        return event if event.data.strip() else None
