"""Usage limits in the console."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from governance.gateway.limits.models import UsageLimit
from tests.cast import make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/governance/usagelimit/"
Scope = UsageLimit.Scope


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(make_user("root@acme.example", is_staff=True, is_superuser=True))
    return client


def add(console: Client, **fields: object) -> str:
    return console.post(f"{LIST}add/", fields, follow=True).content.decode()


def test_a_limit_is_added_on_record_and_shown(console: Client, team: Group) -> None:
    shown = add(console, scope="group", group=team.pk, requests_per_minute=1200, concurrent_runs=2)
    assert "Each member of Team A" in shown
    assert "1,200 a minute" in shown
    event = AuditEvent.objects.get(action="usage_limit.create")
    assert event.target == "Each member of Team A"


def test_what_was_chosen_for_another_scope_does_not_count(console: Client, team: Group, ana: User) -> None:
    add(console, scope="person", group=team.pk, user=ana.pk, requests_per_day=5)
    row = UsageLimit.objects.get()
    assert (row.group, row.user) == (None, ana)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"scope": "group"}, "Choose a group for a group&#x27;s limit"),
        ({"scope": "person"}, "Choose a person for one person&#x27;s limit"),
        ({"scope": "each_person", "requests_per_minute": 0}, "greater than or equal to 1"),
        ({"scope": "everyone_together"}, "There is such a limit already"),
    ],
)
def test_a_limit_that_makes_no_sense_says_why(console: Client, fields: dict[str, object], reason: str) -> None:
    UsageLimit.objects.create(scope=Scope.EVERYONE_TOGETHER, concurrent_runs=5)
    assert reason in add(console, **fields)
    assert UsageLimit.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "nobody"},
        {"scope": "group"},
        {"scope": "person"},
        {"scope": "each_person", "tokens_per_day": 0},
        {"scope": "each_person"},
    ],
)
def test_the_database_refuses_what_makes_no_sense(fields: dict[str, object]) -> None:
    UsageLimit.objects.create(scope=Scope.EACH_PERSON)
    with pytest.raises(IntegrityError), transaction.atomic():
        UsageLimit.objects.create(**fields)


def test_the_list_says_what_counts_without_rows(console: Client) -> None:
    shown = console.get(LIST).content.decode()
    assert "each person may ask 30 a minute and have 4 answers running" in shown
    assert "everyone together may have 100 answers running" in shown


def test_managers_may_look_and_change_nothing(client: Client) -> None:
    limit = UsageLimit.objects.create(scope=Scope.EACH_PERSON, requests_per_minute=3)
    client.force_login(make_user("manager@acme.example", ensure_roles()["Managers"], is_staff=True))
    assert "Each person" in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{limit.pk}/change/").status_code == 200
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{limit.pk}/change/", {"scope": "each_person"}).status_code == 403


def test_cleo_sees_none_of_it(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    assert client.get(LIST, follow=True).status_code == 403


def test_the_list_takes_the_same_queries_however_long(
    console: Client, team: Group, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(8):
        user = make_user(f"person-{n}@acme.example", team)
        UsageLimit.objects.create(scope=Scope.PERSON, user=user, requests_per_day=n + 1)
    with django_assert_max_num_queries(8):
        console.get(LIST)
