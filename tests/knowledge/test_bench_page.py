"""The search bench: ranked passages with their reasons, through whose eyes, and nothing that the reader may not see."""

import re
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access.audience import Audience
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document
from knowledge.documents.services import AudienceChoice, change_audience
from knowledge.index.indexes import live_index
from knowledge.index.models import SearchIndex
from knowledge.search.bench import Look, look
from knowledge.search.services import add_synonyms
from tests.cast import make_document, make_user

pytestmark = pytest.mark.django_db
BENCH = "/admin/knowledge/synonym/search-bench/"
LAYOFFS = "# Redundancies\n\nIn autumn the Ohio plant is closed, and everybody there gets a severance of nine months."


def searched(console: Client, query: str, **chosen: Any) -> str:
    response = console.get(BENCH, {"q": query, **chosen})
    assert response.status_code == 200
    return response.content.decode()


def marked(console: Client, query: str) -> str:
    """The page without the elements around the best sentences."""
    return re.sub("</?span[^>]*>", "", searched(console, query))


def looks(console: Client, query: str, **chosen: Any) -> list[Look]:
    shown: list[Look] = console.get(BENCH, {"q": query, **chosen}).context["looks"]
    return shown


# What is shown


def test_the_page_opens_without_a_search(console: Client) -> None:
    page = console.get(BENCH)
    assert (page.status_code, "looks" in page.context) == (200, False)


def test_a_passage_comes_with_its_scores_its_words_and_its_place(console: Client) -> None:
    document = make_document()
    page = searched(console, "weeks of parental leave")
    (first, *_) = looks(console, "weeks of parental leave")[0].passages
    assert f"{first.hit.score:.2f}" in page
    assert f'value="{first.hit.similarity:.3f}"' in page
    assert f'value="{first.hit.word_score:.3f}"' in page
    assert "<mark>parental</mark> <mark>leave</mark>" in page
    assert f"/admin/knowledge/document/{document.pk}/change/" in page
    assert f"/documents/{document.current_id}/?start={first.hit.start}&amp;end={first.hit.end}" in page


def test_words_are_marked_in_every_form(console: Client) -> None:
    make_document("# Pay\n\nWe pay; whoever is paid keeps paying. Payment is late.")
    page = marked(console, "payment pays")
    assert "<mark>pay</mark>; whoever is paid keeps <mark>paying</mark>. <mark>Payment</mark> is late" in page


def test_the_sentence_that_meets_the_query_best_stands_out(console: Client) -> None:
    make_document("# Pay\n\nThe canteen opens at eight. Salaries are paid on the last day of the month. Bring a badge.")
    pieces = looks(console, "when do I get my salary")[0].passages[0].text
    assert "".join(piece.text for piece in pieces if piece.is_best).startswith("Salaries are paid")


def test_a_typing_error_is_shown_in_words_that_people_know(console: Client) -> None:
    make_document("# Pay\n\nPeople receive it; whoever received it signs.")
    page = marked(console, "when do people recieve it")
    assert "“recieve” was taken for “receive”." in page
    assert "<mark>receive</mark> it; whoever <mark>received</mark>" in page
    assert "reciev”" not in page


def test_synonyms_are_named_and_marked_as_phrases(console: Client) -> None:
    make_document("# Holidays\n\nYou get 25 days of paid time off. Time is money.")
    add_synonyms(phrases=["PTO", "paid time off"], actor=None)
    page = marked(console, "how much PTO")
    assert "“PTO” was also searched as “paid time off”." in page
    assert "<mark>paid time off</mark>. Time is money" in page


def test_relevance_and_times_are_shown(console: Client) -> None:
    make_document()
    page = searched(console, "parental leave")
    (shown,) = looks(console, "parental leave")
    assert f"Relevance {shown.relevance:.2f}" in page
    assert re.search(r"Took \d+ ms", page)
    assert {"Words and synonyms", "Meaning", "Passages", "Ranking"} <= {name for name, _ in shown.took}
    assert all(taken_ms >= 0 for _, taken_ms in shown.took)


