"""`manage.py train_guards`: the guards learn anew from their examples."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import ModelUnavailable
from governance.guardrails.classifiers.training import train


class Command(BaseCommand):
    help = "Learn the guards' weights from their examples, and write the card that says how good they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            learned = train()
        except ModelUnavailable as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            said = {lesson.guard: {name: asdict(one) for name, one in lesson.figures.items()} for lesson in learned}
            self.stdout.write(json.dumps(said))
            return
        for lesson in learned:
            for name, one in lesson.figures.items():
                self.stdout.write(
                    f"{lesson.guard} ({name}): {one.recall:.3f} found, {one.false_positives:.3f} false alarms, "
                    f"kind right for {one.accuracy:.3f} of {one.examples} examples held back"
                )
