"""`manage.py import_documents`: files and folders from the disk."""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from celery import current_app
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError

from askacme.lib.errors import AskAcmeError, InvalidInput
from governance.access.people import person
from knowledge.audience.services import collection_named
from knowledge.documents.importing import files_below, follow, import_found
from knowledge.documents.models import DocumentVersion
from knowledge.documents.services import AudienceChoice, Upload

PING_TIMEOUT_S = 1.0
NO_WORKER = "No worker is running: the queued files are read once `manage.py serve` runs, or at once with --wait."


@dataclass(slots=True)
class Row:
    """One file's line. `outcome` is queued, ready, unchanged or failed."""

    path: str
    outcome: str
    version_id: int | None = None
    chunks: int = 0
    error: str | None = None

    def __str__(self) -> str:
        more = f": {self.error}" if self.error else f" ({passages(self.chunks)})" if self.chunks else ""
        return f"{self.outcome:<10}{self.path}{more}"


class Command(BaseCommand):
    help = (
        "Import files, zip archives and folders. A document's path is its path below the given folder; the same path "
        "again is the document's next version, and the same file again costs nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder with all below it")
        parser.add_argument(
            "--audience",
            nargs="+",
            metavar="GROUP",
            help="only these groups may see the documents (without: new ones are seen as their collection says, or by "
            "everyone; known ones unchanged)",
        )
        parser.add_argument(
            "--collection",
            metavar="NAME",
            help="new documents go into it, seen as it says unless --audience is given (known ones stay in theirs)",
        )
        parser.add_argument("--owner", metavar="EMAIL", help="the person to ask about new documents")
        parser.add_argument("--wait", action="store_true", help="until every file is ready or has failed")
        parser.add_argument("--json", action="store_true", help="print one JSON object at the end")

    def handle(self, *_args: Any, **options: Any) -> None:
        self.quiet = options["json"]
        try:
            audience = groups_named(options["audience"]) if options["audience"] else None
            owner = person(options["owner"]) if options["owner"] else None
            collection = collection_named(options["collection"]) if options["collection"] else None
            found = files_below(options["paths"])
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        rows = [
            self.note(path, outcome)
            for file in found
            for path, outcome in import_found(file, audience=audience, owner=owner, collection=collection)
        ]
        self.see_through(rows, wait=options["wait"])
        self.sum_up(rows)

    def note(self, path: str, taken: Upload | AskAcmeError) -> Row:
        if isinstance(taken, AskAcmeError):
            row = Row(path, "failed", error=str(taken))
        else:
            row = Row(taken.version.document.path, "queued", taken.version.pk)
            if not taken.is_new and taken.version.is_finished:
                row.outcome, row.chunks = "unchanged", taken.version.chunks.count()
        self.say(str(row))
        return row

    def see_through(self, rows: list[Row], *, wait: bool) -> None:
        queued = {row.version_id: row for row in rows if row.version_id and row.outcome == "queued"}
        if not queued:
            return
        worker_lives = a_worker_answers()
        if not wait:
            if not worker_lives:
                self.say(NO_WORKER)
            return
        for version in follow([*filter(None, queued)], worker_lives=worker_lives):
            row = queued[version.pk]
            row.outcome, row.error = version.state, version.error or None
            row.chunks = version.chunks.count()
            self.say(str(row))

    def sum_up(self, rows: list[Row]) -> None:
        """Raises CommandError when nothing at all could be imported."""
        counts = Counter(row.outcome for row in rows)
        if self.quiet:
            files = [asdict(row) for row in rows]
            named = {name: counts[name] for name in ("ready", "failed", "unchanged", "queued")}
            self.stdout.write(json.dumps({"files": files, **named}, indent=2, ensure_ascii=False))
        if not rows:
            raise CommandError("There is no file to import in what was named.")
        summary = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        if counts["failed"] == len(rows):
            raise CommandError(f"Nothing was imported: {summary}.")
        self.say(f"{summary}.")
        for row in rows:
            if row.outcome == DocumentVersion.State.FAILED:
                self.say(f"  failed: {row.path}: {row.error}")

    def say(self, line: str) -> None:
        if not self.quiet:
            self.stdout.write(line)


def passages(count: int) -> str:
    return f"{count} passage{'' if count == 1 else 's'}"


def groups_named(names: list[str]) -> AudienceChoice:
    """Raises InvalidInput for a name that is no group."""
    groups = {group.name: group for group in Group.objects.order_by("name")}
    if unknown := sorted(set(names) - set(groups)):
        raise InvalidInput(f"There is no group {', '.join(unknown)}. There are: {', '.join(groups) or 'none yet'}.")
    return AudienceChoice(groups=tuple(groups[name] for name in dict.fromkeys(names)))


def a_worker_answers() -> bool:
    try:
        return bool(current_app.control.ping(timeout=PING_TIMEOUT_S, limit=1))
    except OperationalError:
        return False
