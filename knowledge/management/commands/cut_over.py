"""`manage.py cut_over`: searches use another index from now on."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError
from knowledge.index.building import cut_over
from knowledge.index.models import SearchIndex


class Command(BaseCommand):
    help = "Let searches use the search index with this number; the one that was live stands by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        index = SearchIndex.objects.filter(pk=options["number"]).first()
        if index is None:
            raise CommandError(f"There is no search index {options['number']}.")
        try:
            cut_over(index=index, actor=None)
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        words = f"Searches use {index} from now on."
        self.stdout.write(json.dumps({"number": index.number, "state": index.state}) if options["json"] else words)
