import io

import pytest

from askacme.serve.output import LineBuffer, Log


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_come_whole_from_pieces() -> None:
    buffer = LineBuffer()
    assert buffer.feed(b"one\ntw") == ["one"]
    assert buffer.feed(b"o\n\nthree") == ["two"]
    assert buffer.flush() == ["three"]


def test_of_a_progress_bar_only_the_last_state_is_kept() -> None:
    assert LineBuffer().feed(b"10%\r50%\r100%\n") == ["100%"]


def test_an_endless_line_does_not_fill_the_memory() -> None:
    buffer = LineBuffer()
    assert len(buffer.feed(b"x" * (LineBuffer.MAX_BYTES + 1))) == 1
    assert buffer.flush() == []


def test_a_pipe_gets_no_colours() -> None:
    stream = io.StringIO()
    Log(stream).line("web", "hello")
    assert stream.getvalue() == "web     │ hello\n"


def test_a_terminal_gets_colours_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in Log(Terminal()).prefix("web")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in Log(Terminal()).prefix("web")
