"""Figures about people in groups of at least k: what is shown, and what no subtraction brings back."""

from collections import Counter
from decimal import Decimal
from itertools import combinations
from uuid import uuid4

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from governance.access.models import User
from governance.audit.anonymity import Grouped, in_groups, sees_people, showable
from governance.gateway.models import Inference
from tests.cast import make_user

pytestmark = pytest.mark.django_db
PEOPLE = 9


@pytest.fixture(autouse=True)
def k_is_three(settings: Settings) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update={"smallest_group": 3})


@pytest.fixture
def people() -> list[User]:
    return [make_user(f"person{n}@acme.example") for n in range(PEOPLE)]


def spend(person: User | None, purpose: str, dollars: int = 1) -> None:
    Inference.objects.create(
        request_id=uuid4(), user=person, purpose=purpose, provider="p", model="m", cost_usd=dollars, status="success"
    )


def spending() -> Grouped:
    return in_groups(Inference.objects.all(), by="purpose", cost=Sum("cost_usd"))


def named(grouped: Grouped) -> dict[str, Decimal]:
    return {group.key: group.figures["cost"] for group in grouped.named}


def test_large_groups_stand_by_name_and_small_ones_together(people: list[User]) -> None:
    for n, person in enumerate(people):
        spend(person, "hr" if n < 4 else "it" if n < 7 else "law")
    spend(people[6], "tax")
    shown = spending()
    assert named(shown) == {"hr": 4, "it": 3}
    assert shown.other
    assert (shown.other.people, shown.other.figures["cost"]) == (3, 3)


def test_one_person_many_times_is_no_group(people: list[User]) -> None:
    for _ in range(5):
        spend(people[0], "hr")
    assert spending() == Grouped((), is_withheld=True)


def test_the_smallest_large_group_joins_what_is_too_small_to_be_left_over(people: list[User]) -> None:
    """Or the total, less what is named, would be what one person spent."""
    for n, person in enumerate(people[:8]):
        spend(person, "hr" if n < 4 else "it" if n < 7 else "law", dollars=n)
    shown = spending()
    assert named(shown) == {"hr": 6}
    assert shown.other
    assert shown.other.figures["cost"] == 22


def test_rows_of_nobody_are_counted_with_the_others(people: list[User]) -> None:
    for person in people[:3]:
        spend(person, "hr")
    spend(None, "reindex", dollars=7)
    shown = spending()
    assert not shown.named
    assert shown.other
    assert (shown.other.people, shown.other.figures["cost"]) == (3, 10)


def test_by_person_nobody_stands_alone(people: list[User]) -> None:
    for person in people:
        spend(person, "hr")
    shown = in_groups(Inference.objects.all(), by="user", cost=Sum("cost_usd"))
    assert not shown.named
    assert shown.other
    assert shown.other.people == PEOPLE


def test_it_takes_three_queries_at_most(
    people: list[User], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n, person in enumerate(people):
        spend(person, f"purpose {n // 4}")
    with django_assert_max_num_queries(3):
        spending()


@limits(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(asked=st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from("abcd")), max_size=25))
def test_nothing_shown_and_nothing_left_over_is_about_fewer_than_three(
    people: list[User], asked: list[tuple[int, str]]
) -> None:
    Inference.objects.all().delete()
    for n, purpose in asked:
        spend(people[n], purpose)
    shown = spending()
    behind = {key: {n for n, purpose in asked if purpose == key} for key in "abcd"}
    assert all(group.people == len(behind[group.key]) >= 3 for group in shown.named)
    rest = set().union(*(behind[key] for key in behind if key not in named(shown)))
    assert not rest or len(rest) >= 3 or (shown.is_withheld and not shown.named)
    total = sum(named(shown).values()) + (shown.other.figures["cost"] if shown.other else 0)
    assert shown.is_withheld or total == sum(Counter(purpose for _, purpose in asked).values())


def test_a_group_is_not_shown_beside_one_that_holds_it_and_two_people_more() -> None:
    everyone = frozenset(range(20))
    groups = {"sales": frozenset(range(6)), "sales and interns": frozenset(range(8)), "few": frozenset({11, 12})}
    assert showable(groups, everyone) == {"sales and interns"}


def test_a_group_of_nearly_everyone_is_not_shown() -> None:
    assert showable({"all but one": frozenset(range(9))}, frozenset(range(10))) == set()


@given(groups=st.dictionaries(st.sampled_from("abcdef"), st.frozensets(st.integers(0, 11), max_size=12)))
def test_no_difference_of_totals_is_about_fewer_than_three(groups: dict[str, frozenset[int]]) -> None:
    everyone = frozenset(range(12))
    shown = [groups[key] for key in showable(groups, everyone)]
    assert all(len(group) >= 3 for group in shown)
    for one, other in combinations([everyone, *shown], 2):
        inner, outer = sorted((one, other), key=len)
        assert not inner < outer or len(outer - inner) >= 3
    assert len(everyone - frozenset().union(*shown)) not in {1, 2}


def test_auditors_and_superusers_see_people_and_cleo_does_not(cleo: User) -> None:
    assert not sees_people(cleo)
    assert sees_people(make_user("boss@acme.example", is_superuser=True))
