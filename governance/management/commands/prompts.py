"""`manage.py prompts`: prompts as files, for teams that keep them in git."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from difflib import unified_diff
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError
from governance.access.people import person
from governance.prompts.files import as_text
from governance.prompts.semver import suggest
from governance.prompts.versions.exchange import Outcome, found, take_in, write_files


class Command(BaseCommand):
    help = "Export prompts to files, import files as drafts, or show what differs between two versions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="export|import|diff")
        out = acts.add_parser("export", help="write the released versions as NAME.md")
        out.add_argument("folder", metavar="DIR", type=Path)
        out.add_argument("--all", action="store_true", help="every version, as NAME@NUMBER.md")
        into = acts.add_parser("import", help="make a draft of each file that says something new; releases nothing")
        into.add_argument("folder", metavar="DIR", type=Path)
        into.add_argument("--user", metavar="EMAIL", required=True, help="whose drafts they are")
        diff = acts.add_parser("diff", help="what differs between two versions or files")
        diff.add_argument("before", metavar="A", help="answer@1.0.0, answer (the released one), or a file")
        diff.add_argument("after", metavar="B")
        for act in (out, into, diff):
            act.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["act"] == "diff":
                self.show_diff(options["before"], options["after"], as_json=options["json"])
            elif options["act"] == "export":
                self.tell(write_files(options["folder"], with_all=options["all"]), as_json=options["json"])
            else:
                done = take_in(options["folder"], actor=person(options["user"]))
                self.tell(done, as_json=options["json"])
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def tell(self, outcomes: list[Outcome], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([asdict(outcome) for outcome in outcomes]))
            return
        for outcome in outcomes:
            self.stdout.write(f"{outcome.file}: {outcome.version} {outcome.what}")

    def show_diff(self, before: str, after: str, *, as_json: bool) -> None:
        one, other = found(before), found(after)
        lines = [*unified_diff(as_text(one).splitlines(), as_text(other).splitlines(), before, after, lineterm="")]
        change = suggest(one.content, other.content)
        if as_json:
            told = {"same": one.content == other.content, "level": change.level, "reasons": list(change.reasons)}
            self.stdout.write(json.dumps({**told, "diff": lines}))
        elif one.content == other.content:
            self.stdout.write("They say the same.")
        else:
            self.stdout.write("\n".join([*lines, f"The change is {change.level}.", *change.reasons]))
