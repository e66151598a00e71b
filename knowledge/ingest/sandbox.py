"""
Parsing in a process of its own: a file that loops, crashes or eats memory takes only that process with it.

The caller may have threads, and models in memory, so it is never forked. It starts one small server (this module,
with the parsers loaded, nothing of Django) and hands it one end of a socket per file. For each the server forks a
warden, and the warden a worker with limits; the worker answers in JSON, and the warden adds how it died if it did.
When the caller closes its end of the socket, or dies, the warden kills the worker and what that had started at once.
The server lives in a session of its own, and ends when the caller's end of its control socket closes.
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
from dataclasses import astuple, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, get_args, get_origin, get_type_hints

from askacme.lib import errors
from askacme.lib.errors import AskAcmeError, FileTooComplex, ServiceUnavailable, UnreadableFile
from knowledge.ingest import progress
from knowledge.ingest.parsed import ParsedDocument

logger = logging.getLogger(__name__)

PARSE_FILE = "knowledge.ingest.parse:parse_file"
MEMORY_BYTES = 1 << 30
NICE = 5
"""Answers and embedding go before parsing where all of them want the processor; still a quarter of it is left."""
BEAT_S = 1.0
GRACE_S = 10.0  # what the worker's own alarm is given before the caller stops listening
MAX_REPLY_BYTES = 400_000_000
_PROGRESS = b"progress "
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
    beat: Callable[[float], None] = lambda _share: None,
) -> ParsedDocument:
    """
    Parse a file in a process of its own, within limits of time and memory.

    Raises what the parser raises, and FileTooComplex or UnreadableFile when its process is stopped or dies. Safe to
    call from many threads. `parse` names the function to call, as `module:function`. `beat` is called every second of
    waiting with the share that is done, 0 where the parser doesn't say; what it raises ends the parsing at once.
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


def _ask(request: dict[str, Any], timeout_s: float, beat: Callable[[float], None]) -> bytes | None:
    """The worker's and the warden's last words, one JSON object a line; None when there was no server to ask."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            if not _server.take(theirs):
                return None
        deadline = time.monotonic() + timeout_s + GRACE_S
        try:
            ours.sendall(json.dumps(request).encode() + b"\n")
            reply = _listen(ours, deadline, beat)
        except TimeoutError:
            raise FileTooComplex(_too_slow(timeout_s)) from None
        except (BrokenPipeError, ConnectionResetError):
            return None
    return reply or None


def _listen(connection: socket.socket, deadline: float, beat: Callable[[float], None]) -> bytes:
    """All that comes until the other end closes, without what is said about progress: `beat` is told that."""
    share, beaten_at = 0.0, time.monotonic()
    received = bytearray()
    while True:
        if time.monotonic() - beaten_at >= BEAT_S:
            beat(share)
            beaten_at = time.monotonic()
        if not _readable(connection, deadline):
            continue
        piece = connection.recv(1 << 20)
        if not piece:
            return bytes(received)
        received += piece
        if len(received) > MAX_REPLY_BYTES:
            raise FileTooComplex(_TOO_MUCH_MEMORY)
        while received.startswith(_PROGRESS) and (end := received.find(b"\n")) >= 0:
            share = float(received[len(_PROGRESS) : end])
            del received[: end + 1]


def _readable(connection: socket.socket, deadline: float) -> bool:
    """Whether there is something to read now; False after a second. Raises TimeoutError at the deadline."""
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
        return ParsedDocument(**{name: _from_json(value, _FIELDS[name]) for name, value in answer.items()})
    if "error" in answer:
        if "traceback" in answer:
            logger.error("Reading %s failed:\n%s", filename, answer["traceback"])
        raise _error_class(answer["error"])(answer["message"])
    died = answer.get("died")
    logger.warning("Reading %s ended by signal %s", filename, died)
    if died in {signal.SIGALRM, signal.SIGXCPU}:
        raise FileTooComplex(_too_slow(timeout_s))
    raise FileTooComplex(_TOO_MUCH_MEMORY) if died == signal.SIGKILL else UnreadableFile(_CRASHED)


_FIELDS = get_type_hints(ParsedDocument)


def _from_json(value: Any, kind: Any) -> Any:
    """JSON knows lists only: tuples, and the dataclasses in them, are made again."""
    if get_origin(kind) is not tuple:
        return value
    row: type[Any] = get_args(kind)[0]
    return tuple(row(*item) for item in value) if is_dataclass(row) else tuple(value)


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
            os._exit(0)  # the wardens see for themselves whether their caller is gone
        for descriptor in descriptors:
            if os.fork() == 0:
                control.close()
                _guard(descriptor)
            os.close(descriptor)


def _guard(descriptor: int) -> NoReturn:
    """
    The warden: start the worker, and tell how it died if it didn't end by itself.

    It kills the worker, with the programs that it runs, when nobody listens any more.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection = socket.socket(fileno=descriptor)
    alive, held_by_worker = os.pipe()  # its end tells of the worker's
    worker = os.fork()
    if worker == 0:
        os.setpgid(0, 0)
        os.close(alive)
        _work(connection)
    with contextlib.suppress(PermissionError, ProcessLookupError):  # it has done so itself
        os.setpgid(worker, worker)
    os.close(held_by_worker)
    ends = select.poll()
    ends.register(alive, 0)
    ends.register(connection, 0)  # only that it was closed: what is said is for the worker
    ends.poll()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker, signal.SIGKILL)  # of a worker that has ended: what it started, if that still runs
    _, status = os.waitpid(worker, 0)
    if os.WIFSIGNALED(status):
        _send(connection, {"died": os.WTERMSIG(status)}, before=b"\n")
    os._exit(0)


def _work(connection: socket.socket) -> NoReturn:
    """The worker: read one request, parse within its limits, answer."""
    with connection.makefile("rb") as file:
        request = json.loads(file.readline())
    _limit(request["timeout_s"], request["memory_bytes"])
    progress.listen(lambda share: _write(connection, _PROGRESS + b"%.4f\n" % share))
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
        return {field.name: getattr(parsed, field.name) for field in fields(ParsedDocument)}
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
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    seconds = int(timeout_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    signal.setitimer(signal.ITIMER_REAL, timeout_s)


def _send(connection: socket.socket, message: dict[str, Any], before: bytes = b"") -> None:
    _write(connection, before + json.dumps(message, default=astuple).encode() + b"\n")


def _write(connection: socket.socket, words: bytes) -> None:
    with contextlib.suppress(OSError):  # the caller may have stopped listening
        connection.sendall(words)
