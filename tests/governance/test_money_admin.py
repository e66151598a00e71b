"""Budgets, prices and holds in the console."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from governance.gateway.money.models import Budget, Price
from governance.gateway.money.prices import rate_of
from governance.gateway.money.services import settle
from tests.cast import make_user
from tests.governance.money import caller_of, hold_for, make_budget, must_hold

pytestmark = pytest.mark.django_db
BUDGETS = "admin:governance_budget_changelist"


@pytest.fixture
def boss(client: Client) -> User:
    user = make_user("boss@acme.example", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def manager() -> User:
    return make_user("mia@acme.example", ensure_roles()["Managers"], is_staff=True)


def test_the_list_shows_what_is_spent_and_set_aside_now(client: Client, boss: User, ana: User) -> None:
    make_budget("10", scope="person", person=ana)
    settle(must_hold("4", caller_of(ana)), Decimal("2.5"))
    must_hold("1", caller_of(ana))
    page = client.get(reverse(BUDGETS)).content.decode()
    assert "$2.50 spent, 25 %" in page
    assert "$1.00 set aside" in page
    assert "$6.50 left until" in page


def test_the_list_takes_as_many_queries_for_many_budgets(
    client: Client, boss: User, ana: User, ben: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_budget("10", scope="person", person=ana)
    make_budget("10", scope="person", person=ben)
    make_budget("10", degrade_percent=90)
    must_hold("1", caller_of(ana))
    with django_assert_max_num_queries(9):
        client.get(reverse(BUDGETS))


def test_a_new_budget_is_put_on_record_and_counts_at_once(client: Client, boss: User, team: Group) -> None:
    form = {"scope": "group", "group": team.pk, "endpoint": "left over", "period": "day", "limit_usd": "5"}
    client.post(reverse("admin:governance_budget_add"), {**form, "alert_percent": 80, "is_active": "on"})
    budget = Budget.objects.get()
    assert (budget.group, budget.endpoint, budget.limit_usd) == (team, "", Decimal(5))
    assert AuditEvent.objects.get(action="budget.create").target == "the group Team A, $5.00 a day"


def test_a_budget_is_deleted_with_all_that_weighed_on_it(client: Client, boss: User) -> None:
    budget = make_budget()
    must_hold("1")
    page = reverse("admin:governance_budget_delete", args=[budget.pk])
    assert "the company, $10.00 a month" in client.get(page).content.decode()
    client.post(page, {"post": "yes"})
    assert not Budget.objects.exists()
    assert hold_for("1") is None


def test_a_budget_for_nobody_is_refused_beside_the_field(client: Client, boss: User) -> None:
    form = {"scope": "person", "period": "day", "limit_usd": "5", "alert_percent": 80}
    page = client.post(reverse("admin:governance_budget_add"), form).content.decode()
    assert "Say whom or what the budget is for." in page
    assert not Budget.objects.exists()


def test_the_same_budget_twice_is_refused_with_a_reason(client: Client, boss: User) -> None:
    make_budget()
    form = {"scope": "company", "period": "month", "limit_usd": "5", "alert_percent": 80}
    page = client.post(reverse("admin:governance_budget_add"), form).content.decode()
    assert "There is such a budget already" in page


def test_a_managers_eyes_see_budgets_but_their_hands_change_none(client: Client, manager: User) -> None:
    budget = make_budget()
    must_hold("1")
    client.force_login(manager)
    assert client.get(reverse(BUDGETS)).status_code == 200
    assert client.get(reverse("admin:governance_hold_changelist")).status_code == 200
    page = reverse("admin:governance_budget_change", args=[budget.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"limit_usd": "999"}).status_code == 403
    assert client.get(reverse("admin:governance_price_changelist")).status_code == 403


def test_cleo_sees_no_money(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    for name in ("budget", "price", "hold"):
        assert client.get(reverse(f"admin:governance_{name}_changelist")).status_code in {302, 403}


def test_holds_can_be_looked_at_but_not_changed(client: Client, boss: User) -> None:
    make_budget()
    hold_id = must_hold("1")
    page = reverse("admin:governance_hold_change", args=[hold_id])
    assert "acme-1" in client.get(page).content.decode()
    assert client.post(page, {}).status_code == 403


def test_a_price_entered_in_the_console_applies_at_once(client: Client, boss: User) -> None:
    form = {
        "model": "llama-*",
        "provider": "local",
        "valid_from": "2026-11-01",
        "input_usd": "0.1",
        "output_usd": "0.2",
    }
    client.post(reverse("admin:governance_price_add"), form)
    rate = rate_of("local", "llama-4", on=datetime(2026, 11, 2, tzinfo=UTC).date())
    assert rate is not None
    assert rate.output == Decimal("0.2")
    assert AuditEvent.objects.get(action="price.create").target == "local: llama-* from 2026-11-01"


def test_a_star_in_the_middle_is_refused_with_a_reason(client: Client, boss: User) -> None:
    form = {"model": "ll*ama", "valid_from": "2026-11-01", "input_usd": "0.1", "output_usd": "0.2"}
    page = client.post(reverse("admin:governance_price_add"), form).content.decode()
    assert "A * can only stand at the end" in page
    assert not Price.objects.filter(model="ll*ama").exists()


def test_the_price_list_reads_as_vendors_write_them(client: Client, boss: User) -> None:
    page = client.get(reverse("admin:governance_price_changelist"), {"q": "gpt-4.1-nano"}).content.decode()
    assert "$0.10" in page
    assert "$0.025" in page
