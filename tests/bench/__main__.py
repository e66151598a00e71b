"""
`make bench`: how fast and how good, as Markdown tables: import, search, answers, guards, and the gateway to the models.

On Acme's handbook, or with `CORPUS=dir` on `dir/docs` and `dir/questions.jsonl`, or on a set of passages in BEIR's
format; in a database of its own. `SECURITY=dir` holds labelled prompts and personal data (`injection*.jsonl`,
`pii*.jsonl`). Search is measured once more among `CHUNKS` synthetic chunks (100,000 unless said otherwise; 0 leaves
that out).
"""

import os
import sys
from asyncio import Runner
from contextlib import ExitStack
from pathlib import Path

from tests import services
from tests.bench.output import say


def main() -> None:
    corpus = os.environ.get("CORPUS", "")
    with ExitStack() as stack:
        services.start(stack)
        prepare()
        from askacme.lib.errors import AskAcmeError

        try:
            measure(Path(corpus) if corpus else None)
            if chunks := int(os.environ.get("CHUNKS") or 100_000):
                say(among(chunks))
        except AskAcmeError as error:
            sys.exit(str(error))


def prepare() -> None:
    """The environment and the schema that `serve` gives its processes."""
    from askacme.serve.programs import environment

    os.environ |= {**environment(), "ASKACME_LOG_LEVEL": "WARNING"}
    from askacme.serve.schema import bring_up_to_date

    bring_up_to_date(lambda: say("Preparing a database …", to=sys.stderr))


def measure(folder: Path | None) -> None:
    from askacme.lib.per_loop import close_all
    from governance.evaluation.golden import load
    from governance.evaluation.run import summarise, table
    from tests.bench import (
        answering,
        auditing,
        canaries,
        crowd,
        embedding,
        faults,
        guards_overhead,
        ingesting,
        injection,
        machine,
        overhead,
        passages,
        personal_data,
        routing,
        searching,
        spending,
    )
    from tests.bench.corpus import demo, on_disk

    if folder and passages.is_one(folder):
        say(passages.table(folder))
        return
    corpus = on_disk(folder) if folder else demo()
    say(machine.table())
    say(ingesting.table(corpus))
    cases, user = load(corpus.questions), corpus.reader()
    say(embedding.table(ingesting.embedded_texts(), [case.standalone for case in cases]))
    say(searching.table(cases, user))
    say(routing.table())
    with Runner() as runner:
        run = answering.run(cases, user, runner)
        say(answering.table(run))
        say(f"## Quality: {corpus.name}\n\n{table(summarise(run.results))}")
        security = Path(os.environ.get("SECURITY") or "nowhere")
        say(injection.table(next(security.glob("injection*.jsonl"), None)))
        say(personal_data.table(security.glob("pii*.jsonl")))
        for measured in (guards_overhead.table, overhead.table, faults.matrix, faults.crowd, spending.table):
            say(runner.run(measured()))
        questions = [case.standalone for case in cases]
        for over_sockets in (crowd.table, crowd.sockets_table):
            say(runner.run(over_sockets(questions, user)))
        say(auditing.table())
        say(canaries.table())
        runner.run(close_all())


def among(chunks: int) -> str:
    from django.db import connection

    from tests.bench import scale

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE knowledge_document, auth_group, knowledge_word CASCADE")
    return scale.table(chunks)


if __name__ == "__main__":
    main()
