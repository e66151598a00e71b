"""`manage.py serve`: all of AskAcme in one command."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from askacme.config import load
from askacme.demo.hr_place import HrPlace, settle_in
from askacme.serve.first_reading import read_waiting_documents
from askacme.serve.options import ServeOptions, add_arguments
from askacme.serve.output import Log
from askacme.serve.programs import programs_for
from askacme.serve.schema import bring_up_to_date
from askacme.serve.supervisor import Supervisor, answers
from knowledge.documents.models import DocumentVersion


class Command(BaseCommand):
    help = "Run everything: database and Redis (unless you have your own), web, worker and beat, until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser, load())

    def handle(self, **options: Any) -> None:
        # manage.py has made sure that we are the only one, that the port is free, and that the services run.
        config = load()
        chosen = ServeOptions.of(options, config)
        log = Log(sys.stdout)
        bring_up_to_date(lambda: log.say("Bringing the database up to date …"))
        hr = settle_in(config.var, near_port=chosen.port) if chosen.demo else None
        banner = [f"AskAcme is ready: {chosen.url}", *(demo_lines(log, hr) if hr else [])]
        close_connections()
        Supervisor(
            programs_for(chosen, config.log_level, hr),
            log,
            is_ready=lambda: answers(chosen.local_host, chosen.port, allowed_host()),
            on_ready=lambda: log.say("\n".join(banner)),
        ).run()


def demo_lines(log: Log, hr: HrPlace) -> list[str]:
    """Load the demo company; returns the lines that say how to sign in."""
    from askacme.demo.load import load_demo

    log.say("Loading the demo company …")
    people = load_demo(hr)
    if DocumentVersion.objects.unfinished().exists():
        log.say("Reading its handbook, so that the first question finds it …")
        read_waiting_documents(log)
    return ["Sign in as one of:", *map(str, people)]


def close_connections() -> None:
    """The pool's threads must not live where processes are forked."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()


def allowed_host() -> str:
    """A host name that the site answers to."""
    first = str(settings.ALLOWED_HOSTS[0]) if settings.ALLOWED_HOSTS else "localhost"
    return "localhost" if first == "*" else first.lstrip(".")
