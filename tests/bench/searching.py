"""How long a search takes, the question's embedding and the database apart."""

import time
from collections.abc import Sequence
from itertools import pairwise

from governance.access.audience import Audience
from governance.access.models import User
from governance.evaluation.golden import GoldenCase
from governance.gateway.embeddings import embedder
from knowledge.search.search import candidates, rank
from tests.bench import output

ROUNDS = 3


def table(cases: Sequence[GoldenCase], user: User) -> str:
    audience = Audience.of(user)
    times = [times_ms(case.standalone, audience) for _ in range(ROUNDS) for case in cases]
    parts = ("embedding", "database", "ranking", "all")
    rows = [(part, *output.percentiles_ms([time[place] for time in times])) for place, part in enumerate(parts)]
    return output.table(f"Search: {len(cases)} questions, {ROUNDS} rounds", ("part", "p50 ms", "p95 ms"), rows)


def times_ms(question: str, audience: Audience) -> tuple[float, float, float, float]:
    """What `search` does, step by step."""
    marks = [time.perf_counter()]
    vector = embedder().embed([question])
    marks.append(time.perf_counter())
    found = candidates(question, vector, audience)
    marks.append(time.perf_counter())
    rank(found, 10)
    marks.append(time.perf_counter())
    embedding, database, ranking = (1000 * (after - before) for before, after in pairwise(marks))
    return embedding, database, ranking, embedding + database + ranking
