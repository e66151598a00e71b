"""Keeps `serve`'s processes alive, and ends them in order."""

import http.client
import selectors
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from askacme.config import BASE_DIR
from askacme.lib.errors import ServiceUnavailable
from askacme.serve.child import Child
from askacme.serve.output import Log
from askacme.serve.programs import Program, environment

TICK_S = 0.1
MAX_DEATHS_A_MINUTE = 3
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """
    Runs programs until it is told to stop by a signal, in one thread.

    A second signal stops them without waiting for their work.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        log: Log,
        *,
        is_ready: Callable[[], bool],
        on_ready: Callable[[], None],
    ) -> None:
        shared_environment = environment()
        self._children = [Child(program, log, BASE_DIR, shared_environment) for program in programs]
        self._log = log
        self._is_ready = is_ready
        self._on_ready = on_ready
        self._ready = False
        self._signals = 0
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """
        Start everything and return once all of it has ended.

        Raises ServiceUnavailable when a program keeps dying; everything is stopped then, too.
        """
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        try:
            self._start_those(after_ready=False)
            while not self._signals:
                self._tick()
        finally:
            self._stop_all()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _tick(self) -> None:
        self._pass_output_on()
        for child in self._children:
            code = self._reap(child)
            if code is not None:
                self._plan_restart(child, code)
            if child.restart_at is not None and time.monotonic() >= child.restart_at:
                self._start(child)
        if not self._ready and self._is_ready():
            self._ready = True
            self._on_ready()
            self._start_those(after_ready=True)

    def _pass_output_on(self) -> None:
        for key, _ in self._selector.select(TICK_S):
            if not key.data.pass_output_on():
                self._selector.unregister(key.fileobj)

    def _start_those(self, *, after_ready: bool) -> None:
        for child in self._children:
            if child.program.after_ready is after_ready:
                self._start(child)

    def _start(self, child: Child) -> None:
        child.start()
        if (output := child.output) is not None:
            self._selector.register(output, selectors.EVENT_READ, child)

    def _reap(self, child: Child) -> int | None:
        output = child.output
        code = child.reap()
        if code is not None and output is not None and output in self._selector.get_map():
            self._selector.unregister(output)
        return code

    def _plan_restart(self, child: Child, code: int) -> None:
        deaths = child.recent_deaths()
        name = child.program.name
        if deaths >= MAX_DEATHS_A_MINUTE:
            raise ServiceUnavailable(
                f"{name} ended {deaths} times within a minute ({ending(code)}), so everything is stopped: "
                "its last lines above say why."
            )
        wait_s = 2.0 ** (deaths - 1)
        self._log.say(f"{name} ended by itself ({ending(code)}); it is started again in {wait_s:.0f} s.")
        child.restart_at = time.monotonic() + wait_s

    def _stop_all(self) -> None:
        self._log.say("Stopping …")
        for child in self._children:
            child.ask_to_stop()
            self._wait_for(child)
        self._selector.close()

    def _wait_for(self, child: Child) -> None:
        until = time.monotonic() + child.program.stop_timeout_s
        while child.is_running:
            if time.monotonic() > until or self._signals > 1:
                child.send_to_group(signal.SIGKILL)
            self._pass_output_on()
            self._reap(child)


def ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def answers(host: str, port: int, host_name: str) -> bool:
    """Whether `/healthz` answers there, to a request for `host_name`."""
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host_name})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
