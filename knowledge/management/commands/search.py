"""`manage.py search`: the ranked passages for a query."""

import json
from argparse import ArgumentParser
from textwrap import indent, shorten
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError
from governance.access.audience import Audience
from governance.access.people import person
from knowledge.search.api import HitOut
from knowledge.search.search import search

MOST = 100


class Command(BaseCommand):
    help = "Find passages, as the given person sees the documents; without --user only in documents for everyone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", metavar="text")
        parser.add_argument("--user", metavar="EMAIL", help="whose documents to search")
        parser.add_argument("--top", type=int, default=10, metavar="N", help="how many passages (default %(default)s)")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 1 <= options["top"] <= MOST:
            raise CommandError(f"--top must lie between 1 and {MOST}.")
        try:
            audience = Audience.of(person(options["user"])) if options["user"] else Audience.nobody()
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        hits = [HitOut.of(hit) for hit in search(options["query"], audience=audience, top=options["top"])]
        if options["json"]:
            self.stdout.write(json.dumps([hit.model_dump() for hit in hits], indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n\n".join(as_text(hit) for hit in hits) or "Nothing found.")


def as_text(hit: HitOut) -> str:
    page = f", page {hit.page}" if hit.page else ""
    heading = f" › {hit.heading}" if hit.heading else ""
    source = f"{hit.document}{heading} ({hit.path}, version {hit.version}{page})"
    return f"{hit.rank:>2}. {hit.score:.3f}  {source}\n{indent(shorten(hit.text, 300), '    ')}"
