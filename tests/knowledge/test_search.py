"""Search finds what is meant, and only for those who may see it."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access.audience import Audience
from governance.access.models import User
from knowledge.documents.services import AudienceChoice, change_audience
from knowledge.search.search import search
from tests.cast import make_document, make_user

pytestmark = pytest.mark.django_db
EXPENSES = "# Expenses\n\nSend in your receipts within 30 days. Dinner is paid up to 50 dollars.\n"


def paths(query: str, audience: Audience) -> list[str]:
    return [hit.path for hit in search(query, audience=audience)]


def test_the_better_document_comes_first(ana: User) -> None:
    make_document()
    make_document(EXPENSES, path="expenses.md")
    assert paths("how long may a new mother stay at home", Audience.of(ana))[0] == "parental-leave.md"
    assert paths("receipts", Audience.of(ana))[0] == "expenses.md"


def test_one_round_trip_to_the_database(ana: User, django_assert_num_queries: Any) -> None:
    make_document()
    audience = Audience.of(ana)
    with django_assert_num_queries(1):
        search("parental leave", audience=audience)


def test_a_changed_audience_counts_at_once(ben: User, cleo: User, team: Group) -> None:
    document = make_document(groups=(team,))
    assert paths("leave", Audience.of(ben))
    change_audience(document=document, audience=AudienceChoice(), actor=None)
    assert paths("leave", Audience.of(ben)) == []
    change_audience(document=document, audience=AudienceChoice(for_everyone=True), actor=None)
    assert paths("leave", Audience.of(cleo))


def test_the_owner_sees_a_document_without_an_audience(ana: User, ben: User) -> None:
    make_document(for_everyone=False, owner=ana)
    assert paths("leave", Audience.of(ana))
    assert paths("leave", Audience.of(ben)) == []


@pytest.mark.parametrize("query", ["", "   ", "\x00", "'; DROP TABLE", "a & | ! ( ) <-> :*", "🎉", "שלום", "x" * 5000])
def test_a_hostile_query_is_only_a_query(ana: User, query: str) -> None:
    make_document()
    assert len(search(query, audience=Audience.of(ana))) <= 10


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_audience_ever_sees_past_itself(db: None, shared_room: "Room", data: st.DataObject) -> None:
    """Random groups for random documents and people: what is found is exactly what may be seen."""
    for document in shared_room.documents:
        groups = data.draw(st.sets(st.sampled_from(shared_room.groups)))
        everyone = data.draw(st.booleans())
        change_audience(document=document, audience=AudienceChoice(everyone, tuple(groups)), actor=None)
    mine = data.draw(st.sets(st.sampled_from(shared_room.groups)))
    shared_room.person.groups.set(mine)
    allowed = {
        document.path
        for document in shared_room.documents
        if document.for_everyone or mine & set(document.groups.all())
    }
    assert set(paths("leave of parents and receipts", Audience.of(shared_room.person))) == allowed


class Room:
    def __init__(self) -> None:
        self.groups = [Group.objects.create(name=f"Group {n}") for n in range(3)]
        self.documents = [
            make_document(f"# Note {n}\n\nOn leave of parents and receipts, {n}.", path=f"{n}.md") for n in range(4)
        ]
        self.person = make_user("dan@acme.example")


@pytest.fixture
def shared_room(db: None) -> Room:
    return Room()
