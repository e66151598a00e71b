"""The examples and rules that come with AskAcme."""

from collections import Counter

import pytest
from django.core.management import call_command

from governance.gateway.routing.models import Department, Kind, RoutingExample, RoutingRule, ShippedRouting
from governance.gateway.routing.shipped import ship, shipped_examples

pytestmark = pytest.mark.django_db


def test_they_are_there_after_the_migrations() -> None:
    assert RoutingExample.objects.filter(is_shipped=True).count() == len(shipped_examples()) >= 360
    assert [str(rule) for rule in RoutingRule.objects.all()] == [
        "comparison → strong",
        "multi-step → strong",
        "everything else → fast",
    ]


def test_each_kind_and_department_has_enough_of_them() -> None:
    rows = shipped_examples()
    assert min(Counter(row["kind"] for row in rows).values()) >= 50
    assert min(Counter(row["department"] for row in rows).values()) >= 40
    assert {row["kind"] for row in rows} == set(Kind.values)
    assert {row["department"] for row in rows} == set(Department.values)


def test_what_was_deleted_stays_deleted() -> None:
    RoutingExample.objects.filter(kind="small_talk").delete()
    RoutingRule.objects.filter(kind="comparison").delete()
    call_command("migrate", verbosity=0)
    assert not RoutingExample.objects.filter(kind="small_talk").exists()
    assert not RoutingRule.objects.filter(kind="comparison").exists()


def test_what_was_changed_stays_changed() -> None:
    example = RoutingExample.objects.filter(kind="lookup")[0]
    example.kind, example.text = "personal", "Something else?"
    example.save()
    ship()
    assert RoutingExample.objects.count() == len(shipped_examples())
    assert RoutingExample.objects.get(pk=example.pk).kind == "personal"


def test_a_new_one_comes_with_the_next_release_but_not_over_one_s_own() -> None:
    gone = RoutingExample.objects.filter(kind="lookup")[0]
    ShippedRouting.objects.filter(key=f"example:{gone.text}").delete()
    RoutingExample.objects.filter(pk=gone.pk).update(kind="personal", is_shipped=False)
    ship()
    assert RoutingExample.objects.get(text=gone.text).kind == "personal"