def test_a_document_past_its_review_is_marked(console: Client) -> None:
    document = make_document()
    Document.objects.filter(pk=document.pk).update(review_on=date(2020, 1, 31))
    assert "Its review was due on 31 January 2020." in searched(console, "parental leave")


def test_nothing_found_is_said(console: Client) -> None:
    assert "You find nothing for these words" in searched(console, "parental leave")


@pytest.mark.parametrize(
    "query", ["", "   ", "x" * 5000, "שלום 🎉", "'; DROP TABLE", "<script>alert(1)</script>", "%s %(a)s"]
)
def test_a_hostile_query_is_only_a_query(console: Client, query: str) -> None:
    make_document()
    assert "<script>alert(1)" not in searched(console, query)


@pytest.mark.parametrize(
    ("query", "complaint"), [("x" * 5001, "at most 5000 characters"), ("a\x00b", "Null characters")]
)
def test_a_query_that_cannot_be_is_refused(console: Client, query: str, complaint: str) -> None:
    make_document()
    page = searched(console, query)
    assert complaint in page
    assert "bench-passage" not in page


def test_markup_in_a_passage_is_only_text(console: Client) -> None:
    make_document(
        "# Leave <b>x</b>\n\nLeave `<script>alert(1)</script>` <img src=x onerror=alert(2)>", title="<i>T</i>"
    )
    page = searched(console, "leave")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "<i>T</i>" not in page


def test_a_search_costs_few_statements(console: Client, django_assert_max_num_queries: Any) -> None:
    for n in range(8):
        make_document(f"# Note {n}\n\nParental leave, part {n}: {'word ' * n}", path=f"{n}.md")
    searched(console, "parental leave")
    with django_assert_max_num_queries(30):
        searched(console, "parental leave")


# Through whose eyes


def test_a_person_sees_what_the_person_sees(console: Client, team: Group, ben: User) -> None:
    make_document(LAYOFFS, groups=(team,), path="layoffs.md")
    assert "layoffs.md" not in searched(console, "severance")
    assert "layoffs.md" in searched(console, "severance", who="person", person=ben.email.upper())
    assert AuditEvent.objects.get(action="search.view_as").target == ben.email


@pytest.mark.parametrize("administrator", ["hr", "superuser"])
def test_what_a_document_says_is_withheld_from_who_may_not_read_it(
    client: Client, hr: User, team: Group, administrator: str
) -> None:
    root = make_user("root@acme.example", is_staff=True, is_superuser=True)
    client.force_login(hr if administrator == "hr" else root)
    make_document(LAYOFFS, groups=(team,), path="layoffs.md", title="Restructuring")
    page = searched(client, "ohio sverance", who="groups", groups=team.pk)
    assert "Restructuring" in page
    assert "not among those who may read it" in page
    for secret in ("Redundancies", "Ohio", "autumn", "severance", "<mark>", "?start="):
        assert secret not in page
    (passage,) = looks(client, "ohio sverance", who="groups", groups=team.pk)[0].passages
    assert (passage.text, passage.heading, passage.matched) == ((), (), ())


def test_as_somebody_in_no_group_only_everyones_documents_are_found(console: Client, team: Group, hr: User) -> None:
    make_document(path="all.md")
    make_document(path="team.md", groups=(team,))
    make_document(path="mine.md", for_everyone=False, owner=hr)
    page = searched(console, "parental leave", who="everyone")
    assert ("all.md" in page, "team.md" in page, "mine.md" in page) == (True, False, False)
    assert AuditEvent.objects.get(action="search.view_as").target == "Everyone"


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        ({"who": "person", "person": "nobody@acme.example"}, "somebody who can sign in here"),
        ({"who": "person"}, "somebody who can sign in here"),
        ({"who": "groups"}, "Choose at least one group"),
        ({"who": "god"}, "Select a valid choice"),
        ({"who": "groups", "groups": "999"}, "Select a valid choice"),
    ],
)
def test_a_viewer_that_cannot_be_is_refused(console: Client, chosen: dict[str, str], complaint: str) -> None:
    make_document()
    page = searched(console, "leave", **chosen)
    assert complaint in page
    assert "bench-passage" not in page
    assert not AuditEvent.objects.filter(action="search.view_as").exists()


