"""One supervised process: started, read, restarted, stopped."""

import os
import signal
import subprocess
import time
from collections import deque
from pathlib import Path

from askacme.serve.output import LineBuffer, Log
from askacme.serve.processes import die_with_parent
from askacme.serve.programs import Program

FORGIVEN_AFTER_S = 60.0
READ_BYTES = 65_536


class Child:
    """
    A program and the process that runs it now, if any.

    It has a process group of its own, so that Ctrl-C reaches only `serve`, and it dies with `serve`, whatever
    kills that.
    """

    def __init__(self, program: Program, log: Log, directory: Path, environment: dict[str, str]) -> None:
        self.program = program
        self.restart_at: float | None = None
        self._log = log
        self._directory = directory
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._lines = LineBuffer()
        self._deaths: deque[float] = deque()

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def output(self) -> int | None:
        """The file descriptor of what it prints."""
        return self._process.stdout.fileno() if self._process and self._process.stdout else None

    def start(self) -> None:
        self.restart_at = None
        self._process = subprocess.Popen(
            self.program.command,
            cwd=self._directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here, and it is one system call
        )
        if self._process.stdout:
            os.set_blocking(self._process.stdout.fileno(), False)

    def pass_output_on(self) -> bool:
        """Copy what it has printed since to the log. False once there will be no more."""
        if (output := self.output) is None:
            return False
        try:
            while data := os.read(output, READ_BYTES):
                for line in self._lines.feed(data):
                    self._log.line(self.program.name, line)
        except BlockingIOError:
            return True
        return False

    def reap(self) -> int | None:
        """
        The exit code if it has ended, else None. Negative codes are signals.

        What the process may have left in its group is killed.
        """
        if self._process is None or self._process.poll() is None:
            return None
        self.pass_output_on()
        for line in self._lines.flush():
            self._log.line(self.program.name, line)
        self.send_to_group(signal.SIGKILL)
        if self._process.stdout:
            self._process.stdout.close()
        code, self._process = self._process.returncode, None
        return code

    def recent_deaths(self) -> int:
        """Note a death that nobody asked for; returns how many there were within a minute."""
        now = time.monotonic()
        self._deaths.append(now)
        while self._deaths[0] < now - FORGIVEN_AFTER_S:
            self._deaths.popleft()
        return len(self._deaths)

    def ask_to_stop(self) -> None:
        if self._process:
            self._process.terminate()

    def send_to_group(self, number: signal.Signals) -> None:
        if self._process:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return
