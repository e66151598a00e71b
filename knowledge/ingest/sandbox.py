"""
Parsing in a process of its own: a file that loops, crashes or eats memory takes only that process with it.

The caller may have threads, and models in memory, so it is never forked. It starts one small server (this module,
with the parsers loaded, nothing of Django) and hands it one end of a socket per file. For each the server forks a
warden, and the warden a worker with limits; the worker answers in JSON, and the warden adds how it died if it did. The
server lives in a session of its own, and ends itself and all below when the caller's end of its control socket closes.
"""

import atexit
import contextlib
import json
import logging
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import astuple
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from askacme.lib import errors
from askacme.lib.errors import AskAcmeError, FileTooComplex, ServiceUnavailable, UnreadableFile
from knowledge.ingest.parsed import Block, ParsedDocument

logger = logging.getLogger(__name__)

PARSE_FILE = "knowledge.ingest.parse:parse_file"
MEMORY_BYTES = 1 << 30
BEAT_S = 3.0
GRACE_S = 10.0  # what the worker's own alarm is given before the caller stops listening
MAX_REPLY_BYTES = 400_000_000
_START = "import sys; sys.path[:] = sys.argv[2:]; from knowledge.ingest.sandbox import serve; serve(int(sys.argv[1]))"

_TOO_MUCH_MEMORY = (
    "This file needs too much memory to read. Split it into smaller files, or save its text in a simpler format."
)
_CRASHED = "This file is damaged, or built in a way that can't be read. Open it, save a new copy, and upload that."


def parse_safely(
    path: Path | str,
    filename: str,
    *,
    timeout_s: float = 120.0,
    memory_bytes: int = MEMORY_BYTES,
    parse: str = PARSE_FILE,
    beat: Callable[[], None] = lambda: None,
) -> ParsedDocument:
    """
    Parse a file in a process of its own, within limits of time and memory.

    Raises what the parser raises, and FileTooComplex or UnreadableFile when its process is stopped or dies. Safe to
    call from many threads. `parse` names the function to call, as `module:function`. `beat` is called every few
    seconds of waiting; what it raises ends the parsing.
    """
    request = {
        "path": os.fspath(path),
        "filename": filename,
        "timeout_s": timeout_s,
        "memory_bytes": memory_bytes,
        "parse": parse,
    }
    for _ in range(2):  # the server may have been killed since the last file
        reply = _ask(request, timeout_s, beat)
        if reply is not None:
            return _parsed(reply, filename, timeout_s)
        _server.stop()
    raise ServiceUnavailable("The process that reads files could not be started. The log says why; try again later.")


def _ask(request: dict[str, Any], timeout_s: float, beat: Callable[[], None]) -> bytes | None:
    """The worker's and the warden's words, one JSON object a line; None when there was no server to ask."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            if not _server.take(theirs):
                return None
        deadline = time.monotonic() + timeout_s + GRACE_S
        received: list[bytes] = []
        size = 0
        try:
            ours.sendall(json.dumps(request).encode() + b"\n")
            while True:
                if not _readable(ours, deadline):
                    beat()
                    continue
                piece = ours.recv(1 << 20)
                if not piece:
                    break
                received.append(piece)
                size += len(piece)
                if size > MAX_REPLY_BYTES:
                    raise FileTooComplex(_TOO_MUCH_MEMORY)
        except TimeoutError:
            raise FileTooComplex(_too_slow(timeout_s)) from None
        except (BrokenPipeError, ConnectionResetError):
            return None
    return b"".join(received) or None


def _readable(connection: socket.socket, deadline: float) -> bool:
    """Whether there is something to read now; False every few seconds. Raises TimeoutError at the deadline."""
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return bool(select.select([connection], [], [], min(left_s, BEAT_S))[0])


def _parsed(reply: bytes, filename: str, timeout_s: float) -> ParsedDocument:
    answer: dict[str, Any] = {}
    for line in reply.splitlines():
        with contextlib.suppress(ValueError):  # cut off by the worker's death, of which the next line tells
            answer |= json.loads(line)
    if "text" in answer:
        blocks = tuple(Block(*block) for block in answer.pop("blocks"))
        return ParsedDocument(**{**answer, "blocks": blocks, "empty_pages": tuple(answer["empty_pages"])})
    if "error" in answer:
        if "traceback" in answer:
            logger.error("Reading %s failed:\n%s", filename, answer["traceback"])
        raise _error_class(answer["error"])(answer["message"])
    died = answer.get("died")
    logger.warning("Reading %s ended by signal %s", filename, died)
    if died in {signal.SIGALRM, signal.SIGXCPU}:
        raise FileTooComplex(_too_slow(timeout_s))
    raise FileTooComplex(_TOO_MUCH_MEMORY) if died == signal.SIGKILL else UnreadableFile(_CRASHED)


def _error_class(name: str) -> type[AskAcmeError]:
    found = getattr(errors, name, None)
    return found if isinstance(found, type) and issubclass(found, AskAcmeError) else UnreadableFile


def _too_slow(timeout_s: float) -> str:
    return (
        f"Reading this file took longer than {timeout_s:g} seconds and was stopped. Split it into smaller files, or "
        "save its text in a simpler format."
    )


class _Server:
    """The caller's hold on the server: started at the first file, again if it was killed, ended with the caller."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def take(self, connection: socket.socket) -> bool:
        """Hand a connection to the server; whether there was one to take it."""
        with self._lock:
            try:
                if self._control is None:
                    self._control = self._start()
                socket.send_fds(self._control, [b"x"], [connection.fileno()])
            except OSError:
                logger.exception("The process that reads files is not there")
                return False
        return True

    def stop(self) -> None:
        with self._lock:
            process, control = self._process, self._control
            self._process = self._control = None
        if control is not None:
            control.close()
        if process is not None and self._owner == os.getpid():  # not in a fork of the caller
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno()), *sys.path],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # a parser's chatter must not end up in a command's output
                start_new_session=True,  # Ctrl-C in the terminal is the caller's to handle
            )
        self._owner = os.getpid()
        return ours


