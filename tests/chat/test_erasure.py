"""Erasure of a person: no word is left, figures are, and the chain holds."""

from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from askacme.lib.errors import Conflict, InvalidInput, UnderLegalHold
from chat.conversations.models import Conversation
from chat.tools.models import ToolUse
from governance.access.models import User
from governance.audit.answers import record_answer
from governance.audit.chain import verify
from governance.audit.erasure import Erased, erase_person
from governance.audit.holds import end_hold, place_hold
from governance.audit.models import AuditedAnswer, AuditEvent
from governance.audit.services import record
from governance.feedback.services import rate
from governance.gateway.models import Inference
from governance.guardrails.pii.vault import keep, values_of
from governance.guardrails.reviews.models import AbuseAlert, BlockedAttack
from governance.guardrails.reviews.services import contest
from governance.guardrails.values import Action, GuardVerdict
from knowledge.documents.models import Document
from tests.cast import make_user
from tests.chat.rows import make_conversation, make_message, make_use

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "zebra-crossing"
BLOCKED = GuardVerdict("injection", "1", Action.BLOCK, 0.9, f"injection.{SECRET}")


@pytest.fixture
def dora(db: None) -> User:
    return make_user("dora@acme.example")


def erase(email: str = "dora@acme.example", **fields: object) -> Erased:
    return erase_person(**{"actor": None, "email": email, "reason": "Request 7", **fields})  # type: ignore[arg-type]


def make_life(user: User) -> None:
    """Everything that a person leaves behind."""
    conversation = make_conversation(user, title=f"About {SECRET}")
    message = make_message(conversation, question=f"Where is {SECRET}?", answer=f"It is {SECRET}.")
    make_use(message, changes_something=True, arguments={"note": SECRET}, shown=[["Note", SECRET]], outcome=SECRET)
    rate(user=user, request_id=message.pk, rating="down", comment=f"No {SECRET}")
    record(actor=user, action="conversation.rename", target=str(conversation.pk), before=SECRET)
    record(actor=None, action="user.change", target="somebody", before={"colleague": user.email})
    Inference.objects.create(
        request_id=message.pk, user=user, purpose="answer", provider="p", model="m", status="error",
        cost_usd=Decimal("0.5"), error=f"Can't: {SECRET}",
    )  # fmt: skip
    record_answer(
        AuditedAnswer(
            request_id=message.pk, asked_at=message.created_at, user=user, status="success", cost_usd=Decimal("0.5"),
            question=SECRET, answer=SECRET, stages=[{"name": "condense", "detail": {"said": SECRET}}],
        )
    )  # fmt: skip
    contest(user=user, request_id=message.pk, verdict=BLOCKED, policy="1", question=SECRET, comment=SECRET)
    BlockedAttack.objects.create(request_id=message.pk, user=user, guard="injection", code=BLOCKED.code)
    AbuseAlert.objects.create(user=user, attacks=1, latest_at=message.created_at, codes=[BLOCKED.code])
    keep(str(conversation.pk), {"[EMAIL_7f3a]": SECRET})


def tables_that_hold(word: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}" AS kept WHERE kept::text ILIKE %s', [f"%{word}%"])
            found += [name] if cursor.fetchone()[0] else []
    return found


def test_no_table_and_no_vault_holds_a_word_afterwards(dora: User) -> None:
    make_life(dora)
    scope = str(Conversation.objects.get().pk)
    assert len(tables_that_hold(SECRET)) >= 10
    erase()
    assert tables_that_hold(SECRET) == []
    assert tables_that_hold("dora") == []
    assert values_of(scope) == {}


def test_figures_stay_and_the_chain_holds(dora: User) -> None:
    make_life(dora)
    number = dora.pk
    erase()
    assert verify().problems == ()
    call = Inference.objects.get()
    assert (call.user, call.cost_usd, call.error) == (None, Decimal("0.5"), "")
    answer = AuditedAnswer.objects.get()
    assert (answer.user_id, answer.status, answer.cost_usd) == (number, "success", Decimal("0.5"))
    assert ToolUse.objects.get().changes_something
    assert AuditEvent.objects.filter(actor_id=number, action="conversation.rename").exists()


