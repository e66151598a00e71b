"""Whatever is set aside, settled, released or swept, in whatever order: the sums are right and the limit holds."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askacme.lib.errors import BudgetExceeded
from governance.gateway.money.models import Budget, Hold
from governance.gateway.money.services import release, settle
from governance.gateway.money.sweep import sweep
from tests.governance.money import Dollars, caller_of, hold_for, make_budget, money_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LIMIT = Decimal(10)
Step = tuple[str, int, Decimal]

steps = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "reserve", "settle", "settle", "release", "sweep"]),
        st.integers(0, 20),
        st.decimals("0.00000001", "6", places=8),
    ),
    max_size=25,
)


@dataclass
class World:
    """A budget for one purpose and what became of the calls, told without a database."""

    budget: Budget
    purpose: str
    now: datetime = datetime(2026, 11, 10, tzinfo=UTC)
    held: dict[UUID, Decimal] = field(default_factory=dict)
    swept: dict[UUID, Decimal] = field(default_factory=dict)
    spent: Decimal = Decimal(0)
    closed: list[UUID] = field(default_factory=list)

    def reserve(self, _number: int, amount: Decimal) -> None:
        self.now += timedelta(seconds=30)
        has_room = self.spent + sum(self.held.values()) + amount <= LIMIT
        hold_id = None
        with suppress(BudgetExceeded):
            hold_id = hold_for(str(amount), caller_of(purpose=self.purpose), now=self.now)
        assert (hold_id is not None) == has_room
        if hold_id:
            self.held[hold_id] = amount

    def settle(self, number: int, share: Decimal) -> None:
        """For a part of what was set aside, or all of it; also what is swept or closed already."""
        known = [*self.held, *self.swept, *self.closed]
        if not known:
            return
        hold_id = known[number % len(known)]
        cost = min(share, Hold.objects.get(pk=hold_id).amount_usd)
        settle(hold_id, cost)
        self.close(hold_id, cost)

    def release(self, number: int, _amount: Decimal) -> None:
        known = [*self.held, *self.swept, *self.closed]
        if known:
            release(known[number % len(known)])
            self.close(known[number % len(known)], Decimal(0))

    def close(self, hold_id: UUID, cost: Decimal) -> None:
        if hold_id in self.closed:
            return
        self.held.pop(hold_id, None)
        self.spent += cost - self.swept.pop(hold_id, Decimal(0))
        self.closed.append(hold_id)

    def sweep(self, _number: int, _amount: Decimal) -> None:
        late = self.now + timedelta(minutes=15)
        sweep(now=late)
        self.now = late
        self.spent += sum(self.held.values())
        self.swept |= self.held
        self.held = {}

    def expected(self) -> tuple[Dollars, Dollars]:
        return self.spent, sum(self.held.values(), Decimal(0))


@given(steps=steps)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_limit_holds_and_the_sums_are_right(steps: Sequence[Step]) -> None:
    purpose = f"case-{uuid4()}"[:30]
    world = World(make_budget(str(LIMIT), scope=Budget.Scope.PURPOSE, endpoint=purpose), purpose)
    for name, number, amount in steps:
        getattr(world, name)(number, amount)
        spent, reserved = money_in(world.budget)
        assert (spent, reserved) == world.expected()
        assert spent + reserved <= LIMIT
    for hold_id in list(world.held):
        settle(hold_id, world.held[hold_id])
        world.close(hold_id, world.held[hold_id])
    assert money_in(world.budget) == (world.spent, 0)
    assert world.spent <= LIMIT
