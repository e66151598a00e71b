"""`manage.py suite`: a regression suite, played in this process."""

import json
from argparse import ArgumentParser
from asyncio import Runner
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError, NotFound
from chat.suites.tasks import played
from governance.prompts.kinds import kind_of
from governance.prompts.semver import number_from
from governance.prompts.suites.models import CaseResult, Suite, SuiteRun
from governance.prompts.suites.services import start_run
from governance.prompts.suites.shown import failed_in
from governance.prompts.versions.models import PromptVersion


class Command(BaseCommand):
    help = "Run a regression suite with a version of a prompt, and print what fails. Red ends with an error."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the suite")
        parser.add_argument("--prompt", metavar="NAME@VERSION", help="the released answer prompt, if left out")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write every result, with its trace, to this file")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            suite = suite_of(options["name"])
            run = start_run(suite=suite, version=version_of(options["prompt"]), actor=None, later=here)
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        with Runner() as runner:
            runner.run(played(run.pk))
        run.refresh_from_db()
        results = list(run.results.all())
        for result in results:
            self.stdout.write(line_of(result))
        if options["json"]:
            told = [{"key": r.key, "verdict": r.verdict, "case": r.case, "tries": r.tries} for r in results]
            options["json"].write_text(json.dumps(told, indent=1, ensure_ascii=False))
        summary = f"{run.version.label}: {run.passed} of {run.total} passed, {run.not_judged} not judged."
        if not run.is_green:
            raise CommandError(f"Red. {summary}" if run.state == SuiteRun.State.DONE else f"Broke off. {summary}")
        self.stdout.write(f"Green. {summary}")


def here(_run_id: int) -> None:
    """This process plays it: nothing is queued."""


def suite_of(name: str) -> Suite:
    found = Suite.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Suite.objects.values_list("name", flat=True)) or "none"
        raise NotFound(f"There is no suite “{name}”. Suites: {known}.")
    return found


def version_of(label: str | None) -> PromptVersion:
    """Raises NotFound and InvalidInput."""
    name, _, number = (label or "answer").partition("@")
    versions = PromptVersion.objects.filter(prompt_id=kind_of(name).name)
    chosen = versions.filter(**number_from(number)._asdict()) if number else versions.filter(state="released")
    if found := chosen.first():
        return found
    raise NotFound(f"There is no version {label}.")


def line_of(result: CaseResult) -> str:
    words = f"flaky, {result.verdict}" if result.is_flaky else result.verdict
    wrong = next((found for each in result.tries if (found := failed_in(each))), [])
    why = "; ".join(f"{finding['check']}: {finding['wanted']}, got {finding['got']}" for finding in wrong)
    return f"{words:<10}  {result.key}" + (f"  ({why})" if why else "")
