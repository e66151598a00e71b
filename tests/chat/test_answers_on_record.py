"""Each ended answer is on the audit record exactly once, however it ended."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from chat.conversations.services import delete
from chat.pipeline.settle import settle
from chat.pipeline.trace import Trace
from chat.pipeline.values import Asked, Condensed, Status, Verdict
from chat.pipeline.way import Way
from chat.runs.keeper import close_as_broken
from chat.runs.services import ask_and_wait
from chat.runs.tasks import close_orphaned_runs
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.chain import verify
from governance.audit.erasure import erase_person
from governance.audit.models import AuditedAnswer
from tests.cast import make_document
from tests.chat.rows import make_conversation, make_running

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do I get?"
GUARDED = {"guard": "injection", "action": "block", "score": 0.9, "code": "injection.override", "signals": []}


def settle_one(message: Message, *, attempt: int = 1, trace: Trace | None = None) -> object:
    user = message.conversation.user
    asked = Asked(message.request_id, message.question, user.pk, Audience.of(user), attempt)
    verdict = Verdict("Every parent gets 16 weeks.", Status.SUCCESS, confidence=0.87654)
    return settle(asked, Way(Condensed(asked.question), trace or Trace()), verdict)


def make_run(user: User) -> Message:
    return make_running(make_conversation(user))


async def test_an_answer_is_on_record_with_what_proves_it(ana: User) -> None:
    await in_thread(make_document)
    message = await ask_and_wait(user=ana, question=QUESTION)
    answer = await AuditedAnswer.objects.aget(request_id=message.pk)
    assert (answer.user_id, answer.status, answer.question) == (ana.pk, "success", QUESTION)
    assert answer.answer == message.answer
    assert answer.policy.startswith("default@")
    assert answer.passages[0]["path"] == "parental-leave.md"
    assert "16 weeks" in answer.passages[0]["quote"]
    assert {"n": 1, "version": 1}.items() <= answer.passages[0].items()
    assert "verify" in [stage["name"] for stage in answer.stages]
    assert (await in_thread(verify)).problems == ()


async def test_passages_that_were_read_and_not_cited_are_on_record_by_place(ana: User) -> None:
    leave = await in_thread(make_document)
    travel = await in_thread(
        make_document, title="Leave of absence", path="absence.md", text="# Absence\n\nParental leave: ask HR."
    )
    message = await ask_and_wait(user=ana, question=QUESTION)
    answer = await AuditedAnswer.objects.aget(request_id=message.pk)
    read = {each["document_id"]: each for each in answer.passages}
    assert set(read) == {leave.pk, travel.pk}
    assert read[leave.pk]["n"] == 1
    assert (read[travel.pk]["n"], read[travel.pk]["quote"]) == (None, "")
    assert read[travel.pk]["end"] > read[travel.pk]["start"]


def test_the_strictest_of_the_verdicts_is_found_without_the_stages(ana: User) -> None:
    message, trace = make_run(ana), Trace()
    with trace.stage("screen") as span:
        span.detail = {"verdicts": [{**GUARDED, "action": "warn", "code": "topic.off"}, GUARDED]}
    settle_one(message, trace=trace)
    answer = AuditedAnswer.objects.get()
    assert (answer.verdict, answer.verdict_code) == ("block", "injection.override")


def test_an_answer_that_breaks_off_is_on_record(ana: User) -> None:
    message = make_run(ana)
    assert close_as_broken(message.pk, "It broke.", attempt=1)
    answer = AuditedAnswer.objects.get()
    assert (answer.status, answer.answer, answer.user_id) == ("error", "It broke.", ana.pk)
    assert answer.policy.startswith("default@")


def test_an_answer_whose_process_died_is_on_record(ana: User) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    make_running(make_conversation(ana), beat_at=long_ago)
    close_orphaned_runs()
    assert AuditedAnswer.objects.get().status == "error"


def test_an_answer_that_two_processes_end_is_on_record_once(ana: User) -> None:
    message = make_run(ana)
    Message.objects.filter(pk=message.pk).update(attempts=2)
    assert settle_one(message, attempt=1) is None
    assert not AuditedAnswer.objects.exists()
    assert settle_one(message, attempt=2)
    assert settle_one(message, attempt=2) is None
    assert not close_as_broken(message.pk, "It broke.", attempt=2)
    assert [answer.attempts for answer in AuditedAnswer.objects.all()] == [2]


def test_what_was_asked_in_a_conversation_that_is_deleted_meanwhile_is_on_record(ana: User) -> None:
    message = make_run(ana)
    Conversation.objects.all().delete()
    assert settle_one(message) is None
    assert settle_one(message, attempt=2) is None
    answer = AuditedAnswer.objects.get()
    assert (answer.question, answer.status) == ("How many weeks?", "success")


async def test_what_is_being_answered_when_its_conversation_is_deleted_is_on_record(ana: User) -> None:
    message = await in_thread(make_run, ana)
    await delete(user=ana, conversation_id=message.conversation_id)
    assert await in_thread(settle_one, message) is None
    answer = await AuditedAnswer.objects.aget()
    assert (answer.question, answer.status, answer.user_id) == ("How many weeks?", "error", ana.pk)


def test_of_a_person_who_is_erased_while_an_answer_is_made_no_word_stays(ana: User) -> None:
    message = make_run(ana)
    erase_person(actor=None, email=ana.email, reason="Request 7")
    assert settle_one(message) is None
    answer = AuditedAnswer.objects.get()
    assert (answer.question, answer.answer, answer.user_id) == ("", "", message.conversation.user_id)
    assert verify().problems == ()


def test_of_a_person_who_is_erased_meanwhile_only_the_figures_are(ana: User) -> None:
    asked = Asked(uuid4(), "My secret question", ana.pk, Audience.of(ana))
    ana.delete()
    settle(asked, Way(Condensed(asked.question)), Verdict("An answer.", Status.SUCCESS))
    answer = AuditedAnswer.objects.get()
    assert (answer.question, answer.answer, answer.stages, answer.status) == ("", "", [], "success")
