"""What `manage.py` prepares for a command before Django's settings load."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

from askacme.config import Config, load
from askacme.serve.embedded import ServiceUrls, running_services
from askacme.serve.options import ServeOptions
from askacme.serve.preflight import sole_serve

NEED_NO_SERVICES = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "makemigrations",
        "startapp",
        "startproject",
        "version",
    }
)
MIND_THE_SCHEMA_THEMSELVES = frozenset({"migrate", "serve", "showmigrations", "sqlmigrate", "test"})
ASK_FOR_HELP = frozenset({"-h", "--help", "--version"})


@contextmanager
def prepared(arguments: Sequence[str]) -> Iterator[None]:
    """
    Services and schema for the command in `arguments` (without the program's name), for the length of the
    context.

    Commands find the services that run already, or start them and stop them afterwards. Raises AskAcmeError
    with one line when that can't be done.
    """
    command = arguments[0] if arguments else "help"
    if command in NEED_NO_SERVICES or ASK_FOR_HELP.intersection(arguments):
        yield
        return
    config = load()
    leave_tidily_on_signals()
    with ExitStack() as stack:
        if command == "serve":
            stack.enter_context(sole_serve(config.var, ServeOptions.parse(arguments[1:], config)))
        stack.enter_context(exported_services(config))
        if command not in MIND_THE_SCHEMA_THEMSELVES:
            from askacme.serve.schema import bring_up_to_date

            bring_up_to_date(lambda: say("Bringing the database up to date …"))
        yield


@contextmanager
def exported_services(config: Config) -> Iterator[None]:
    """Put the services' URLs where the settings, and every child process, read them."""
    external = ServiceUrls(config.database_url, config.redis_url)
    starting = f"Starting the embedded services in {config.var} …"
    with running_services(config.var, external, on_start=lambda: say(starting)) as urls:
        os.environ["DATABASE_URL"] = urls.database
        os.environ["REDIS_URL"] = urls.redis
        yield


def leave_tidily_on_signals() -> None:
    """Let SIGTERM and a closed terminal unwind the stack like an exception, so that services are stopped."""

    def leave(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - Django's own output isn't there yet