def test_who_has_left_is_not_looked_through(console: Client, ben: User) -> None:
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert "somebody who can sign in here" in searched(console, "leave", who="person", person=ben.email)


def test_who_only_looks_at_documents_looks_through_no_other_eyes(client: Client, team: Group) -> None:
    make_document(LAYOFFS, groups=(team,), path="layoffs.md")
    reader = make_user("reader@acme.example", is_staff=True)
    reader.user_permissions.set([p for p in ensure_roles()["HR"].permissions.all() if p.codename == "view_document"])
    client.force_login(reader)
    page = searched(client, "severance", who="groups", groups=team.pk)
    assert "layoffs.md" not in page
    assert "As seen by" not in page
    assert client.get(f"{BENCH}people/", {"person": "a"}).status_code == 403


def test_addresses_are_offered_while_one_is_typed(console: Client, ana: User, ben: User) -> None:
    offered = console.get(f"{BENCH}people/", {"person": "BEN"}).content.decode()
    assert ben.email in offered
    assert ana.email not in offered
    assert "<option" not in console.get(f"{BENCH}people/", {"person": " "}).content.decode()


def test_a_stranger_signs_in_first(client: Client) -> None:
    assert client.get(f"{BENCH}?q={quote('leave')}").status_code == 302


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_text_no_word_and_no_mended_word_comes_from_what_the_reader_may_not_see(
    db: None, shared_room: "Room", data: st.DataObject
) -> None:
    """Each document holds a word of its own, which is asked for with a typing error, through anybody's eyes."""
    mine = data.draw(st.sets(st.sampled_from(shared_room.groups)))
    secret = set()
    for word, document in shared_room.documents.items():
        groups = data.draw(st.sets(st.sampled_from(shared_room.groups)))
        change_audience(document=document, audience=AudienceChoice(groups=tuple(groups)), actor=None)
        secret |= set() if groups & mine else {word}
    reader = Audience(None, tuple(group.pk for group in mine))
    others = Audience(None, tuple(group.pk for group in data.draw(st.sets(st.sampled_from(shared_room.groups)))))
    shown = look("notes on sabbaticl severence garnishmet", audience=others, reader=reader)
    said = [meant for _, meant in shown.mended] + [
        piece
        for passage in shown.passages
        for piece in [*passage.matched, *(part.text for part in (*passage.text, *passage.heading))]
    ]
    assert not any(word in piece for piece in said for word in secret)
    assert all(passage.is_readable or not passage.text for passage in shown.passages)


class Room:
    def __init__(self) -> None:
        self.groups = [Group.objects.create(name=f"Group {n}") for n in range(3)]
        self.documents = {
            word: make_document(f"# Note {n}\n\nSome notes on a {word}.", path=f"{n}.md", title=f"Note {n}")
            for n, word in enumerate(["sabbatical", "severance", "garnishment"])
        }


@pytest.fixture
def shared_room(db: None) -> Room:
    return Room()


# Side by side


def test_another_index_is_compared_side_by_side(console: Client) -> None:
    live = live_index()
    fields = {"model": live.model, "dimension": live.dimension, "max_tokens": live.max_tokens}
    other = SearchIndex.objects.create(number=2, state=SearchIndex.State.STANDBY, **fields)
    make_document()  # goes into both
    first, second = looks(console, "parental leave", beside=other.pk)
    assert (first.index, second.index) == (live, other)
    assert [passage.rank_beside for passage in first.passages] == [passage.hit.rank for passage in second.passages]
    page = searched(console, "parental leave", beside=other.pk)
    assert f"{other}: 1 passage" in page
    assert "Rank 1 in the other index" in page


def test_without_another_index_there_is_nothing_to_compare(console: Client) -> None:
    assert "Compare with" not in searched(console, "leave")
