"""What must be true before anything is started: each check fails with one line that says the way out."""

import errno
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askacme.lib.errors import Conflict, ServiceUnavailable
from askacme.serve.locks import FileLock
from askacme.serve.options import ServeOptions

MIN_FREE_BYTES = 500 * 1024 * 1024


@contextmanager
def sole_serve(var: Path, options: ServeOptions) -> Iterator[None]:
    """
    Be the one `serve` on `var`, on a free port and a disk with room.

    Raises Conflict when another one runs there, ServiceUnavailable for the rest.
    """
    with FileLock(var / "serve.lock") as lock:
        if not lock.take_at_once():
            raise Conflict(f"AskAcme is already running here ({lock.read_note()}).")
        require_free_port(options.host, options.port)
        require_room(var)
        lock.note(f"pid {os.getpid()}: {options.url}")
        yield
        lock.note("")


def require_free_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror:
        raise ServiceUnavailable(f"{host!r} is not an address of this machine: leave --host out.") from None
    except OSError as error:
        raise ServiceUnavailable(port_problem(host, port, error)) from None


def port_problem(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8000
        return f"Port {port} is taken by another program: choose another one, e.g. PORT={other} make run."
    if error.errno == errno.EACCES:
        return f"Port {port} is for root only: choose one above 1023, e.g. PORT=8000 make run."
    return f"Cannot listen on {host}:{port} ({error.strerror}): leave --host out, or set another PORT."


def require_room(var: Path) -> None:
    free_bytes = shutil.disk_usage(var).free
    if free_bytes < MIN_FREE_BYTES:
        raise ServiceUnavailable(
            f"The disk is full: {free_bytes // 1024**2} MB are free for {var}, AskAcme needs "
            f"{MIN_FREE_BYTES // 1024**2} MB. Make room, or set ASKACME_VAR to another disk."
        )
