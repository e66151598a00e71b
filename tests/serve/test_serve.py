import signal
import socket
from collections.abc import Callable

import psutil
import pytest

from tests.serve.running import Serve, alive, eventually, manage

pytestmark = pytest.mark.slow

COUNT_USERS = "from governance.models import User; print(User.objects.count())"
ADD_USER = "from governance.models import User; User.objects.create_user('ana@example.com', 'x')"


def test_serve_answers_and_on_sigterm_leaves_no_process(start_serve: Callable[[], Serve]) -> None:
    serve = start_serve()
    assert eventually(serve.is_ready), serve.log.read_text()
    assert serve.answers()
    assert eventually(lambda: {"daphne", "worker", "beat"} <= serve.words())
    everything = [*serve.children(), *serve.services()]
    assert {process.name() for process in everything} >= {"postgres", "redis-server"}

    assert serve.end(signal.SIGTERM) == 0
    assert alive(everything) == []


def test_a_second_serve_is_refused_and_says_where_the_first_is(
    start_serve: Callable[[], Serve], environment: dict[str, str]
) -> None:
    serve = start_serve()
    assert eventually(serve.answers)
    second = manage(environment, "serve")
    assert second.returncode == 1
    assert second.stderr == f"AskAcme is already running here (pid {serve.process.pid}: {serve.url}).\n"


def test_after_kill_9_no_child_is_left_and_the_next_start_has_every_row(
    start_serve: Callable[[], Serve], environment: dict[str, str]
) -> None:
    serve = start_serve()
    assert eventually(serve.answers)
    assert manage(environment, "shell", "-v0", "-c", ADD_USER).returncode == 0
    children = serve.children()
    serve.end(signal.SIGKILL)
    assert alive(children) == []

    again = start_serve()
    assert eventually(again.answers), again.log.read_text()
    assert manage(environment, "shell", "-v0", "-c", COUNT_USERS).stdout == "1\n"


def test_a_taken_port_is_named_before_anything_is_started(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["PORT"]))):
        refused = manage(environment, "serve")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {environment['PORT']} is taken")
    assert refused.stderr.count("\n") == 1


def test_a_command_starts_the_services_for_itself_and_leaves_none(environment: dict[str, str]) -> None:
    counted = manage(environment, "shell", "-v0", "-c", COUNT_USERS)
    assert counted.stdout == "0\n"
    assert "Starting the embedded services" in counted.stderr
    assert not [p for p in psutil.process_iter(["cwd"]) if str(p.info["cwd"]).startswith(environment["ASKACME_VAR"])]


def test_a_directory_that_cannot_be_written_is_one_clear_line(environment: dict[str, str]) -> None:
    refused = manage(environment | {"ASKACME_VAR": "/proc/askacme"}, "migrate")
    assert refused.returncode == 1
    assert refused.stderr.startswith("/proc/askacme cannot be written")
