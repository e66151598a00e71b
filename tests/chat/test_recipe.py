"""An answer keeps the recipe that it was begun with; the next one has what was released meanwhile."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.runs.keeper import claim_orphans
from chat.runs.services import ask, finish_running, resume
from governance.access.models import User
from governance.prompts.releases.current import current, recipe_for
from governance.prompts.releases.models import CanaryAnswer, Release
from governance.prompts.releases.services import release
from governance.prompts.versions.models import Prompt, PromptVersion
from tests.chat.rows import make_conversation
from tests.governance.prompts.versions import make_approved, make_approver, make_author

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do I get?"


@pytest.fixture(autouse=True)
def nothing_followed() -> Iterator[None]:
    """A test's releases are gone with it, also from the process's memory."""
    yield
    current.stop()


def make_release(share: int = 100) -> tuple[Release, PromptVersion]:
    """An answer prompt with another rule at its end."""
    approver = make_approver()
    shipped = Prompt.objects.get(pk="answer").released
    assert shipped
    version = make_approved(make_author(), approver, f"{shipped.text}\nName the document.", "answer")
    return release(recipe_of=version, share=share, actor=approver), version


async def answered(user: User) -> Message:
    message = await ask(user=user, question=QUESTION, conversation_id=None)
    await finish_running()
    return await Message.objects.aget(pk=message.pk)


async def test_the_next_answer_after_a_release_is_made_by_it(ana: User) -> None:
    before = await answered(ana)
    made, version = await in_thread(make_release)
    after = await answered(ana)
    assert (before.prompt_version, after.prompt_version) == ("answer@1.0.0", version.label)
    assert after.recipe == made.recipe.label != before.recipe


async def test_a_run_that_is_taken_over_after_a_release_keeps_its_recipe(ana: User) -> None:
    begun = recipe_for(ana.pk).label
    conversation = await in_thread(make_conversation, ana)
    long_ago = timezone.now() - timedelta(minutes=1)
    orphan = await Message.objects.acreate(conversation=conversation, question=QUESTION, recipe=begun, beat_at=long_ago)
    await in_thread(make_release)
    [claimed] = await in_thread(claim_orphans, [])
    await resume(claimed)
    await finish_running()
    await orphan.arefresh_from_db()
    assert (orphan.state, orphan.prompt_version, orphan.recipe) == ("done", "answer@1.0.0", begun)


async def test_answers_count_in_their_arm_while_a_canary_is_out(ana: User) -> None:
    await answered(ana)
    canary, _ = await in_thread(make_release, 50)
    message = await answered(ana)
    counted = await CanaryAnswer.objects.aget()
    assert (counted.request_id, counted.release_id, counted.user_id) == (message.pk, canary.pk, ana.pk)
    assert counted.arm == recipe_for(ana.pk).arm
    assert counted.status == message.status
