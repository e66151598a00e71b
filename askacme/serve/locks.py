"""
File locks that the kernel releases when their holder dies, so a `kill -9` leaves nothing stale.

The file's text only tells people who holds the lock; whether it is held is for the kernel to say.
"""

import fcntl
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from askacme.lib.errors import ServiceUnavailable

RETRY_S = 0.05


class FileLock:
    """
    An advisory lock on a file, taken shared or exclusively; a context manager that closes it.

    Raises ServiceUnavailable where the file can't be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise ServiceUnavailable(
                f"{path.parent} cannot be written ({error.strerror}): "
                "set ASKACME_VAR to a directory that you may write to."
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def take_at_once(self, *, shared: bool = False) -> bool:
        """
        Take the lock, or turn a shared one into an exclusive one, without waiting.

        False means that another process holds it; a shared lock that should have become exclusive is then
        gone.
        """
        try:
            fcntl.flock(self._file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def take(self, *, shared: bool = False, timeout_s: float) -> None:
        """Wait for the lock. Raises ServiceUnavailable after `timeout_s`."""
        until = time.monotonic() + timeout_s
        while not self.take_at_once(shared=shared):
            if time.monotonic() > until:
                raise ServiceUnavailable(f"Another AskAcme process has held {self.path} for {timeout_s:.0f} s.")
            time.sleep(RETRY_S)

    def note(self, text: str) -> None:
        """Leave a word for whoever finds the lock taken."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(text)
        self._file.flush()

    def read_note(self) -> str:
        self._file.seek(0)
        return self._file.read()
