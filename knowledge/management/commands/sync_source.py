"""`manage.py sync_source`: one source of the console, now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from askacme.lib.errors import AskAcmeError
from knowledge.sources.commandline import SyncCommand
from knowledge.sources.services import source_named


class Command(SyncCommand):
    help = (
        "Sync a source by its name: the pages of a sitemap or of a list of addresses (made in the console under "
        "Sources), or a folder. Unchanged pages cost one request without content."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        super().add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        self.quiet = options["json"]
        try:
            source = source_named(options["name"])
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        self.run(source, options)
