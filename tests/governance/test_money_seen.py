"""Managers see what groups spend, never what a person does; auditors and superusers see both."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.mail import EmailMessage
from django.test import Client
from pydantic import SecretStr
from pytest_django import Settings

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.gateway.money.alerts import alert_where_due
from governance.gateway.money.services import settle
from tests.cast import make_user
from tests.governance.money import caller_of, make_budget, must_hold

pytestmark = pytest.mark.django_db
BUDGETS, CALLS = "/admin/governance/budget/", "/admin/governance/hold/"


@pytest.fixture(autouse=True)
def k_is_three(settings: Settings) -> None:
    email_url = SecretStr("smtp://mail.example")
    settings.ASKACME = settings.ASKACME.model_copy(update={"smallest_group": 3, "email_url": email_url})


@pytest.fixture
def manager(db: None) -> User:
    return make_user("mia@acme.example", ensure_roles()["Managers"], is_staff=True)


@pytest.fixture
def large(db: None) -> Group:
    group = Group.objects.create(name="Sales")
    for n in range(4):
        make_user(f"sales{n}@acme.example", group)
    return group


def spend(dollars: str, person: User) -> None:
    settle(must_hold(dollars, caller_of(person)), Decimal(dollars))


def page_for(client: Client, viewer: User, address: str = BUDGETS, **asked: str) -> str:
    client.force_login(viewer)
    return client.get(address, asked).content.decode()


def test_managers_see_no_budget_of_a_person(client: Client, manager: User, ana: User) -> None:
    budget = make_budget("77", scope="person", person=ana)
    spend("1.5", ana)
    assert "77.00" not in page_for(client, manager)
    assert "77.00" not in page_for(client, manager, q="ana")
    assert client.get(f"{BUDGETS}{budget.pk}/change/").status_code == 302


def test_managers_see_a_large_groups_spending_and_not_a_small_ones(
    client: Client, manager: User, ana: User, ben: User, cleo: User, team: Group, large: Group
) -> None:
    make_budget("50", scope="group", group=team)
    make_budget("60", scope="group", group=large)
    spend("1.5", ana)
    spend("2.5", User.objects.get(email="sales0@acme.example"))
    page = page_for(client, manager)
    assert "$2.50 spent" in page
    assert "$1.50 spent" not in page
    assert "Not shown: of fewer than 3 people" in page


def test_the_company_less_a_large_group_is_not_a_few_either(
    client: Client, manager: User, ana: User, large: Group
) -> None:
    """Two people are in no group with a budget: the company's spending less the group's would be theirs."""
    make_budget("60", scope="group", group=large)
    spend("2.5", User.objects.get(email="sales0@acme.example"))
    assert "$2.50 spent" not in page_for(client, manager)


def test_a_small_groups_budget_does_not_say_that_it_is_used_up(
    client: Client, manager: User, ana: User, team: Group
) -> None:
    make_budget("1", scope="group", group=team)
    spend("1", ana)
    assert "used up" not in page_for(client, manager)


def test_managers_see_what_calls_cost_and_not_whose_they_were(client: Client, manager: User, ana: User) -> None:
    budget = make_budget("77", scope="person", person=ana)
    spend("1.5", ana)
    page = page_for(client, manager, CALLS)
    assert "$1.500000" in page
    assert "Ana" not in page
    assert "$1.500000" not in page_for(client, manager, CALLS, periods__budget__id__exact=str(budget.pk))


@pytest.mark.parametrize("is_superuser", [True, False])
def test_who_may_see_people_sees_them(client: Client, ana: User, is_superuser: bool) -> None:
    roles = ensure_roles()
    viewer = make_user("v@acme.example", roles["Managers"], roles["Auditors"], is_staff=True, is_superuser=is_superuser)
    make_budget("77", scope="person", person=ana)
    spend("1.5", ana)
    assert "$1.50 spent" in page_for(client, viewer)
    assert "Ana" in page_for(client, viewer, CALLS)


def test_managers_get_no_mail_about_one_person_or_a_few(
    manager: User, ana: User, team: Group, large: Group, mailoutbox: list[EmailMessage]
) -> None:
    boss = make_user("boss@acme.example", is_superuser=True)
    make_budget("1", scope="person", person=ana)
    make_budget("1.5", scope="group", group=team)
    spend("1", ana)
    alert_where_due()
    assert {mail.to[0] for mail in mailoutbox} == {boss.email}
    make_budget("1", scope="group", group=large)
    spend("1", User.objects.get(email="sales0@acme.example"))
    alert_where_due()
    assert manager.email in {mail.to[0] for mail in mailoutbox}


def test_cleo_sees_no_figures(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    for address in (BUDGETS, CALLS):
        assert client.get(address, follow=True).status_code == 403
