"""The inbox: who finds which questions in it, what they read there, and what they can do."""

import html

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.escalation import services
from governance.access.models import User
from knowledge.documents.models import Document
from tests.cast import make_user
from tests.chat.handed import hand_over
from tests.chat.rows import TEXT, make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr(db: None) -> Group:
    return Group.objects.create(name="HR")


@pytest.fixture
def hanna(hr: Group) -> User:
    return make_user("hanna@acme.example", hr)


@pytest.fixture
def hugo(hr: Group) -> User:
    return make_user("hugo@acme.example", hr)


@pytest.fixture
def inbox(client: Client, hanna: User) -> Client:
    client.force_login(hanna)
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def test_a_member_finds_the_group_s_questions(inbox: Client, ana: User, hr: Group) -> None:
    handed = hand_over(ana, hr, note="It is urgent.")
    listed = page(inbox, "/inbox/")
    assert "Is there a sabbatical?" in listed
    assert f'href="/inbox/{handed.pk}/"' in listed
    shown = page(inbox, f"/inbox/{handed.pk}/")
    assert "It is urgent." in shown
    assert "ana@acme.example" in shown


def test_cleo_and_ben_find_nothing(client: Client, ana: User, ben: User, cleo: User, hr: Group) -> None:
    handed = hand_over(ana, hr)
    for stranger in (ana, ben, cleo):
        client.force_login(stranger)
        assert "sabbatical" not in page(client, "/inbox/")
        page(client, f"/inbox/{handed.pk}/", 404)
        for what in ("claim", "take-over", "release", "reply", "decline"):
            assert client.post(f"/inbox/{handed.pk}/{what}", {"text": "x"}).status_code == 404
    handed.refresh_from_db()
    assert handed.state == "open"


def test_what_is_for_one_person_is_not_for_their_group(client: Client, inbox: Client, ana: User, hugo: User) -> None:
    handed = hand_over(ana, hugo)
    page(inbox, f"/inbox/{handed.pk}/", 404)
    client.force_login(hugo)
    assert "Only you see this question." in page(client, f"/inbox/{handed.pk}/")


def test_what_somebody_who_left_had_not_answered_comes_to_the_default_inbox(
    inbox: Client, ana: User, ben: User, hugo: User
) -> None:
    handed = hand_over(ana, ben)
    page(inbox, f"/inbox/{handed.pk}/", 404)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert "Everyone in HR sees this question." in page(inbox, f"/inbox/{handed.pk}/")
    services.reply(user=hugo, escalation_id=handed.pk, text="Yes.")
    assert "Hugo answered" in page(inbox, f"/inbox/{handed.pk}/")


def test_what_they_had_answered_stays_between_the_two(inbox: Client, ana: User, ben: User) -> None:
    answered, declined = hand_over(ana, ben), hand_over(ana, ben)
    services.reply(user=ben, escalation_id=answered.pk, text="Between us.")
    services.decline(user=ben, escalation_id=declined.pk, reason="Between us.")
    User.objects.filter(pk=ben.pk).update(is_active=False)
    for handed in (answered, declined):
        page(inbox, f"/inbox/{handed.pk}/", 404)
    ben.delete()
    for shelf in ("answered", "declined"):
        assert "sabbatical" not in page(inbox, f"/inbox/?show={shelf}")


def test_a_stranger_is_sent_to_sign_in(client: Client, ana: User, hr: Group) -> None:
    handed = hand_over(ana, hr)
    for address in ("/inbox/", f"/inbox/{handed.pk}/"):
        assert client.get(address)["Location"].startswith("/sign-in/")


def test_whoever_leaves_the_group_sees_its_questions_no_more(inbox: Client, ana: User, hanna: User, hr: Group) -> None:
    handed = hand_over(ana, hr)
    hanna.groups.clear()
    page(inbox, f"/inbox/{handed.pk}/", 404)


def test_quotes_are_those_of_documents_that_the_reader_may_see(inbox: Client, ana: User, hr: Group) -> None:
    message = make_message(make_conversation(ana), make_version(), question="How many weeks?")
    shown = page(inbox, f"/inbox/{hand_over(ana, hr, message).pk}/")
    assert "Every parent gets 16 weeks." in shown
    assert "Leave guide" in shown
    assert "16 weeks</strong>" in shown


