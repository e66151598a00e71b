"""Setting money aside and settling it, one call at a time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection
from pytest_django import DjangoAssertNumQueries

from askacme.lib.errors import BudgetExceeded
from governance.access.models import User
from governance.gateway.money.budgets import active
from governance.gateway.money.models import Budget, BudgetPeriod, Hold
from governance.gateway.money.room import BudgetBusy
from governance.gateway.money.services import degraded, release, settle
from governance.gateway.money.sweep import sweep
from tests.governance.money import caller_of, hold_for, make_budget, money_in, must_hold, state_of

pytestmark = pytest.mark.django_db
Scope = Budget.Scope
END_OF_NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)


def refusal(most: str, **overrides: Any) -> BudgetExceeded:
    with pytest.raises(BudgetExceeded) as caught:
        hold_for(most, **overrides)
    return caught.value


def test_without_budgets_nothing_is_set_aside_or_asked(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert hold_for("1") is None
    with django_assert_num_queries(0):
        assert hold_for("1") is None


def test_a_free_call_needs_no_money() -> None:
    make_budget()
    assert hold_for("0") is None


def test_what_is_set_aside_becomes_what_was_spent() -> None:
    budget = make_budget("10")
    hold_id = must_hold("4")
    assert money_in(budget) == (0, 4)
    settle(hold_id, Decimal("1.25"))
    assert money_in(budget) == (Decimal("1.25"), 0)
    assert state_of(hold_id) == ("settled", Decimal("1.25"))


def test_settling_twice_changes_nothing() -> None:
    budget = make_budget("10")
    hold_id = must_hold("4")
    settle(hold_id, Decimal(1))
    settle(hold_id, Decimal(3))
    release(hold_id)
    assert money_in(budget) == (1, 0)
    assert state_of(hold_id) == ("settled", 1)


def test_a_call_that_was_not_made_costs_nothing() -> None:
    budget = make_budget("10")
    release(must_hold("4"))
    assert money_in(budget) == (0, 0)


def test_settling_what_nobody_set_aside_does_nothing() -> None:
    budget = make_budget("10")
    must_hold("4")
    settle(uuid4(), Decimal(1))
    assert money_in(budget) == (0, Decimal(4))


def test_a_cost_above_what_was_set_aside_is_recorded_truthfully() -> None:
    budget = make_budget("10")
    settle(must_hold("9"), Decimal("11.5"))
    assert money_in(budget) == (Decimal("11.5"), 0)
    assert not isinstance(refusal("0.01"), BudgetBusy)


def test_a_budget_can_be_used_to_the_last_cent() -> None:
    make_budget("10")
    settle(must_hold("9.99"), Decimal("9.99"))
    settle(must_hold("0.01"), Decimal("0.01"))
    assert refusal("0.00000001").code == "budget_exceeded"


def test_what_is_set_aside_is_rounded_up() -> None:
    budget = make_budget("10")
    must_hold("0.000000001")
    assert money_in(budget) == (0, Decimal("0.00000001"))


def test_money_set_aside_for_others_is_worth_waiting_for() -> None:
    make_budget("10")
    must_hold("8")
    error = refusal("3")
    assert isinstance(error, BudgetBusy)
    assert "set aside for answers that are being written" in str(error)


def test_the_refusal_says_when_the_money_begins_afresh() -> None:
    make_budget("100")
    settle(must_hold("100", now=END_OF_NOVEMBER), Decimal(100))
    error = refusal("1", now=END_OF_NOVEMBER)
    assert str(error) == "This month's budget for the company ($100.00) is used up. It starts afresh on 1 December."
    assert error.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert (error.http_status, error.is_provider_only) == (429, False)


def test_a_day_begins_afresh_at_midnight_in_utc() -> None:
    make_budget("5", period="day")
    settle(must_hold("5", now=END_OF_NOVEMBER), Decimal(5))
    words = str(refusal("1", now=END_OF_NOVEMBER))
    assert words == "Today's budget for the company ($5.00) is used up. It starts afresh on 1 December (UTC)."
    assert hold_for("1", now=DECEMBER)


def test_a_person_reads_that_their_own_budget_is_used_up(ana: User) -> None:
    make_budget("5", scope=Scope.PERSON, person=ana)
    settle(must_hold("5", caller_of(ana)), Decimal(5))
    assert str(refusal("1", caller=caller_of(ana))).startswith("Your budget for this month ($5.00) is used up.")


def test_a_call_dearer_than_the_whole_budget_is_told_so() -> None:
    make_budget("1", period="day")
    assert "This may cost up to $2.00, and today's budget for the company ($1.00) is less" in str(refusal("2"))


def test_a_new_month_has_new_money_and_old_calls_weigh_on_the_old_one() -> None:
    budget = make_budget("10")
    old = must_hold("10", now=END_OF_NOVEMBER)
    assert hold_for("10", now=DECEMBER)
    settle(old, Decimal(7))
    november, december = BudgetPeriod.objects.filter(budget=budget).order_by("start")
    assert (november.spent_usd, december.reserved_usd) == (Decimal(7), Decimal(10))
    assert money_in(budget) == (7, 10)


def test_each_scope_weighs_on_its_own_calls_only(ana: User, ben: User, cleo: User, team: Group) -> None:
    company = make_budget()
    of_team = make_budget(scope=Scope.GROUP, group=team)
    of_ana = make_budget(scope=Scope.PERSON, person=ana)
    of_provider = make_budget(scope=Scope.PROVIDER, endpoint="acme-ai")
    of_purpose = make_budget(scope=Scope.PURPOSE, endpoint="condense")
    must_hold("1", caller_of(ana), provider="acme-ai")
    must_hold("1", caller_of(ben), provider="other")
    must_hold("1", caller_of(cleo, purpose="condense"), provider="other")
    held = [money_in(budget)[1] for budget in (company, of_team, of_ana, of_provider, of_purpose)]
    assert held == [3, 2, 1, 1, 1]


def test_one_used_up_budget_is_enough_and_nothing_is_set_aside_in_the_others(ana: User) -> None:
    company = make_budget("10")
    make_budget("1", scope=Scope.PERSON, person=ana)
    settle(must_hold("1", caller_of(ana)), Decimal(1))
    refusal("1", caller=caller_of(ana))
    assert money_in(company) == (1, 0)
    assert Hold.objects.count() == 1


def test_a_used_up_provider_leaves_the_way_to_the_next_one() -> None:
    make_budget("1", scope=Scope.PROVIDER, endpoint="acme-ai")
    settle(must_hold("1"), Decimal(1))
    assert refusal("1").is_provider_only
    make_budget("100")
    assert hold_for("1", provider="other")


def test_when_the_company_has_no_money_no_other_provider_helps() -> None:
    make_budget("1", scope=Scope.PROVIDER, endpoint="acme-ai")
    make_budget("1")
    settle(must_hold("1"), Decimal(1))
    assert not refusal("1").is_provider_only


def test_a_budget_that_is_off_stops_nobody() -> None:
    budget = make_budget("1")
    settle(must_hold("1"), Decimal(1))
    budget.is_active = False
    budget.save()
    assert hold_for("5") is None


def test_a_budget_switched_off_by_another_process_stops_nobody() -> None:
    budget = make_budget("10")
    must_hold("1")
    Budget.objects.filter(pk=budget.pk).update(is_active=False)
    assert active.get() == (budget,)
    assert hold_for("1") is None


def test_a_lowered_limit_holds_at_once_in_every_process() -> None:
    budget = make_budget("10")
    must_hold("1")
    Budget.objects.filter(pk=budget.pk).update(limit_usd=2)  # as another process does
    assert isinstance(refusal("1.5"), BudgetBusy)


def test_a_budget_deleted_by_another_process_stops_nobody() -> None:
    budget = make_budget("10")
    assert active.get() == (budget,)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_budget")
    assert hold_for("1") is None


def test_reserving_is_one_statement(ana: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """It stands before the first word of an answer."""
    make_budget()
    make_budget(scope=Scope.PERSON, person=ana)
    caller = caller_of(ana)
    must_hold("1", caller)
    with django_assert_num_queries(1):
        must_hold("1", caller)


# Degrading


def test_from_the_set_share_on_only_fast_models_are_used(ana: User, ben: User) -> None:
    make_budget("10", scope=Scope.PERSON, person=ana, degrade_percent=50)
    settle(must_hold("4.99", caller_of(ana)), Decimal("4.99"))
    assert not degraded(caller_of(ana))
    settle(must_hold("0.01", caller_of(ana)), Decimal("0.01"))
    assert degraded(caller_of(ana))
    assert not degraded(caller_of(ben))


def test_a_new_period_is_not_degraded() -> None:
    make_budget("10", degrade_percent=50)
    settle(must_hold("9", now=END_OF_NOVEMBER), Decimal(9))
    assert degraded(caller_of(), now=END_OF_NOVEMBER)
    assert not degraded(caller_of(), now=DECEMBER)


def test_asking_whether_to_degrade_is_one_query_or_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_budget("10")
    degraded(caller_of())
    with django_assert_num_queries(0):
        assert not degraded(caller_of())
    make_budget("10", period="day", degrade_percent=50)
    degraded(caller_of())
    with django_assert_num_queries(1):
        assert not degraded(caller_of())


# Sweeping


def test_a_hold_nobody_closed_counts_as_spent_in_full() -> None:
    budget = make_budget("10")
    dead, alive = must_hold("4"), must_hold("1", now=datetime.now(UTC) + timedelta(minutes=10))
    assert sweep(now=datetime.now(UTC) + timedelta(minutes=16)) == 1
    assert (state_of(dead), state_of(alive)) == (("swept", 4), ("held", None))
    assert money_in(budget) == (4, 1)
    assert sweep(now=datetime.now(UTC) + timedelta(minutes=16)) == 0


@pytest.mark.parametrize(("cost", "state"), [("1.5", "settled"), (None, "released")])
def test_the_truth_replaces_what_the_sweep_assumed(cost: str | None, state: str) -> None:
    budget = make_budget("10")
    slow = must_hold("4")
    sweep(now=datetime.now(UTC) + timedelta(minutes=16))
    settle(slow, Decimal(cost)) if cost else release(slow)
    assert state_of(slow) == (state, Decimal(cost or 0))
    assert money_in(budget) == (Decimal(cost or 0), 0)


# The table's own rules


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "group"},
        {"scope": "person"},
        {"scope": "provider"},
        {"scope": "company", "endpoint": "acme-ai"},
        {"scope": "nobody"},
    ],
)
def test_a_budget_has_exactly_the_key_that_its_scope_asks_for(fields: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match="budget_key_fits_scope"):
        make_budget(**fields)


def test_there_is_one_budget_per_scope_and_period() -> None:
    make_budget()
    make_budget(period="day")
    with pytest.raises(IntegrityError, match="budget_one_per_scope_and_period"):
        make_budget("20")


def test_nothing_is_set_aside_below_zero() -> None:
    budget = make_budget()
    must_hold("1")
    with pytest.raises(IntegrityError, match="budgetperiod_not_negative"):
        BudgetPeriod.objects.filter(budget=budget).update(reserved_usd=-1)
