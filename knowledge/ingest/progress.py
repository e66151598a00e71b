"""How far the parser of this process is, where that takes long; for whoever runs the process."""

from collections.abc import Callable
from contextvars import ContextVar

_listener: ContextVar[Callable[[float], None]] = ContextVar("listener", default=lambda _share: None)


def listen(listener: Callable[[float], None]) -> None:
    """Have `listener` called with the share done, 0 to 1, by what is parsed from now on in this thread."""
    _listener.set(listener)


def done(share: float) -> None:
    _listener.get()(share)
