"""What may be told of the turns before a question."""

import pytest
from django.contrib.auth.models import Group

from chat.conversations.models import Message
from chat.followups.talk import Talk, talk_before
from governance.access.models import User
from tests.chat.rows import make_conversation, make_version
from tests.chat.talks import LEAVE, asked_after, make_turn

pytestmark = pytest.mark.django_db


def talk_of(before: Message | None, user: User) -> Talk:
    asked = asked_after(before, user, "And for part-timers?")
    return talk_before(asked.request_id, asked.audience)


def answers(talk: Talk) -> list[str]:
    return [turn.answer for turn in talk.turns]


def test_a_first_question_has_nothing_before_it(ana: User) -> None:
    assert talk_of(None, ana).is_empty


def test_the_turns_of_its_own_branch_oldest_first_without_the_marks_of_other_answers(ana: User) -> None:
    first = make_turn(make_conversation(ana), LEAVE, make_version())
    make_turn(first, "Another branch?")
    second = make_turn(first, "Who approves it?", standalone="Who approves parental leave?")
    talk = talk_of(second, ana)
    assert [turn.standalone for turn in talk.turns] == [LEAVE, "Who approves parental leave?"]
    assert answers(talk) == ["So it is.", "So it is."]


def test_turns_without_an_answer_that_people_saw_are_left_out(ana: User) -> None:
    first = make_turn(make_conversation(ana), LEAVE)
    failed = make_turn(first, "Broken?", state=Message.State.FAILED, status=Message.Status.ERROR)
    refused = make_turn(failed, "Forbidden?", status=Message.Status.FILTERED)
    unknown = make_turn(refused, "Who was first?", status=Message.Status.NO_ANSWER)
    talk = talk_of(unknown, ana)
    assert [turn.question for turn in talk.turns] == [LEAVE, "Who was first?"]
    assert answers(talk) == ["So it is.", ""]


def test_an_answer_is_not_told_when_its_document_is_no_longer_for_the_asker(ana: User, team: Group) -> None:
    secret = make_version(groups=(team,))
    last = make_turn(make_turn(make_conversation(ana), LEAVE, secret), "Who approves it?", make_version())
    assert answers(talk_of(last, ana)) == ["So it is.", "So it is."]
    ana.groups.clear()
    Message.objects.running().delete()
    assert answers(talk_of(last, ana)) == ["", "So it is."]


def test_an_answer_is_not_told_when_its_document_is_gone(ana: User) -> None:
    version = make_version()
    last = make_turn(make_conversation(ana), LEAVE, version)
    version.document.delete()
    assert answers(talk_of(last, ana)) == [""]


def test_the_summary_stands_for_the_turns_that_it_tells_of(ana: User) -> None:
    first = make_turn(make_conversation(ana), LEAVE, make_version())
    last = make_turn(first, "Who approves it?")
    summed_up(first)
    talk = talk_of(last, ana)
    assert (talk.summary, [turn.question for turn in talk.turns]) == ("Ana asked about leave.", ["Who approves it?"])


def test_a_summary_of_another_branch_is_not_used(ana: User) -> None:
    first = make_turn(make_conversation(ana), LEAVE)
    summed_up(make_turn(first, "Another branch?"))
    talk = talk_of(make_turn(first, "Who approves it?"), ana)
    assert (talk.summary, len(talk.turns)) == ("", 2)


def test_a_summary_of_what_is_no_longer_for_the_asker_is_not_used(ana: User, team: Group) -> None:
    first = make_turn(make_conversation(ana), LEAVE, make_version(groups=(team,)))
    last = make_turn(first, "Who approves it?")
    summed_up(first)
    ana.groups.clear()
    talk = talk_of(last, ana)
    assert (talk.summary, answers(talk)) == ("", ["", "So it is."])


def summed_up(upto: Message) -> None:
    upto.conversation.summary, upto.conversation.summarised = "Ana asked about leave.", upto
    upto.conversation.save()
