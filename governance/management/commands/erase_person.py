"""`manage.py erase_person`: all that tells of a person goes; figures stay, and the audit record still verifies."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError
from governance.access.people import person
from governance.audit.erasure import erase_person


class Command(BaseCommand):
    help = "Erase a person: account, conversations, and the words of what is on record. It can't be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--reason", required=True, metavar="R", help="why, such as the request it answers")
        parser.add_argument("--documents-to", default="", metavar="EMAIL", help="who owns the person's documents then")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            heir = person(options["documents_to"]) if options["documents_to"] else None
            erased = erase_person(actor=None, email=options["email"], reason=options["reason"], heir=heir)
        except AskAcmeError as error:
            raise CommandError(str(error)) from None
        counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in erased.counts.items() if count)
        self.stdout.write(f"Erased: {counts}." if counts else "Nothing was left to erase.")