def test_the_erasure_is_on_record_without_the_name(dora: User, ana: User) -> None:
    make_life(dora)
    erase(actor=ana, reason="Dora@acme.example asked for it")
    act = AuditEvent.objects.get(action="person.erase")
    assert (act.actor, act.actor_email) == (ana, "")
    assert act.details["reason"] == "[the person] asked for it"
    assert act.details["counts"]["conversations"] == 1


def test_what_others_did_and_asked_stays(dora: User, ana: User) -> None:
    make_life(dora)
    make_life(ana)
    erase()
    assert AuditedAnswer.objects.get(user=ana).question == SECRET
    assert AuditEvent.objects.get(actor=ana, action="conversation.rename").details == {"before": SECRET}
    assert Conversation.objects.visible_to(ana).count() == 1


def test_it_is_safe_to_repeat(dora: User) -> None:
    make_life(dora)
    assert erase()
    assert not erase()
    assert AuditEvent.objects.filter(action="person.erase").count() == 1
    record(actor=None, action="user.create", target="dora@acme.example")
    assert erase().counts == {"acts": 1, "answers": 0}
    assert verify().problems == ()


def test_a_second_erasure_does_not_undo_the_proof_of_the_first(dora: User, ana: User) -> None:
    make_life(dora)
    erase(actor=ana)
    erase("ana@acme.example")
    assert verify().problems == ()


def test_a_row_that_was_blanked_without_an_erasure_is_found(dora: User) -> None:
    make_life(dora)
    answer = AuditedAnswer.objects.get()
    act = record(actor=None, action="test.act", target="not an erasure")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_auditedanswer SET question = '', standalone = '', answer = '', passages = '[]',"
            " stages = '[]', salt = '', erased_at = now(), erasure_id = %s",
            [act.pk],
        )
    assert [problem.what for problem in verify().problems] == ["this row was erased, and no act says so"]
    assert verify().problems[0].row_id == answer.pk


@pytest.mark.parametrize("whose", ["hers", "everyone's"])
def test_a_legal_hold_refuses_it_until_it_ends(dora: User, ana: User, whose: str) -> None:
    make_life(dora)
    hold = place_hold(actor=ana, person=dora if whose == "hers" else None, reason="Case 12")
    with pytest.raises(UnderLegalHold, match="legal hold"):
        erase()
    assert Conversation.objects.visible_to(dora).exists()
    end_hold(actor=ana, hold_id=hold.pk)
    assert erase()
    assert not User.objects.filter(email="dora@acme.example").exists()


def test_a_hold_of_somebody_else_does_not_keep_from_it(dora: User, ana: User) -> None:
    place_hold(actor=None, person=ana, reason="Case 12")
    assert erase().counts["conversations"] == 0
    assert not User.objects.filter(pk=dora.pk).exists()


def test_documents_are_handed_over(dora: User, ana: User) -> None:
    document = Document.objects.create(title="Leave", path="leave.pdf", owner=dora, for_everyone=True)
    with pytest.raises(Conflict, match="owns 1 documents"):
        erase()
    erase(heir=ana)
    document.refresh_from_db()
    assert document.owner == ana


def test_the_last_administrator_is_not_erased(db: None) -> None:
    make_user("chief@acme.example", is_superuser=True)
    with pytest.raises(Conflict, match="last administrator"):
        erase("chief@acme.example")


def test_a_reason_is_asked_for(dora: User) -> None:
    with pytest.raises(InvalidInput):
        erase(reason=" ")


def test_the_command_says_what_went(dora: User, ana: User) -> None:
    make_life(dora)
    said = StringIO()
    call_command("erase_person", "dora@acme.example", "--reason", "Request 7", stdout=said)
    assert said.getvalue().startswith("Erased: ")
    assert "1 conversations" in said.getvalue()
    with pytest.raises(CommandError, match="no active user"):
        call_command("erase_person", "x@y.example", "--reason", "R", "--documents-to", str(uuid4()), stdout=said)
