"""
Finding and ending processes.

A PID file may name a program that has nothing to do with us; a process' name and working directory can't lie.
"""

import ctypes
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
POLL_S = 0.03

_libc = ctypes.CDLL(None)


def working_in(directory: Path, name: str) -> list[psutil.Process]:
    """The living processes called `name` that work in `directory`, parents first."""
    here = str(directory.resolve())
    found = [
        process
        for process in psutil.process_iter(["name", "cwd", "create_time"])
        if process.info["name"] == name and process.info["cwd"] == here
    ]
    return sorted(found, key=lambda process: (process.info["create_time"], process.pid))


def stop_working_in(directory: Path, name: str, steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """
    End what `working_in` finds: send each step's signal to the topmost processes and wait up to its seconds.

    The last step's signal goes to every process, so that no orphan is left.
    """
    for step, (number, timeout_s) in enumerate(steps, start=1):
        running = working_in(directory, name)
        pids = {process.pid for process in running}
        for process in running:
            if step == len(steps) or parent_of(process) not in pids:
                send(process, number)
        until = time.monotonic() + timeout_s
        while working_in(directory, name) and time.monotonic() < until:
            time.sleep(POLL_S)


def parent_of(process: psutil.Process) -> int:
    """The parent's process id, 0 when the process is gone."""
    try:
        return int(process.ppid())
    except psutil.NoSuchProcess:
        return 0


def send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def die_with_parent() -> None:
    """Between fork and exec: have the kernel kill this process when the one that started it dies."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
