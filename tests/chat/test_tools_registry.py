"""Which tools are whose."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from chat.tools.models import MAX_DESCRIPTION_CHARS, BuiltInTool
from chat.tools.registry import tools_for
from chat.tools.values import Person
from governance.access.models import User
from tests.chat.systems import make_connector

pytestmark = pytest.mark.django_db
BUILT_IN = {"search_knowledge", "calculate", "dates"}
URL = "http://hr.acme.example"


def names(user: User) -> set[str]:
    return set(tools_for(Person.of(user)))


def test_everyone_has_the_built_in_ones(cleo: User) -> None:
    assert names(cleo) == BUILT_IN


def test_a_tool_for_a_group_is_not_cleo_s(ana: User, cleo: User, team: Group) -> None:
    make_connector(URL, groups=[team])
    assert names(ana) == BUILT_IN | {"vacation_balance"}
    assert names(cleo) == BUILT_IN


def test_one_for_two_groups_is_offered_once(ana: User, team: Group) -> None:
    other = Group.objects.create(name="Other")
    ana.groups.add(other)
    make_connector(URL, groups=[team, other])
    assert len(tools_for(Person.of(ana))) == 4


def test_a_description_is_never_longer_than_providers_take(ana: User) -> None:
    make_connector(URL, description="x" * MAX_DESCRIPTION_CHARS, system="y" * 80)
    assert len(tools_for(Person.of(ana))["vacation_balance"].spec.description) < 1024
    with pytest.raises(IntegrityError, match="connector_description_bounded"), transaction.atomic():
        make_connector(URL, name="other", description="x" * (MAX_DESCRIPTION_CHARS + 1))


def test_a_connector_that_is_switched_off_or_for_nobody_is_nobody_s(ana: User) -> None:
    make_connector(URL, is_active=False)
    make_connector(URL, name="other", for_everyone=False)
    assert names(ana) == BUILT_IN


def test_a_built_in_one_can_be_kept_for_a_group_or_switched_off(ana: User, cleo: User, team: Group) -> None:
    BuiltInTool.objects.create(name="calculate").groups.set([team])
    BuiltInTool.objects.create(name="dates", for_everyone=True, is_active=False)
    assert names(ana) == {"search_knowledge", "calculate"}
    assert names(cleo) == {"search_knowledge"}


def test_a_closed_account_has_none(ana: User) -> None:
    ana.is_active = False
    assert names(ana) == set()


def test_a_connector_cannot_take_a_built_in_name() -> None:
    connector = make_connector(URL)
    connector.name = "calculate"
    with transaction.atomic(), pytest.raises(IntegrityError, match="connector_name_not_built_in"):
        connector.save()


def test_a_change_is_never_a_get() -> None:
    connector = make_connector(URL)
    connector.changes_something = True
    with transaction.atomic(), pytest.raises(IntegrityError, match="connector_change_is_a_post"):
        connector.save()


def test_the_secret_is_sealed_and_never_shown() -> None:
    connector = make_connector(URL, auth="bearer", secret="s3cret")
    assert connector.secret.open() == "s3cret"
    assert "s3cret" not in f"{connector.secret} {connector.secret!r} {connector.secret.token}"
