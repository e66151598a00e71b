"""`manage.py verify_audit`: whether the audit record is what it was."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from governance.audit.chain import verify


def place(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    if not seq.isdigit() or not digest:
        raise ArgumentTypeError("write it as it stands in the log: NUMBER:HASH")
    return int(seq), digest


class Command(BaseCommand):
    help = "Compute the audit record's chain anew. Exit code 1 and a line for each problem if it does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON object")
        parser.add_argument(
            "--anchor", type=place, metavar="NUMBER:HASH", help="an anchor from the log that must still fit"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        verified = verify(known=options["anchor"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(verified), ensure_ascii=False))
        else:
            for problem in verified.problems:
                self.stdout.write(str(problem))
            head = f"{verified.head[0]}:{verified.head[1]}" if verified.head else "nothing"
            self.stdout.write(
                f"{verified.rows:,} rows, {verified.anchors:,} anchors, up to {head}. {words(verified.problems)}"
            )
            if verified.unanchored:
                self.stdout.write(
                    f"{verified.unanchored:,} rows are younger than the latest anchor. Note {head} elsewhere: it shows"
                    " whether any of them are cut off."
                )
        if verified.problems:
            sys.exit(1)


def words(problems: tuple[object, ...]) -> str:
    return f"{len(problems)} problems." if problems else "The record is complete and unchanged."
