"""Handing a question over: the states it goes through, who may move it, and what happens when two do at once."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from askacme.lib.errors import Conflict, InvalidInput, NotFound, RateLimited
from chat.conversations.models import Message
from chat.escalation import services
from chat.escalation.inbox import link_of, shelves_of
from chat.escalation.models import Escalation
from chat.escalation.recipients import Recipient, as_recipient
from governance.access.models import User
from governance.audit.models import AuditEvent
from tests.cast import make_user
from tests.chat.rows import make_conversation, make_message, make_running

pytestmark = pytest.mark.django_db


@pytest.fixture
def helpers(db: None) -> Group:
    return Group.objects.create(name="People team")


@pytest.fixture
def hanna(helpers: Group) -> User:
    return make_user("hanna@acme.example", helpers)


@pytest.fixture
def hugo(helpers: Group) -> User:
    return make_user("hugo@acme.example", helpers)


@pytest.fixture
def message(ana: User) -> Message:
    return make_message(make_conversation(ana), question="Do we have a sabbatical?", status="no_answer")


@pytest.fixture
def handed(ana: User, message: Message, helpers: Group) -> Escalation:
    return services.escalate(user=ana, request_id=message.pk, to=as_recipient(helpers), note="It is for May.")


def acts(handed: Escalation) -> list[str]:
    events = AuditEvent.objects.filter(target=str(handed.pk)).order_by("pk")
    return [event.action.removeprefix("escalation.") for event in events]


def test_the_turns_that_led_to_it_go_along_and_no_others(ana: User, helpers: Group) -> None:
    conversation = make_conversation(ana)
    first = make_message(conversation)
    aside = make_message(conversation, parent_id=first.pk, question="A branch")
    second = make_message(conversation, parent_id=first.pk, question="And then?", standalone="And after the leave?")
    handed = services.escalate(user=ana, request_id=second.pk, to=as_recipient(helpers))
    make_message(conversation, parent_id=second.pk, question="Asked later")
    assert set(handed.turns.all()) == {first, second}
    assert aside not in handed.turns.all()


def test_the_question_goes_in_the_words_of_the_person(ana: User, helpers: Group) -> None:
    """What was made of it to search with could say what the recipients may not see."""
    conversation = make_conversation(ana)
    make_message(conversation)
    message = make_message(conversation, question="And then?", standalone="What comes after the 16 weeks?")
    handed = services.escalate(user=ana, request_id=message.pk, to=as_recipient(helpers))
    assert handed.question == "And then?"


def test_a_double_click_hands_over_once(ana: User, message: Message, helpers: Group, handed: Escalation) -> None:
    again = services.escalate(user=ana, request_id=message.pk, to=as_recipient(helpers), note="It is for May.")
    assert again == handed
    assert Escalation.objects.count() == 1
    assert acts(handed) == ["create"]


def test_only_one_s_own_answer_can_be_handed_over(cleo: User, message: Message, helpers: Group) -> None:
    with pytest.raises(NotFound):
        services.escalate(user=cleo, request_id=message.pk, to=as_recipient(helpers))


def test_what_is_still_being_answered_stays_here(ana: User, helpers: Group) -> None:
    running = make_running(make_conversation(ana))
    with pytest.raises(Conflict, match="still being answered"):
        services.escalate(user=ana, request_id=running.pk, to=as_recipient(helpers))


def test_a_temporary_chat_could_not_hold_the_reply(ana: User, helpers: Group) -> None:
    message = make_message(make_conversation(ana, is_temporary=True))
    with pytest.raises(InvalidInput, match="no reply could reach you"):
        services.escalate(user=ana, request_id=message.pk, to=as_recipient(helpers))


def test_a_note_that_is_too_long_is_refused(ana: User, message: Message, helpers: Group) -> None:
    with pytest.raises(InvalidInput, match="2,000"):
        services.escalate(user=ana, request_id=message.pk, to=as_recipient(helpers), note="x" * 2001)


def test_line_ends_from_a_browser_count_once(ana: User, message: Message, helpers: Group) -> None:
    typed = "x\r\n" * 1000
    handed = services.escalate(user=ana, request_id=message.pk, to=as_recipient(helpers), note=typed)
    assert handed.note == ("x\n" * 1000).strip()


def test_claimed_answered_and_on_record(hanna: User, handed: Escalation) -> None:
    services.claim(user=hanna, escalation_id=handed.pk)
    services.reply(user=hanna, escalation_id=handed.pk, text="  Yes, six weeks.\r\nAsk me.  ")
    handed.refresh_from_db()
    assert (handed.state, handed.reply, handed.replied_by) == ("answered", "Yes, six weeks.\nAsk me.", hanna)
    assert handed.ended_at is not None
    assert acts(handed) == ["create", "claim", "reply"]


def test_nobody_needs_to_claim_before_answering(hanna: User, handed: Escalation) -> None:
    assert services.reply(user=hanna, escalation_id=handed.pk, text="Yes.").state == "answered"


def test_the_same_reply_twice_is_sent_once(hanna: User, handed: Escalation) -> None:
    services.reply(user=hanna, escalation_id=handed.pk, text="Yes.")
    services.reply(user=hanna, escalation_id=handed.pk, text="Yes.")
    assert acts(handed) == ["create", "reply"]


def test_a_second_colleague_is_told_who_answered(hanna: User, hugo: User, handed: Escalation) -> None:
    services.reply(user=hanna, escalation_id=handed.pk, text="Yes.")
    with pytest.raises(Conflict, match="Hanna has already answered"):
        services.reply(user=hugo, escalation_id=handed.pk, text="No.")
    handed.refresh_from_db()
    assert handed.reply == "Yes."


def test_what_a_colleague_is_on_has_to_be_taken_over_first(hanna: User, hugo: User, handed: Escalation) -> None:
    services.claim(user=hanna, escalation_id=handed.pk)
    attempts: list[Callable[[], Escalation]] = [
        lambda: services.reply(user=hugo, escalation_id=handed.pk, text="No."),
        lambda: services.decline(user=hugo, escalation_id=handed.pk, reason="No."),
        lambda: services.release(user=hugo, escalation_id=handed.pk),
        lambda: services.claim(user=hugo, escalation_id=handed.pk),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict, match="Hanna is on it"):
            attempt()
    services.claim(user=hugo, escalation_id=handed.pk, take_over=True)
    assert services.reply(user=hugo, escalation_id=handed.pk, text="No.").replied_by == hugo


def test_given_back_it_is_open_for_all(hanna: User, hugo: User, handed: Escalation) -> None:
    services.claim(user=hanna, escalation_id=handed.pk)
    services.claim(user=hanna, escalation_id=handed.pk)
    services.release(user=hanna, escalation_id=handed.pk)
    services.release(user=hanna, escalation_id=handed.pk)
    assert services.claim(user=hugo, escalation_id=handed.pk).claimed_by == hugo
    assert acts(handed) == ["create", "claim", "release", "claim"]


def test_declined_with_a_reason_it_can_be_asked_again(
    ana: User, hanna: User, handed: Escalation, message: Message, helpers: Group
) -> None:
    with pytest.raises(InvalidInput, match="say why"):
        services.decline(user=hanna, escalation_id=handed.pk, reason=" ")
    services.decline(user=hanna, escalation_id=handed.pk, reason="Payroll knows.")
    services.decline(user=hanna, escalation_id=handed.pk, reason="Payroll knows.")
    assert acts(handed) == ["create", "decline"]
    with pytest.raises(Conflict, match="Hanna has already declined"):
        services.reply(user=hanna, escalation_id=handed.pk, text="Yes.")
    assert services.escalate(user=ana, request_id=message.pk, to=as_recipient(helpers)) != handed


def test_taken_back_it_is_gone_for_those_who_received_it(ana: User, hanna: User, handed: Escalation) -> None:
    services.claim(user=hanna, escalation_id=handed.pk)
    services.withdraw(user=ana, escalation_id=handed.pk)
    services.withdraw(user=ana, escalation_id=handed.pk)
    assert not Escalation.objects.received_by(hanna).exists()
    with pytest.raises(NotFound, match="taken back"):
        services.reply(user=hanna, escalation_id=handed.pk, text="Yes.")
    assert acts(handed) == ["create", "claim", "withdraw"]


def test_an_answer_can_t_be_taken_back(ana: User, hanna: User, handed: Escalation) -> None:
    services.reply(user=hanna, escalation_id=handed.pk, text="Yes.")
    with pytest.raises(Conflict, match="already answered"):
        services.withdraw(user=ana, escalation_id=handed.pk)


def test_only_who_asked_takes_back_and_only_who_received_acts(
    ana: User, ben: User, cleo: User, hanna: User, handed: Escalation
) -> None:
    with pytest.raises(NotFound):
        services.withdraw(user=hanna, escalation_id=handed.pk)
    for stranger in (ana, ben, cleo):
        with pytest.raises(NotFound):
            services.claim(user=stranger, escalation_id=handed.pk)


def test_an_empty_reply_is_refused(hanna: User, handed: Escalation) -> None:
    with pytest.raises(InvalidInput, match="write your reply"):
        services.reply(user=hanna, escalation_id=handed.pk, text=" \r\n ")


def test_seen_once_is_seen(ana: User, hanna: User, handed: Escalation) -> None:
    assert services.mark_seen(user=ana, escalation_id=handed.pk).seen_at is None, "there is nothing to see yet"
    services.reply(user=hanna, escalation_id=handed.pk, text="Yes.")
    seen = services.mark_seen(user=ana, escalation_id=handed.pk).seen_at
    assert seen is not None
    assert services.mark_seen(user=ana, escalation_id=handed.pk).seen_at == seen


def test_a_person_who_left_leaves_their_questions_to_the_default_inbox(ana: User, message: Message) -> None:
    hr = Group.objects.create(name="HR")
    heidi, owner = make_user("heidi@acme.example", hr), make_user("owner@acme.example")
    handed = services.escalate(user=ana, request_id=message.pk, to=Recipient("Owner", "", person=owner))
    assert not Escalation.objects.received_by(heidi).exists()
    owner.is_active = False
    owner.save()
    assert Escalation.objects.received_by(heidi).get() == handed
    owner.delete()
    assert Escalation.objects.received_by(heidi).get() == handed


def test_a_question_that_waits_for_nobody_s_group_goes_to_the_default_inbox(handed: Escalation, helpers: Group) -> None:
    heidi = make_user("heidi@acme.example", Group.objects.create(name="HR"))
    helpers.delete()
    assert Escalation.objects.received_by(heidi).get() == handed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", [partial(services.reply, text="Yes."), services.claim])
def test_of_two_colleagues_at_the_same_moment_one_is_told(
    hanna: User, hugo: User, handed: Escalation, verb: Callable[..., Escalation]
) -> None:
    outcomes = at_once([partial(verb, user=user, escalation_id=handed.pk) for user in (hanna, hugo)])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Escalation"]


def test_a_person_hands_over_so_many_a_day_and_no_more(ana: User, ben: User, helpers: Group) -> None:
    to = as_recipient(helpers)
    for _ in range(services.HANDED_OVER_A_DAY):
        asked = make_message(make_conversation(ana))
        services.escalate(user=ana, request_id=asked.pk, to=to)
    asked.conversation.delete()  # is no way around it
    more = make_message(make_conversation(ana))
    with pytest.raises(RateLimited, match="20 questions within a day"):
        services.escalate(user=ana, request_id=more.pk, to=to)
    services.escalate(user=ben, request_id=make_message(make_conversation(ben)).pk, to=to)


@pytest.mark.parametrize("is_deleted", [True, False])
def test_what_somebody_took_up_who_left_is_everyone_s_again(
    ana: User, hanna: User, hugo: User, handed: Escalation, *, is_deleted: bool
) -> None:
    services.claim(user=hanna, escalation_id=handed.pk)
    if is_deleted:
        hanna.delete()
    else:
        User.objects.filter(pk=hanna.pk).update(is_active=False)
    assert {shelf.name: shelf.count for shelf in shelves_of(hugo)} | {"answered": None} == {
        "open": 1, "mine": 0, "colleagues": 0, "answered": None, "declined": None,
    }  # fmt: skip
    assert link_of(hugo).count == 1
    assert services.reply(user=hugo, escalation_id=handed.pk, text="Six weeks.").state == "answered"


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_the_same_moment_hand_over_once(ana: User, message: Message, helpers: Group) -> None:
    to = as_recipient(helpers)
    outcomes = at_once([partial(services.escalate, user=ana, request_id=message.pk, to=to)] * 2)
    assert outcomes[0] == outcomes[1]
    assert Escalation.objects.count() == 1


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call returned or raised, all begun at the same moment."""
    ready, outcomes = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        ready.wait(10)
        try:
            outcomes.append(call())
        except Conflict as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes
