"""What the commands that sync have in common: running a source, and saying what became of it."""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError

from askacme.lib.errors import AskAcmeError
from knowledge.documents.importing import follow
from knowledge.sources.items import Options
from knowledge.sources.models import Source
from knowledge.sources.services import sync

PING_TIMEOUT_S = 1.0
TAKEN_IN = frozenset({"new", "changed"})
NO_WORKER = "No worker is running: the files are read once `manage.py serve` runs, or at once with --wait."


@dataclass(slots=True)
class Row:
    """One file's or page's line. `outcome` is new, changed, unchanged, removed, kept, failed, or with --wait ready."""

    address: str
    outcome: str
    error: str | None = None
    version_id: int | None = None

    def __str__(self) -> str:
        return f"{self.outcome:<10}{self.address}{f': {self.error}' if self.error else ''}"


class SyncCommand(BaseCommand):
    """Runs one source and prints a line for each file or page."""

    quiet = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="withdraw documents even when suspiciously many are no longer there"
        )
        parser.add_argument(
            "--take-over", action="store_true", help="adopt documents uploaded by hand under a path of the source"
        )
        parser.add_argument("--wait", action="store_true", help="until what was taken in is ready or has failed")
        parser.add_argument("--json", action="store_true", help="print one JSON object at the end")

    def run(self, source: Source, options: dict[str, Any]) -> None:
        """Raises CommandError when the run fails, or everything in it."""
        chosen = Options(force=options["force"], take_over=options["take_over"], dry_run=bool(options.get("dry_run")))
        rows: list[Row] = []
        reason = ""
        try:
            for outcome in sync(source=source, options=chosen):
                rows.append(Row(outcome.address, outcome.word, outcome.why or None, outcome.version_id))
                if outcome.word != "unchanged":
                    self.say(str(rows[-1]))
        except AskAcmeError as error:
            reason = str(error)
        if not chosen.dry_run:
            self.see_through(rows, wait=options["wait"])
        self.sum_up(source, rows, reason)

    def see_through(self, rows: list[Row], *, wait: bool) -> None:
        queued = {row.version_id: row for row in rows if row.version_id and row.outcome in TAKEN_IN}
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
            self.say(str(row))

    def sum_up(self, source: Source, rows: list[Row], reason: str) -> None:
        counts = Counter(row.outcome for row in rows)
        if self.quiet:
            said = {"source": source.name, "items": [asdict(row) for row in rows], **counts, "error": reason or None}
            self.stdout.write(json.dumps(said, indent=2, ensure_ascii=False))
        summary = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing there"
        self.say(f"{source.name}: {summary}.")
        if reason:
            raise CommandError(reason)
        if rows and counts["failed"] == len(rows):
            raise CommandError(f"Nothing of {source.name!r} could be taken in: {summary}.")

    def say(self, line: str) -> None:
        if not self.quiet:
            self.stdout.write(line)


def a_worker_answers() -> bool:
    try:
        return bool(current_app.control.ping(timeout=PING_TIMEOUT_S, limit=1))
    except OperationalError:
        return False
