"""Editing a question and answering it anew: what was there stays."""

import pytest

from askacme.lib.errors import ConversationBusy, NotFound
from askacme.lib.threads import in_thread
from chat.conversations.branches import show_branch
from chat.conversations.models import Conversation, Message
from chat.conversations.turns import thread_of
from chat.runs.services import ask, ask_instead, finish_running, regenerate
from governance.access.models import User
from tests.chat.rows import make_conversation, make_message, make_running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def turns(ana: User) -> list[Message]:
    """Three questions of one conversation, one after the other."""
    conversation = await in_thread(make_conversation, ana)
    return [await in_thread(make_message, conversation, question=question) for question in ("One?", "Two?", "Three?")]


async def shown(conversation: Conversation, user: User) -> list[str]:
    return [turn.message.question for turn in await in_thread(thread_of, conversation.pk, user)]


async def test_an_edited_question_hides_what_followed_the_old_one(ana: User, turns: list[Message]) -> None:
    await ask_instead(
        user=ana, conversation_id=turns[0].conversation_id, request_id=turns[1].pk, question="Two and a half?"
    )
    await finish_running()
    assert await shown(turns[0].conversation, ana) == ["One?", "Two and a half?"]


async def test_the_old_branch_can_be_shown_again_to_its_end(ana: User, turns: list[Message]) -> None:
    await ask_instead(
        user=ana, conversation_id=turns[0].conversation_id, request_id=turns[1].pk, question="Two and a half?"
    )
    await finish_running()
    await in_thread(show_branch, user=ana, request_id=turns[1].pk)
    assert await shown(turns[0].conversation, ana) == ["One?", "Two?", "Three?"]


async def test_an_answer_made_anew_stands_beside_the_old_one(ana: User, turns: list[Message]) -> None:
    anew = await regenerate(user=ana, conversation_id=turns[0].conversation_id, request_id=turns[2].pk)
    await finish_running()
    last = (await in_thread(thread_of, turns[0].conversation_id, ana))[-1]
    assert last.message.question == "Three?"
    assert last.siblings == (turns[2].pk, anew.pk)
    assert (last.branch_number, last.branch_before, last.branch_after) == (2, turns[2].pk, None)


async def test_the_first_question_can_be_edited_too(ana: User, turns: list[Message]) -> None:
    await ask_instead(user=ana, conversation_id=turns[0].conversation_id, request_id=turns[0].pk, question="Zero?")
    await finish_running()
    assert await shown(turns[0].conversation, ana) == ["Zero?"]


async def test_a_new_question_goes_on_from_the_branch_that_is_shown(ana: User, turns: list[Message]) -> None:
    await ask_instead(
        user=ana, conversation_id=turns[0].conversation_id, request_id=turns[1].pk, question="Two and a half?"
    )
    await finish_running()
    await ask(user=ana, question="And then?", conversation_id=turns[0].conversation_id)
    await finish_running()
    assert await shown(turns[0].conversation, ana) == ["One?", "Two and a half?", "And then?"]


async def test_a_refused_edit_leaves_everything_as_it_was(ana: User, turns: list[Message]) -> None:
    await in_thread(make_running, turns[2].conversation)
    with pytest.raises(ConversationBusy):
        await ask_instead(
            user=ana, conversation_id=turns[0].conversation_id, request_id=turns[1].pk, question="Two and a half?"
        )
    assert (await shown(turns[0].conversation, ana))[:3] == ["One?", "Two?", "Three?"]


async def test_cleo_can_neither_edit_nor_switch_ana_s(cleo: User, turns: list[Message]) -> None:
    for attempt in (
        ask_instead(user=cleo, conversation_id=turns[0].conversation_id, request_id=turns[1].pk, question="Mine?"),
        regenerate(user=cleo, conversation_id=turns[0].conversation_id, request_id=turns[1].pk),
        in_thread(show_branch, user=cleo, request_id=turns[1].pk),
    ):
        with pytest.raises(NotFound):
            await attempt
