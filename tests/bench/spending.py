"""Many calls at once against a budget that allows only some of them: what was spent, and what is still set aside."""

import asyncio
from collections import Counter
from contextlib import ExitStack
from decimal import Decimal
from uuid import uuid4

from django.db.models import Sum

from askacme.lib.errors import BudgetExceeded
from askacme.lib.threads import in_thread
from governance.gateway.complete import complete
from governance.gateway.models import Inference
from governance.gateway.money.models import Budget, Hold
from governance.gateway.types import Caller
from tests.bench import output
from tests.bench.faults import REQUEST, config, forget_breakers
from tests.bench.overhead import providers
from tests.llm.replies import Reply
from tests.llm.server import running_simulator

CALLS = 200
PRICES = {"small": {"input": "1", "output": "10"}}
COST = Decimal("0.00107")
"""Of one call: 1,000 tokens in and 7 out."""


async def table() -> str:
    rows = [await row(allowed) for allowed in (50, 500)]
    head = ("budget for", "calls at once", "answered", "refused", "limit $", "spent $", "by the rows $", "holds open")
    return output.table("Budgets", head, rows)


async def row(allowed: int) -> tuple[object, ...]:
    forget_breakers()
    limit = (COST * allowed).quantize(Decimal("0.01"))
    await in_thread(Inference.objects.all().delete)
    budget = await in_thread(Budget.objects.create, scope="company", period="month", limit_usd=limit)
    with ExitStack() as stack:
        simulator = stack.enter_context(running_simulator())
        simulator.script = [Reply(first_token_s=0.05)]
        stack.enter_context(
            providers(config("p0", "openai", simulator.base_url, streams=True) | {"prices": PRICES, "timeout_s": 30})
        )
        outcomes = Counter(await asyncio.gather(*(outcome() for _ in range(CALLS))))
    spent, by_rows, held = await in_thread(figures, budget)
    return f"{allowed} calls", CALLS, outcomes["answered"], outcomes["refused"], limit, spent, by_rows, held


async def outcome() -> str:
    try:
        await complete(REQUEST, caller=Caller(str(uuid4()), purpose="bench"))
    except BudgetExceeded:
        return "refused"
    return "answered"


def figures(budget: Budget) -> tuple[Decimal, Decimal, int]:
    spent = budget.periods.aggregate(spent=Sum("spent_usd"))["spent"] or Decimal(0)
    by_rows = Inference.objects.aggregate(cost=Sum("cost_usd"))["cost"] or Decimal(0)
    held = Hold.objects.filter(state="held").count()
    budget.delete()
    return spent, by_rows, held
