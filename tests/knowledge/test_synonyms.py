"""Synonyms: what they do to a search, and how HR keeps them."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.documents.services import AudienceChoice, change_audience
from knowledge.search.acronyms import acronyms_in, suggestions
from knowledge.search.models import Synonym
from knowledge.search.search import find, search
from knowledge.search.services import add_synonyms, change_synonyms, checked, delete_synonyms, phrases_in
from tests.cast import make_document, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/knowledge/synonym/"
LONG = "# Holidays\n\nEverybody gets 25 days of paid time off a year."
SHORT = "# Holidays\n\nEverybody gets 25 days of PTO a year."


# What they do


@pytest.mark.parametrize(("text", "query", "asked"), [(LONG, "PTO", "PTO"), (SHORT, "paid time off", "paid time off")])
def test_a_search_finds_what_another_phrase_says(ana: User, text: str, query: str, asked: str) -> None:
    make_document(text, path="holidays.md")
    assert search(query, audience=Audience.of(ana))[0].matched != (asked,)
    add_synonyms(phrases=["PTO", "paid time off"], actor=None)
    hit = search(query, audience=Audience.of(ana))[0]
    assert (hit.path, hit.matched, hit.word_score) == ("holidays.md", (asked,), 1.0)


@pytest.mark.parametrize(("query", "matched"), [("when do I recieve it", "reciev"), ("parentel leave", "parentel")])
def test_a_typing_error_finds_what_was_meant(ana: User, query: str, matched: str) -> None:
    make_document("# Parental pay\n\nParents receive their parental pay on the first of the month.", path="pay.md")
    result = find(query, audience=Audience.of(ana))
    assert result.terms.mended[matched] in {"receiv", "parent"}
    assert matched in result.hits[0].matched


# Keeping them


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("PTO\npaid time off", ["PTO", "paid time off"]),
        ("PTO, paid  time-off ; PTO.", ["PTO", "paid time off"]),
        ("401(k) = pension\r\n\r\nPension", ["401 k", "pension"]),
        ("IT, Information Technology", ["IT", "Information Technology"]),
        ("Cafe\u0301, Kaffee", ["Café", "Kaffee"]),
    ],
)
def test_phrases_are_kept_as_search_compares_them(written: str, kept: list[str]) -> None:
    assert checked(phrases_in(written)) == kept


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "at least two"),
        ("PTO", "at least two"),
        ("PTO, pto", "at least two"),
        ("PTO, !!!", "neither letters nor digits"),
        (",".join(f"word {n}" for n in range(13)), "At most 12"),
        ("PTO, " + "x" * 101, "too long"),
        ("it, information technology", "everyday words"),
        ("PTO, the off", "everyday words"),
    ],
)
def test_phrases_that_search_cannot_use_are_refused(written: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        checked(phrases_in(written))


def test_a_phrase_stands_in_one_group_only() -> None:
    first = add_synonyms(phrases=["PTO", "paid time off"], actor=None)
    with pytest.raises(Conflict, match=r"“pto” stands in another group already: PTO = paid time off"):
        add_synonyms(phrases=["vacation", "pto"], actor=None)
    second = add_synonyms(phrases=["vacation", "holidays"], actor=None)
    with pytest.raises(Conflict, match="vacation = holidays"):
        change_synonyms(synonym=first, phrases=["PTO", "Vacation"], actor=None)
    change_synonyms(synonym=second, phrases=["vacation", "Holidays"], actor=None)


def test_each_act_is_on_record(hr: User) -> None:
    group = add_synonyms(phrases=["PTO", "paid time off"], actor=hr)
    change_synonyms(synonym=group, phrases=["PTO", "leave"], actor=hr)
    change_synonyms(synonym=group, phrases=["PTO", "leave"], actor=hr)
    delete_synonyms(synonym=group, actor=hr)
    acts = AuditEvent.objects.order_by("id").values_list("action", "target", "actor_email")
    assert list(acts) == [
        ("synonym.create", "PTO = paid time off", hr.email),
        ("synonym.change", "PTO = leave", hr.email),
        ("synonym.delete", "PTO = leave", hr.email),
    ]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_whatever_is_written_is_kept_in_its_one_form_or_refused(db: None, written: str) -> None:
    try:
        kept = checked([*phrases_in(written.replace("\x00", "")), "a phrase", "another phrase"])
    except InvalidInput:
        return
    assert checked(phrases_in("\n".join(kept))) == kept


# The console


def test_a_group_is_added_changed_and_deleted(console: Client) -> None:
    console.post(f"{LIST}add/", {"phrases": "PTO, paid time off"})
    group = Synonym.objects.get()
    assert group.phrases == ["PTO", "paid time off"]
    assert "PTO\npaid time off" in console.get(f"{LIST}{group.pk}/change/").content.decode()
    console.post(f"{LIST}{group.pk}/change/", {"phrases": "PTO\nannual leave"})
    group.refresh_from_db()
    assert group.phrases == ["PTO", "annual leave"]
    console.post(f"{LIST}{group.pk}/delete/", {"post": "yes"})
    assert not Synonym.objects.exists()
    assert AuditEvent.objects.filter(action__startswith="synonym.").count() == 3


def test_the_list_is_searched_and_leads_to_the_bench(console: Client) -> None:
    add_synonyms(phrases=["PTO", "paid time off"], actor=None)
    add_synonyms(phrases=["VPN", "remote access"], actor=None)
    page = console.get(LIST, {"q": "time off"}).content.decode()
    assert f"{LIST}search-bench/?q=PTO" in page
    assert "remote access" not in page


@pytest.mark.parametrize(
    ("written", "complaint"), [("PTO", "at least two"), ("pto, leave", "stands in another group already")]
)
def test_the_form_says_what_is_wrong(console: Client, written: str, complaint: str) -> None:
    add_synonyms(phrases=["PTO", "paid time off"], actor=None)
    assert complaint in console.post(f"{LIST}add/", {"phrases": written}).content.decode()
    assert Synonym.objects.count() == 1


def test_deleting_many_is_recorded_one_by_one(console: Client) -> None:
    ids = [add_synonyms(phrases=[f"one {n}", f"two {n}"], actor=None).pk for n in range(3)]
    console.post(LIST, {"action": "delete_selected", "_selected_action": ids, "post": "yes"})
    assert not Synonym.objects.exists()
    assert AuditEvent.objects.filter(action="synonym.delete").count() == 3


def test_markup_in_a_phrase_is_only_text(console: Client) -> None:
    Synonym.objects.create(phrases=["<script>alert(1)</script>", "b"])
    assert "<script>alert(1)" not in console.get(LIST).content.decode()


@pytest.mark.parametrize(
    "path", ["", "add/", "1/change/", "1/delete/", "search-bench/", "search-bench/people/?person=h"]
)
def test_cleo_gets_nothing_even_as_staff(client: Client, path: str) -> None:
    group = add_synonyms(phrases=["PTO", "paid time off"], actor=None)
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    response = client.get(LIST + path.replace("1", str(group.pk)))
    assert response.status_code == 403
    assert "paid time off" not in response.content.decode()


def test_cleo_can_neither_add_nor_accept(client: Client) -> None:
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    assert client.post(f"{LIST}add/", {"phrases": "PTO, leave"}).status_code == 403
    assert client.post(f"{LIST}accept/", {"phrase": ["PTO", "leave"]}).status_code == 403
    assert not Synonym.objects.exists()


# Proposals from the documents


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We grant paid time off (PTO) to all.", [("PTO", "paid time off")]),
        ("See the Code of Conduct (CoC).", [("CoC", "Code of Conduct")]),
        ("an Employee Assistance Program (EAP) is", [("EAP", "Employee Assistance Program")]),
        ("by the Department of Labor (DOL).", [("DOL", "Department of Labor")]),
        ("PTO (paid time off) is kept.", [("PTO", "paid time off")]),
        ("Ask them (NOW) or (HR) and the annual report (PDF).", []),
        ("the end. Time off (PTO)", []),
        ("Short-term disability insurance (STDI)", [("STDI", "Short term disability insurance")]),
    ],
)
def test_abbreviations_are_those_whose_capitals_are_the_initials(text: str, found: list[tuple[str, str]]) -> None:
    assert list(acronyms_in(text)) == found


def test_a_proposal_becomes_a_group_with_one_click(console: Client) -> None:
    make_document("# Leave\n\nWe grant Paid Time Off (PTO) to all.")
    page = console.get(LIST).content.decode()
    assert "PTO = Paid Time Off" in page
    response = console.post(f"{LIST}accept/", {"phrase": ["PTO", "Paid Time Off"]}, follow=True)
    assert Synonym.objects.get().phrases == ["PTO", "Paid Time Off"]
    assert "Found in your documents" not in response.content.decode()
    assert (
        "stands in another group already"
        in console.post(f"{LIST}accept/", {"phrase": ["PTO", "Paid Time Off"]}, follow=True).content.decode()
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_proposal_comes_from_a_document_outside_the_audience(
    db: None, shared_room: "Room", data: st.DataObject
) -> None:
    allowed = set()
    mine = data.draw(st.sets(st.sampled_from(shared_room.groups)))
    shared_room.person.groups.set(mine)
    for short, document in shared_room.documents.items():
        groups = data.draw(st.sets(st.sampled_from(shared_room.groups)))
        change_audience(document=document, audience=AudienceChoice(groups=tuple(groups)), actor=None)
        allowed |= {short} if groups & mine else set()
    assert {one.short for one in suggestions(Audience.of(shared_room.person))} == allowed


class Room:
    def __init__(self) -> None:
        self.groups = [Group.objects.create(name=f"Group {n}") for n in range(3)]
        named = {"PTO": "paid time off", "VPN": "virtual private network", "EAP": "employee assistance program"}
        self.documents = {
            short: make_document(f"# Note\n\nThe {long} ({short}) is new.", path=f"{short}.md")
            for short, long in named.items()
        }
        self.person = make_user("dan@acme.example")


@pytest.fixture
def shared_room(db: None) -> Room:
    return Room()
