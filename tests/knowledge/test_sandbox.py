import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from askacme.lib.errors import EmptyFile, FileTooComplex, UnreadableFile
from knowledge.ingest import sandbox
from knowledge.ingest.parse import parse_file
from knowledge.ingest.sandbox import parse_safely
from tests.knowledge.files import make_pdf, write

MISBEHAVING = "tests.knowledge.files"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return write(tmp_path, "policy.md", "# Leave\n\nYou get 16 weeks.\n")


def test_the_document_comes_back_whole(tmp_path: Path) -> None:
    path = write(tmp_path, "leave.pdf", make_pdf([["You get 16 weeks."], [], ["Sign “here”."]]))
    assert parse_safely(path, "leave.pdf") == parse_file(path, "leave.pdf")


def test_the_parser_s_error_comes_back_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "empty.md", b"")
    with pytest.raises(EmptyFile, match="0 bytes"):
        parse_safely(path, "empty.md")


@pytest.mark.parametrize("function", ["loop", "spin"])
def test_a_parser_that_never_ends_is_stopped(policy: Path, function: str) -> None:
    began = time.monotonic()
    with pytest.raises(FileTooComplex, match=r"longer than 0\.5 seconds"):
        parse_safely(policy, "policy.md", timeout_s=0.5, parse=f"{MISBEHAVING}:{function}")
    assert time.monotonic() - began < 5


def test_a_parser_that_eats_memory_is_stopped(policy: Path) -> None:
    with pytest.raises(FileTooComplex, match="memory"):
        parse_safely(policy, "policy.md", parse=f"{MISBEHAVING}:eat_memory", memory_bytes=400_000_000)


@pytest.mark.parametrize("function", ["crash", "raise_bug"])
def test_a_parser_that_crashes_fails_only_its_file(policy: Path, function: str) -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        parse_safely(policy, "policy.md", parse=f"{MISBEHAVING}:{function}")
    assert parse_safely(policy, "policy.md").title == "Leave"


def test_endless_nesting_is_too_complex(policy: Path) -> None:
    with pytest.raises(FileTooComplex, match="deep"):
        parse_safely(policy, "policy.md", parse=f"{MISBEHAVING}:recurse")


def test_the_caller_s_main_module_is_not_run_and_its_output_stays_clean(policy: Path, tmp_path: Path) -> None:
    script = write(
        tmp_path,
        "main.py",
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "print('ran main')\n"
        "from knowledge.ingest.sandbox import parse_safely\n"
        f"print(parse_safely(sys.argv[1], 'policy.md', parse='{MISBEHAVING}:chatter').title)\n",
    )
    done = subprocess.run([sys.executable, script, policy, *sys.path], capture_output=True, text=True, check=True)
    assert done.stdout == "ran main\nNone\n"
    assert done.stderr == ""


def test_many_threads_at_once(policy: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        titles = list(pool.map(lambda _: parse_safely(policy, "policy.md").title, range(24)))
    assert titles == ["Leave"] * 24


def test_a_warm_start_takes_a_moment(policy: Path) -> None:
    parse_safely(policy, "policy.md")
    fastest = min(_seconds(policy) for _ in range(10))
    assert fastest < 0.05


def test_the_server_dies_with_its_caller_even_when_that_is_killed(policy: Path) -> None:
    code = (
        "import sys; sys.path[:] = sys.argv[2:]\n"
        "from knowledge.ingest import sandbox\n"
        "sandbox.parse_safely(sys.argv[1], 'policy.md')\n"
        "print(sandbox._server._process.pid, flush=True)\n"
        f"sandbox.parse_safely(sys.argv[1], 'policy.md', parse='{MISBEHAVING}:loop')\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", code, policy, *sys.path], stdout=subprocess.PIPE, text=True)
    with caller:
        assert caller.stdout is not None
        server = int(caller.stdout.readline())
        caller.kill()
    deadline = time.monotonic() + 10
    while _session_lives(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _session_lives(server)


def test_a_killed_server_is_started_again(policy: Path) -> None:
    code = (
        "import os, signal, sys; sys.path[:] = sys.argv[2:]\n"
        "from knowledge.ingest import sandbox\n"
        "sandbox.parse_safely(sys.argv[1], 'policy.md')\n"
        "os.kill(sandbox._server._process.pid, signal.SIGKILL)\n"
        "print(sandbox.parse_safely(sys.argv[1], 'policy.md').title)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, policy, *sys.path], capture_output=True, text=True, check=True)
    assert done.stdout == "Leave\n"


class Enough(Exception):
    pass


def test_the_caller_is_asked_all_the_while_whether_to_go_on(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "BEAT_S", 0.01)
    beats: list[float] = []

    def beat(share: float) -> None:
        beats.append(share)
        if len(beats) == 3:
            raise Enough

    with pytest.raises(Enough):
        parse_safely(policy, "policy.md", parse=f"{MISBEHAVING}:loop", beat=beat)
    assert beats == [0.0, 0.0, 0.0]


def test_when_the_caller_gives_up_the_parser_and_its_programs_are_killed_at_once(
    tmp_path: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "BEAT_S", 0.05)
    pids = tmp_path / "policy.md.pids"

    def beat(_share: float) -> None:
        if pids.exists() and pids.read_text().endswith("\n"):
            raise Enough

    with pytest.raises(Enough):
        parse_safely(policy, "policy.md", parse=f"{MISBEHAVING}:run_a_program", beat=beat)
    left = [int(pid) for pid in pids.read_text().split()]
    deadline = time.monotonic() + 5
    while not all(map(_ended, left)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(left) == 2
    assert all(map(_ended, left))


def test_a_parser_can_say_how_far_it_is(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "BEAT_S", 0.05)
    shares: list[float] = []
    parsed = parse_safely(policy, "policy.md", parse=f"{MISBEHAVING}:say_how_far", beat=shares.append)
    assert parsed.text == "fine"
    assert 0.5 in shares


def _seconds(path: Path) -> float:
    began = time.monotonic()
    parse_safely(path, "policy.md")
    return time.monotonic() - began


def _session_lives(session: int) -> bool:
    """Whether any process of the server's session, its wardens and workers included, is still there."""
    return any(_session_of(process.pid) == session for process in psutil.process_iter())


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return -1


def _ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
