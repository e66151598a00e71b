"""`manage.py evaluate`: a golden set through search and the full pipeline."""

import json
from argparse import ArgumentParser
from asyncio import Runner
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError
from askacme.lib.per_loop import close_all
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.runs.play import play
from governance.access.audience import Audience
from governance.access.models import User
from governance.access.people import person_or_nobody
from governance.evaluation.golden import GoldenCase, load
from governance.evaluation.run import Answered, as_json, evaluate, summarise, table
from knowledge.search.search import Hit, search


class Command(BaseCommand):
    help = "Run a golden set (JSON Lines) through search and answering, and print the figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="golden questions, one JSON object a line")
        parser.add_argument("--user", metavar="EMAIL", help="whose documents to answer from")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write every result to this file")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            cases = load(options["file"])
            user = person_or_nobody(options["user"])
            with Runner() as runner:
                results = evaluate(cases, search=searcher(user), answer=answerer(user, runner))
                runner.run(close_all())
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        rows = summarise(results)
        self.stdout.write(table(rows))
        if options["json"]:
            options["json"].write_text(json.dumps(as_json(rows, results), indent=1, ensure_ascii=False))


def searcher(user: User) -> Any:
    audience = Audience.of(user)

    def find(question: str) -> list[Hit]:
        return search(question, audience=audience, top=10)

    return find


def answerer(user: User, runner: Runner) -> Any:
    def answer(case: GoldenCase) -> Answered:
        return runner.run(answered(user, case))

    return answer


async def answered(user: User, case: GoldenCase) -> Answered:
    """Answered by the one pipeline, in a conversation of its own that is deleted afterwards."""
    message = await play(user=user, before=case.history, question=case.question)
    return await in_thread(seen, message)


def seen(message: Message) -> Answered:
    sources = tuple(message.citations.values_list("version__document__path", flat=True))
    found = Answered(message.answer, message.status, sources, message.latency_ms or 0, message.standalone)
    message.conversation.delete()
    return found