_server = _Server()
atexit.register(_server.stop)


def serve(control_fd: int) -> NoReturn:
    """Run the server until the caller is gone; then end everything it started."""
    import gc

    import_module("knowledge.ingest.parse")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for wardens
    control = socket.socket(fileno=control_fd)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            os.killpg(0, signal.SIGKILL)
        for descriptor in descriptors:
            if os.fork() == 0:
                control.close()
                _guard(descriptor)
            os.close(descriptor)


def _guard(descriptor: int) -> NoReturn:
    """The warden: start the worker, and tell how it died if it didn't end by itself."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection = socket.socket(fileno=descriptor)
    worker = os.fork()
    if worker == 0:
        _work(connection)
    _, status = os.waitpid(worker, 0)
    if os.WIFSIGNALED(status):
        _send(connection, {"died": os.WTERMSIG(status)}, before=b"\n")
    os._exit(0)


def _work(connection: socket.socket) -> NoReturn:
    """The worker: read one request, parse within its limits, answer."""
    with connection.makefile("rb") as file:
        request = json.loads(file.readline())
    _limit(request["timeout_s"], request["memory_bytes"])
    try:
        answer = _answer(request)
    except MemoryError:
        answer = {"error": "FileTooComplex", "message": _TOO_MUCH_MEMORY}
    try:
        _send(connection, answer)
    except MemoryError:
        answer = {"error": "FileTooComplex", "message": _TOO_MUCH_MEMORY}
        _send(connection, answer, before=b"\n")
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    module, _, function = request["parse"].partition(":")
    try:
        parsed = getattr(import_module(module), function)(Path(request["path"]), request["filename"])
        fields = {name: getattr(parsed, name) for name in ParsedDocument.__dataclass_fields__}
        return {**fields, "blocks": [astuple(block) for block in parsed.blocks]}
    except AskAcmeError as error:
        return {"error": type(error).__name__, "message": str(error)}
    except RecursionError:
        return {"error": "FileTooComplex", "message": "This file nests its parts too deep to be read. Simplify it."}
    except MemoryError:
        raise
    except Exception:  # the edge of this process: whatever a parser trips over is the file's failure
        return {"error": "UnreadableFile", "message": _CRASHED, "traceback": traceback.format_exc()}


def _limit(timeout_s: float, memory_bytes: int) -> None:
    """Bounds that the kernel keeps, whatever the parser's C code does."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    seconds = int(timeout_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    signal.setitimer(signal.ITIMER_REAL, timeout_s)


def _send(connection: socket.socket, message: dict[str, Any], before: bytes = b"") -> None:
    with contextlib.suppress(OSError):  # the caller may have stopped listening
        connection.sendall(before + json.dumps(message).encode() + b"\n")
