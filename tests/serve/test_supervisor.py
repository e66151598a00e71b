import io
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from askacme.lib.errors import ServiceUnavailable
from askacme.serve.output import Log
from askacme.serve.programs import Program
from askacme.serve.supervisor import STOP_SIGNALS, Supervisor, ending

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def signal_handlers_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def python(name: str, code: str, stop_timeout_s: float = 5) -> Program:
    return Program(name, (sys.executable, "-c", code), stop_timeout_s)


def stop_when_it_says(word: str, programs: list[Program]) -> str:
    """Run the programs until one of them says `word`; returns the log."""
    stream = io.StringIO()
    Supervisor(
        programs,
        Log(stream),
        is_ready=lambda: word in stream.getvalue(),
        on_ready=lambda: os.kill(os.getpid(), signal.SIGTERM),
    ).run()
    return stream.getvalue()


def test_what_programs_say_stands_behind_their_names() -> None:
    log = stop_when_it_says("up", [python("web", "import time; print('up', flush=True); time.sleep(60)")])
    assert "web     │ up\n" in log
    assert log.endswith("askacme │ Stopping …\n")


def test_a_program_that_ends_is_started_again(tmp_path: Path) -> None:
    code = f"""if True:
        import pathlib, time
        once = pathlib.Path({str(tmp_path / "once")!r})
        if once.exists():
            print("up", flush=True)
            time.sleep(60)
        once.touch()
    """
    log = stop_when_it_says("up", [python("worker", code)])
    assert "worker ended by itself (exit code 0); it is started again in 1 s." in log


@pytest.mark.slow
def test_a_program_that_keeps_dying_stops_everything() -> None:
    steady = python("web", "import time; time.sleep(60)")
    with pytest.raises(ServiceUnavailable, match=r"beat ended 3 times within a minute \(exit code 3\)"):
        Supervisor(
            [python("beat", "raise SystemExit(3)"), steady],
            Log(io.StringIO()),
            is_ready=lambda: False,
            on_ready=lambda: None,
        ).run()
    assert not [child for child in psutil.Process().children() if child.cmdline() == list(steady.command)]


def test_a_program_that_ignores_sigterm_is_killed_in_bounded_time() -> None:
    stop_when_it_says("up", [python("worker", STUBBORN, stop_timeout_s=0.2)])
    assert not [child for child in psutil.Process().children() if STUBBORN in child.cmdline()]


def test_a_grandchild_does_not_outlive_its_program() -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STUBBORN!r}])"
    stop_when_it_says("up", [python("worker", code)])
    assert not [process for process in psutil.process_iter(["cmdline"]) if STUBBORN in (process.info["cmdline"] or [])]


def test_the_way_of_ending_is_named() -> None:
    assert ending(1) == "exit code 1"
    assert ending(-9) == "killed by SIGKILL"
    assert ending(-64) == "killed by signal 64" or ending(-64).startswith("killed by SIG")
