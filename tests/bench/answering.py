"""How long answers take through the whole pipeline, and how good they are: each question is asked once."""

from asyncio import Runner
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.runs.play import play
from governance.access.audience import Audience
from governance.access.models import User
from governance.evaluation.golden import GoldenCase
from governance.evaluation.run import Answered, Result, evaluate
from knowledge.search.search import Hit, search
from tests.bench import output


@dataclass
class Run:
    """Times in milliseconds from the moment the question was taken in; by stage, in the order in which they ran."""

    results: list[Result] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    ttft_ms: list[float] = field(default_factory=list)
    stages_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, message: Message) -> None:
        self.latency_ms.append(message.latency_ms or 0)
        if message.ttft_ms is not None:
            self.ttft_ms.append(message.ttft_ms)
        for stage in message.stages:
            self.stages_ms[stage["name"]].append(stage["ms"])


def run(cases: Sequence[GoldenCase], user: User, runner: Runner) -> Run:
    found, audience = Run(), Audience.of(user)

    def find(question: str) -> list[Hit]:
        return search(question, audience=audience, top=10)

    def answer(case: GoldenCase) -> Answered:
        message = runner.run(play(user=user, before=case.history, question=case.question))
        found.note(message)
        return runner.run(in_thread(seen, message))

    found.results = evaluate(cases, search=find, answer=answer)
    return found


def seen(message: Message) -> Answered:
    sources = tuple(message.citations.values_list("version__document__path", flat=True))
    return Answered(message.answer, message.status, sources, message.latency_ms or 0, message.standalone)


def table(run: Run) -> str:
    rows = {"whole answer": run.latency_ms, "to the first words": run.ttft_ms} | {
        f"stage: {stage}": took_ms for stage, took_ms in run.stages_ms.items()
    }
    return output.table(
        "Answers, one at a time",
        ("part", "n", "p50 ms", "p95 ms"),
        [(name, len(values), *output.percentiles_ms(values)) for name, values in rows.items()],
    )
