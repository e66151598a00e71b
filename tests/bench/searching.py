"""How long a search takes, part by part."""

from collections.abc import Sequence

from governance.access.audience import Audience
from governance.access.models import User
from governance.evaluation.golden import GoldenCase
from governance.gateway.embeddings import embedder
from knowledge.search.search import find
from tests.bench import output

ROUNDS = 3


def table(cases: Sequence[GoldenCase], user: User) -> str:
    audience = Audience.of(user)
    times = [searched(case, audience) for _ in range(ROUNDS) for case in cases]
    rows = [(part, *output.percentiles_ms([time[part] for time in times])) for part in times[0]]
    total = ("all", *output.percentiles_ms([sum(time.values()) for time in times]))
    head = ("part", "p50 ms", "p95 ms")
    return output.table(f"Search: {len(cases)} questions, {ROUNDS} rounds", head, [*rows, total])


def searched(case: GoldenCase, audience: Audience) -> dict[str, float]:
    embedder().forget_questions()
    return dict(find(case.standalone, audience=audience).took_ms)
