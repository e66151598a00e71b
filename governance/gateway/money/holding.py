"""Setting money aside from asynchronous code: waits a little when calls under way hold what is left."""

import asyncio
import random
import time
from contextlib import suppress
from decimal import Decimal
from uuid import UUID

from askacme.lib.errors import BudgetExceeded
from askacme.lib.threads import in_thread
from governance.gateway.money.budgets import active
from governance.gateway.money.room import BudgetBusy
from governance.gateway.money.services import release, reserve
from governance.gateway.types import Caller

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0


async def hold(*, caller: Caller, provider: str, model: str, most: Decimal, patience_s: float = 10.0) -> UUID | None:
    """
    As `services.reserve`. While other calls hold what is left, asks again for up to `patience_s` seconds.

    Raises BudgetExceeded. Whoever is cancelled while waiting leaves nothing set aside.
    """
    if most <= 0 or active.fresh() == ():  # known without a thread and a query
        return None
    pause_s, deadline = FIRST_PAUSE_S, time.monotonic() + patience_s
    while True:
        try:
            return await reserved(caller, provider, model, most)
        except BudgetBusy:
            wait_s = random.uniform(0, pause_s)  # noqa: S311 - jitter
            if time.monotonic() + wait_s > deadline:
                raise
        await asyncio.sleep(wait_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


async def reserved(caller: Caller, provider: str, model: str, most: Decimal) -> UUID | None:
    """`reserve` in a thread. A thread can't be stopped: what it sets aside for somebody who left is released."""
    making = asyncio.ensure_future(in_thread(reserve, caller=caller, provider=provider, model=model, most=most))
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        with suppress(BudgetExceeded):
            if hold_id := await making:
                await in_thread(release, hold_id)
        raise
