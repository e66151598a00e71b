"""Search finds what is meant, and only for those who may see it."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access.audience import Audience
from governance.access.models import User
from knowledge.documents.models import Document
from knowledge.documents.services import AudienceChoice, change_audience
from knowledge.search import reach
from knowledge.search.search import find, search
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


def test_more_documents_cost_no_more_queries(ana: User, django_assert_num_queries: Any) -> None:
    """The live index, the words, the candidates with their documents."""
    audience = Audience.of(ana)
    make_document()
    search("parental leave", audience=audience)  # how wide the audience is, is counted once a minute
    with django_assert_num_queries(3):
        search("parental leave", audience=audience)
    make_document(EXPENSES, path="expenses.md")
    make_document("# Rest\n\nParental leave and receipts are paid.\n", path="rest.md")
    with django_assert_num_queries(3):
        search("parental leave", audience=audience)


def test_a_typing_error_is_mended_by_the_documents_words(ana: User) -> None:
    make_document(EXPENSES, path="expenses.md")
    found = find("recieptz", audience=Audience.of(ana))
    assert found.hits[0].matched == ("recieptz",)
    assert list(found.terms.mended.values()) == ["receipt"]


def test_what_is_not_in_force_gives_way_and_says_so(ana: User) -> None:
    old = make_document("# Leave policy\n\nNew parents get 12 weeks of leave.\n", path="2019.md")
    make_document("# Leave policy\n\nNew parents get 16 weeks of leave.\n", path="2026.md")
    Document.objects.filter(pk=old.pk).update(valid_until=date(2020, 1, 1))
    hits = search("how many weeks of leave do new parents get", audience=Audience.of(ana))
    assert [(hit.path, hit.warning) for hit in hits] == [
        ("2026.md", ""),
        ("2019.md", "No longer in force since 2 January 2020."),
    ]


def test_a_copy_is_found_once_and_another_number_is_no_copy(ana: User) -> None:
    text = "# Meals\n\nDinner on a trip is paid up to {} dollars when you bring the receipt with you.\n"
    for path, dollars in (("a.md", 50), ("b.md", 50), ("c.md", 60)):
        make_document(text.format(dollars), path=path)
    found = {hit.path for hit in search("dinner on a trip", audience=Audience.of(ana))}
    assert len(found) == 2
    assert "c.md" in found


def test_the_sentence_that_answers_is_named(ana: User) -> None:
    make_document()
    (hit, *_) = search("When do I tell my manager?", audience=Audience.of(ana))
    assert hit.sentence is not None
    assert hit.text[slice(*hit.sentence)].startswith("Tell your manager at least 8 weeks")


def test_a_wide_audience_finds_the_same_by_every_way(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        make_document(f"# Rule {number}\n\nRule {number} is about receipts and dinner.\n", path=f"{number}.md")
    audience = Audience.of(ana)
    exact = paths("receipts for dinner", audience)
    for most_near, most in ((0, 10_000), (0, 0)):  # by blocks, by the graph
        monkeypatch.setattr(reach, "NEAR_BLOCKS", most_near)
        monkeypatch.setattr(reach, "MOST_BLOCKS", most)
        monkeypatch.setattr(reach, "_widths", {})
        assert paths("receipts for dinner", audience) == exact
    assert len(exact) == 6


def test_a_changed_audience_counts_at_once(ben: User, cleo: User, team: Group) -> None:
    document = make_document(groups=(team,))
    assert paths("leave", Audience.of(ben))
    change_audience(document=document, audience=AudienceChoice(), actor=None)
    assert paths("leave", Audience.of(ben)) == []
    change_audience(document=document, audience=AudienceChoice(for_everyone=True), actor=None)
    assert paths("leave", Audience.of(cleo))


def test_the_documents_decide_whatever_the_index_repeats(
    ben: User, team: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make_document(groups=(team,))
    monkeypatch.setattr(reach, "MOST_BLOCKS", 0)  # by the graph, which is filtered by what the index repeats
    monkeypatch.setattr(reach, "_widths", {})
    assert paths("leave", Audience.of(ben))
    document.groups.clear()  # past the service, so that the index still names the team
    assert paths("leave", Audience.of(ben)) == []


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
