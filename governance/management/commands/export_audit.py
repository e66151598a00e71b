"""`manage.py export_audit`: the audit record as JSON Lines of OCSF events, to the standard output."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from governance.audit.export import MODELS, export


def moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date or time such as 2026-07-01 or 2026-07-01T08:00+02:00") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Write the audit record as JSON Lines (OCSF). Times without a zone are UTC."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=moment, metavar="T", help="from this moment on")
        parser.add_argument("--until", type=moment, metavar="T", help="before this moment")
        parser.add_argument("--kind", choices=[str(kind) for kind in MODELS], default="", help="only acts, or answers")

    def handle(self, *_args: Any, **options: Any) -> None:
        chosen = {name: options[name] for name in ("since", "until", "kind")}
        for line in export(actor=None, **chosen):
            self.stdout.write(line, ending="")
