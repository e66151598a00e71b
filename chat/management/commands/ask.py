"""`manage.py ask`: one answer through the full pipeline."""

import json
from argparse import ArgumentParser
from asyncio import run
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from askacme.lib.errors import AskAcmeError
from askacme.lib.per_loop import close_all
from askacme.lib.threads import in_thread
from chat.conversations.schema import AnswerOut, answer_object
from chat.runs.services import ask_and_wait
from governance.access.audience import Audience
from governance.access.people import person_or_nobody
from governance.guardrails.pii.vault import values_for


class Command(BaseCommand):
    help = "Answer one question, as the given person sees the documents; without --user, as someone in no group."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--user", metavar="EMAIL", help="whose documents to answer from")
        parser.add_argument("--json", action="store_true", help="print the object of POST /api/v1/ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            answer = run(answered(options["question"], options["user"]))
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) if options["json"] else as_text(answer))


async def answered(question: str, email: str | None) -> dict[str, Any]:
    user = await in_thread(person_or_nobody, email)
    try:
        message = await ask_and_wait(user=user, question=question)
        told = AnswerOut.model_validate(await in_thread(answer_object, message, await in_thread(Audience.of, user)))
        values = await in_thread(values_for, str(message.conversation_id), message.question, message.answer)
        return told.unveiled(values).model_dump(mode="json")
    finally:
        await close_all()


def as_text(answer: dict[str, Any]) -> str:
    lines = [answer["answer"]]
    if answer["sources"]:
        lines.append("")
    for source in answer["sources"]:
        page = f", page {source['page']}" if source["page"] else ""
        heading = f" › {source['heading']}" if source["heading"] else ""
        lines.append(
            f"[{source['n']}] {source['document']}{heading} ({source['path']}, version {source['version']}{page})"
        )
    return "\n".join(lines)