def test_an_answer_from_a_document_that_is_not_the_reader_s_is_withheld(
    inbox: Client, ana: User, hr: Group, team: Group
) -> None:
    message = make_message(make_conversation(ana), make_version(groups=(team,)), question="How many weeks?")
    shown = page(inbox, f"/inbox/{hand_over(ana, hr, message).pk}/")
    assert "How many weeks?" in shown
    assert "only the person who asked may see" in shown
    for secret in ("16 weeks", "Leave guide", TEXT[:14]):
        assert secret not in shown


def test_so_is_one_whose_document_was_withdrawn(inbox: Client, ana: User, hr: Group, team: Group) -> None:
    message = make_message(make_conversation(ana), make_version(groups=(team,)), question="How many weeks?")
    handed = hand_over(ana, hr, message)
    Document.objects.all().delete()
    assert "16 weeks" not in page(inbox, f"/inbox/{handed.pk}/")


def test_what_is_asked_later_stays_with_the_person(inbox: Client, ana: User, hr: Group) -> None:
    handed = hand_over(ana, hr)
    make_message(handed.message.conversation, question="My own affair")
    assert "My own affair" not in page(inbox, f"/inbox/{handed.pk}/")


def test_each_question_lies_on_its_shelf(inbox: Client, client: Client, ana: User, hanna: User, hugo: User) -> None:
    group = hanna.groups.get()
    mine, theirs, done, no = (hand_over(ana, group, question=f"About {name}?") for name in ("a", "b", "c", "d"))
    hand_over(ana, group, question="About e?")
    services.claim(user=hanna, escalation_id=mine.pk)
    services.claim(user=hugo, escalation_id=theirs.pk)
    services.reply(user=hugo, escalation_id=done.pk, text="Yes.")
    services.decline(user=hanna, escalation_id=no.pk, reason="No.")
    for shelf, letter in {"open": "e", "mine": "a", "colleagues": "b", "answered": "c", "declined": "d"}.items():
        listed = page(inbox, f"/inbox/?show={shelf}")
        assert [name for name in "abcde" if f"About {name}?" in listed] == [letter]
    page(inbox, "/inbox/?show=nothing", 404)


def test_a_reply_goes_out_and_the_page_says_so(inbox: Client, ana: User, hr: Group) -> None:
    handed = hand_over(ana, hr)
    sent = inbox.post(f"/inbox/{handed.pk}/reply", {"text": "Six weeks."}, follow=True).content.decode()
    assert "Hanna answered" in sent
    assert "Six weeks." in sent


def test_whoever_is_second_is_told_and_keeps_what_they_wrote(inbox: Client, ana: User, hugo: User, hr: Group) -> None:
    handed = hand_over(ana, hr)
    services.reply(user=hugo, escalation_id=handed.pk, text="Six weeks.")
    response = inbox.post(f"/inbox/{handed.pk}/reply", {"text": "I think five."})
    told = html.unescape(response.content.decode())
    assert response.status_code == 409
    assert "Hugo has already answered this question." in told
    assert "I think five." in told


def test_what_was_taken_back_meanwhile_gives_the_words_back_too(inbox: Client, ana: User, hr: Group) -> None:
    handed = hand_over(ana, hr)
    services.withdraw(user=ana, escalation_id=handed.pk)
    response = inbox.post(f"/inbox/{handed.pk}/reply", {"text": "I think five."})
    assert response.status_code == 404
    assert "I think five." in response.content.decode()


def test_a_reply_that_was_begun_outlasts_the_other_buttons(
    inbox: Client, client: Client, ana: User, hugo: User, hr: Group
) -> None:
    handed = hand_over(ana, hr)
    assert "I think five." in inbox.post(f"/inbox/{handed.pk}/claim", {"text": "I think five."}).content.decode()
    client.force_login(hugo)
    blocked = client.post(f"/inbox/{handed.pk}/reply", {"text": "Six."}).content.decode()
    assert 'name="text" value="Six."' in blocked
    assert "Six.</textarea>" in client.post(f"/inbox/{handed.pk}/take-over", {"text": "Six."}).content.decode()


def test_the_menu_shows_the_inbox_to_those_who_have_one(
    client: Client, inbox: Client, ana: User, cleo: User, hr: Group
) -> None:
    assert 'class="inbox-count"' not in page(inbox, "/inbox/link")
    hand_over(ana, hr)
    assert "1 question waits" in page(inbox, "/inbox/link")
    client.force_login(cleo)
    assert page(client, "/inbox/link", 286) == ""


def test_a_page_that_outlives_its_session_stops_asking(client: Client) -> None:
    assert client.get("/inbox/link").status_code == 286
