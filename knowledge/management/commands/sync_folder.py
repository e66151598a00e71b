"""`manage.py sync_folder`: a folder whose documents are kept in step."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from askacme.lib.errors import AskAcmeError, InvalidInput
from governance.access.people import person
from knowledge.audience.models import Collection
from knowledge.management.commands.import_documents import groups_named
from knowledge.sources.commandline import SyncCommand
from knowledge.sources.models import Source
from knowledge.sources.services import collection_for, folder_source, set_defaults


class Command(SyncCommand):
    help = (
        "Keep documents in step with a folder: new and changed files are taken in, files that are gone withdraw their "
        "documents, unchanged ones cost nothing. Documents uploaded by hand are not touched. A renamed file is a "
        "removed and a new one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--name", default="", help="of the source (default: the folder's)")
        seen_by = parser.add_mutually_exclusive_group()
        seen_by.add_argument("--collection", metavar="NAME", help="new documents join it, and are seen by whom it is")
        seen_by.add_argument(
            "--audience",
            nargs="+",
            metavar="GROUP",
            help="only these groups see new documents: through a collection of the source's name (without either, "
            "everyone does). It is remembered",
        )
        parser.add_argument("--owner", metavar="EMAIL", help="the person to ask about new documents; remembered")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        super().add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        self.quiet = options["json"]
        try:
            source = self.source(options)
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        self.run(source, options)

    def source(self, options: dict[str, Any]) -> Source:
        owner = person(options["owner"]) if options["owner"] else None
        collection = collection_named(options["collection"]) if options["collection"] else None
        groups = groups_named(options["audience"]).groups if options["audience"] else ()
        folder = options["folder"]
        if not folder.is_dir() and not Source.objects.filter(address=str(folder.resolve())).exists():
            raise InvalidInput(f"There is no folder {folder}.")
        source = folder_source(root=folder, name=options["name"], dry_run=options["dry_run"])
        if not options["dry_run"]:
            if groups:
                collection = collection_for(source=source, groups=groups, actor=None)
            set_defaults(source=source, collection=collection, owner=owner, actor=None)
        return source


def collection_named(name: str) -> Collection:
    collection = Collection.objects.filter(name=name).first()
    if collection is None:
        known = ", ".join(Collection.objects.values_list("name", flat=True)) or "none yet"
        raise InvalidInput(f"There is no collection {name!r}. There are: {known}.")
    return collection
