"""One tidy log out of the lines of many processes."""

import os
from typing import TextIO

COLOURS = {"web": "36", "worker": "33", "beat": "35", "hr": "34", "askacme": "32"}
WIDTH = max(map(len, COLOURS))
OURSELVES = "askacme"


class Log:
    """Writes lines behind a padded prefix, coloured on a terminal unless `NO_COLOR` is set."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and not os.environ.get("NO_COLOR")

    def say(self, text: str) -> None:
        for line in text.splitlines():
            self.line(OURSELVES, line)

    def line(self, name: str, text: str) -> None:
        try:
            self._stream.write(f"{self.prefix(name)} {text}\n")
            self._stream.flush()
        except BrokenPipeError:
            # Whoever read the log has gone; the services go on.
            self._stream = open(os.devnull, "w")  # noqa: SIM115, PTH123

    def prefix(self, name: str) -> str:
        padded = f"{name:<{WIDTH}} │"
        return f"\x1b[{COLOURS.get(name, '37')}m{padded}\x1b[0m" if self._coloured else padded


class LineBuffer:
    """
    Turns what a pipe hands over, in pieces of any size, into whole lines.

    Blank ones are dropped, and of a line that was overwritten (a progress bar) only the last state is kept.
    """

    MAX_BYTES = 65_536

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > self.MAX_BYTES:
            lines.append(self._rest)
            self._rest = b""
        texts = [line.decode(errors="replace").rstrip().rpartition("\r")[2] for line in lines]
        return [text for text in texts if text]

    def flush(self) -> list[str]:
        return self.feed(b"\n") if self._rest else []
