"""Break-glass: a reason first, on record, for half an hour; and the person who was read knows."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from askacme.lib.errors import InvalidInput, NotAllowed, NotFound
from askacme.lib.sealed import seal
from chat.conversations.models import Conversation, Message
from chat.disclosure.services import open_answer, open_conversation
from chat.tools.models import ToolUse
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditedAnswer, AuditEvent
from governance.disclosure.models import Reading
from governance.disclosure.services import break_glass, is_opened, open_reading
from tests.cast import make_user

pytestmark = pytest.mark.django_db
REASON = "Complaint 4711: what was said about the merger?"
QUESTION = "How do I report my manager?"
OPEN = "/admin/governance/reading/open/"


@pytest.fixture
def auditor(db: None) -> User:
    return make_user("ada@acme.example", ensure_roles()["Auditors"], is_staff=True)


@pytest.fixture
def talk(ana: User) -> Conversation:
    conversation = Conversation.objects.create(user=ana, title="Reporting my manager")
    Message.objects.create(
        conversation=conversation, question=QUESTION, answer="Write to the ombudsman.", state="done", status="success"
    )
    return conversation


def opened(auditor: User, talk: Conversation) -> Reading:
    return open_conversation(actor=auditor, conversation_id=talk.pk, reason=REASON)


def look(client: Client, reading: Reading) -> str:
    return client.get(reverse("admin:governance_reading_look", args=[reading.pk])).content.decode()


def test_the_act_is_on_record_before_a_word_is_shown(client: Client, auditor: User, talk: Conversation) -> None:
    client.force_login(auditor)
    sent = {"person": "ana@acme.example", "conversation": talk.pk, "reason": REASON}
    response = client.post(OPEN, sent)
    event = AuditEvent.objects.get(action="conversation.break_glass")
    assert (event.actor, event.target) == (auditor, str(talk.pk))
    assert (event.details["owner"], event.details["reason"]) == ("ana@acme.example", REASON)
    assert QUESTION not in response.content.decode()
    page = client.get(response["Location"]).content.decode()
    assert QUESTION in page
    assert "Write to the ombudsman." in page


def test_what_can_be_opened_is_listed_without_a_word(client: Client, auditor: User, talk: Conversation) -> None:
    client.force_login(auditor)
    page = client.get(OPEN, {"person": "ana@acme.example"}).content.decode()
    assert str(talk.pk) in page
    assert "1 question," in page
    assert "manager" not in page


@pytest.mark.parametrize("reason", ["", "because", "        x        ", "a" * 501])
def test_without_a_proper_reason_nothing_opens(client: Client, auditor: User, talk: Conversation, reason: str) -> None:
    client.force_login(auditor)
    page = client.post(OPEN, {"conversation": talk.pk, "reason": reason}).content.decode()
    assert "characters" in page
    assert QUESTION not in page
    assert not Reading.objects.exists()
    assert not AuditEvent.objects.filter(action="conversation.break_glass").exists()


def test_the_database_takes_no_reading_without_a_reason(ana: User, auditor: User) -> None:
    with pytest.raises(IntegrityError, match="reading_has_a_reason"), transaction.atomic():
        Reading.objects.create(owner=ana, reader=auditor, request_ids=[uuid4()], reason="because")


def test_after_half_an_hour_it_is_closed(client: Client, auditor: User, talk: Conversation) -> None:
    reading = opened(auditor, talk)
    before = timezone.now() - timedelta(hours=1)
    Reading.objects.update(opened_at=before, ends_at=before + timedelta(minutes=30))
    client.force_login(auditor)
    assert client.get(reverse("admin:governance_reading_look", args=[reading.pk])).status_code == 404
    assert not is_opened(reader=auditor, request_id=reading.request_ids[0])


def test_what_one_auditor_opened_stays_closed_to_another(client: Client, auditor: User, talk: Conversation) -> None:
    reading = opened(auditor, talk)
    other = make_user("abel@acme.example", ensure_roles()["Auditors"], is_staff=True)
    with pytest.raises(NotFound):
        open_reading(actor=other, reading_id=reading.pk)
    assert not is_opened(reader=other, request_id=reading.request_ids[0])


def test_who_is_no_auditor_any_more_reads_no_further(auditor: User, talk: Conversation) -> None:
    reading = opened(auditor, talk)
    auditor.groups.clear()
    fresh = User.objects.get(pk=auditor.pk)
    with pytest.raises(NotAllowed):
        open_reading(actor=fresh, reading_id=reading.pk)
    assert not is_opened(reader=fresh, request_id=reading.request_ids[0])


def test_what_is_asked_later_is_not_opened(client: Client, auditor: User, talk: Conversation) -> None:
    reading = opened(auditor, talk)
    Message.objects.create(conversation=talk, question="And my health?", answer="Yes.", state="done", status="success")
    client.force_login(auditor)
    assert "And my health?" not in look(client, reading)


def test_looking_changes_nothing(client: Client, auditor: User, talk: Conversation) -> None:
    reading = opened(auditor, talk)
    client.force_login(auditor)
    assert client.post(reverse("admin:governance_reading_look", args=[reading.pk])).status_code == 405
    look(client, reading)
    talk.refresh_from_db()
    assert Message.objects.get().question == QUESTION


def test_the_owner_sees_who_when_and_why(client: Client, ana: User, auditor: User, talk: Conversation) -> None:
    opened(auditor, talk)
    client.force_login(ana)
    chat = client.get(reverse("conversation", args=[talk.pk])).content.decode()
    assert "Ada read this conversation." in chat
    assert REASON in chat
    assert "An auditor has read a conversation of yours." in client.get("/").content.decode()
    page = client.get(reverse("readings")).content.decode()
    assert REASON in page
    assert "Ada" in page
    assert "Reporting my manager" in page


def test_it_is_news_once_and_stands_in_the_conversation_for_good(
    client: Client, ana: User, auditor: User, talk: Conversation
) -> None:
    opened(auditor, talk)
    client.force_login(ana)
    assert "data-new" in client.get(reverse("readings")).content.decode()
    assert "data-new" not in client.get(reverse("readings")).content.decode()
    assert "An auditor has read" not in client.get("/").content.decode()
    assert REASON in client.get(reverse("conversation", args=[talk.pk])).content.decode()


def test_the_owner_still_knows_when_the_conversation_is_gone(
    client: Client, ana: User, auditor: User, talk: Conversation
) -> None:
    opened(auditor, talk)
    talk.delete()
    client.force_login(ana)
    page = client.get(reverse("readings")).content.decode()
    assert REASON in page
    assert "a conversation that was deleted" in page


def test_ben_and_cleo_see_nothing_of_it(
    client: Client, ben: User, cleo: User, auditor: User, talk: Conversation
) -> None:
    reading = opened(auditor, talk)
    for person in (ben, cleo):
        client.force_login(person)
        assert REASON not in client.get(reverse("readings")).content.decode()
        for address in (OPEN, "/admin/governance/reading/", f"/admin/governance/reading/{reading.pk}/conversation/"):
            assert client.get(address).status_code in {302, 403, 404}
        with pytest.raises(NotAllowed):
            open_conversation(actor=person, conversation_id=talk.pk, reason=REASON)


@pytest.mark.parametrize("role", ["HR", "Managers"])
def test_other_roles_of_the_console_may_not(client: Client, talk: Conversation, role: str) -> None:
    client.force_login(make_user("hana@acme.example", ensure_roles()[role], is_staff=True))
    assert client.get(OPEN).status_code == 403
    assert client.post(OPEN, {"conversation": talk.pk, "reason": REASON}).status_code == 403
    assert not Reading.objects.exists()


def test_ones_own_conversation_needs_no_glass_broken(auditor: User) -> None:
    own = Conversation.objects.create(user=auditor)
    Message.objects.create(conversation=own, question="Hello?", answer="Hello.", state="done", status="success")
    with pytest.raises(InvalidInput, match="your own"):
        open_conversation(actor=auditor, conversation_id=own.pk, reason=REASON)


def test_from_a_request_id_the_whole_conversation_opens(auditor: User, talk: Conversation) -> None:
    reading = open_answer(actor=auditor, request_id=Message.objects.get().pk, reason=REASON)
    assert reading.conversation_id == talk.pk


def test_what_a_search_found_opens_without_its_number(client: Client, auditor: User, talk: Conversation) -> None:
    request_id = str(Message.objects.get().pk)
    client.force_login(auditor)
    page = client.get(OPEN, {"found": seal(request_id)}).content.decode()
    assert request_id not in page
    assert "ana@acme.example" not in page
    client.post(OPEN, {"found": seal(request_id), "reason": REASON})
    assert Reading.objects.get().conversation_id == talk.pk


def test_of_a_deleted_conversation_the_audited_answer_can_be_read(client: Client, ana: User, auditor: User) -> None:
    answer = AuditedAnswer.objects.create(
        request_id=uuid4(), asked_at=timezone.now(), user=ana, status="success", question=QUESTION, answer="Yes."
    )
    reading = open_answer(actor=auditor, request_id=answer.request_id, reason=REASON)
    client.force_login(auditor)
    page = look(client, reading)
    assert QUESTION in page
    assert "kept on record" in page


def test_what_a_tool_said_is_behind_the_glass_as_well(client: Client, talk: Conversation) -> None:
    boss = make_user("boss@acme.example", is_staff=True, is_superuser=True)
    message = Message.objects.get()
    use = ToolUse.objects.create(
        request_id=message.pk,
        user=talk.user,
        tool="payslip",
        title="Payslip",
        state=ToolUse.State.DONE,
        result="4,711 euros net",
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    client.force_login(boss)
    address = f"/admin/chat/tooluse/{use.pk}/change/"
    assert "4,711" not in client.get(address).content.decode()
    opened(boss, talk)
    assert "4,711 euros net" in client.get(address).content.decode()


@pytest.mark.parametrize("request_id", ["nonsense", "00000000-0000-0000-0000-000000000007"])
def test_a_number_of_nothing_is_said_to_be_one(client: Client, auditor: User, request_id: str) -> None:
    client.force_login(auditor)
    page = client.get(OPEN, {"request_id": request_id}).content.decode()
    assert "request id" in page
    assert "Why must you read it?" not in page


def test_nothing_is_opened_of_a_conversation_without_words(ana: User, auditor: User) -> None:
    with pytest.raises(NotFound):
        break_glass(actor=auditor, owner=ana, request_ids=[], reason=REASON)
