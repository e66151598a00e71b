"""`manage.py build_index`: a new search index beside the live one."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError
from knowledge.index.building import build_index, work_on


class Command(BaseCommand):
    help = "Build a search index with another model or chunk size beside the live one. Cut over to it with cut_over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="name of an embedding model, e.g. all-MiniLM-L6-v2")
        parser.add_argument("--max-tokens", type=int, metavar="N", help="largest chunk (default: all the model reads)")
        parser.add_argument("--wait", action="store_true", help="fill it here instead of in a worker")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            index = build_index(model=options["model"], max_tokens=options["max_tokens"], actor=None)
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        if options["wait"]:
            work_on(index.pk)
            index.refresh_from_db()
        if index.error:
            raise CommandError(index.error)
        found = {"number": index.number, "state": index.state, "chunks": index.chunk_count}
        words = f"{index}: {index.get_state_display()}, {index.chunk_count} chunks."
        self.stdout.write(json.dumps(found) if options["json"] else words)
