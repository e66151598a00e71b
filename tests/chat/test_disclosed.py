"""What somebody else may read of an answer."""

import pytest
from django.contrib.auth.models import Group

from chat.conversations.disclosed import disclosed_to
from chat.conversations.models import Conversation, Message
from governance.access.models import User
from knowledge.documents.models import Document, DocumentVersion
from tests.chat.rows import make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(ana: User) -> Conversation:
    return make_conversation(ana)


@pytest.fixture
def secret(team: Group) -> DocumentVersion:
    """Only ana and ben may see it."""
    return make_version(groups=(team,))


def shown(reader: User, *messages: Message) -> list[str]:
    return [turn.answer for turn in disclosed_to(reader, messages)]


def test_what_the_reader_may_see_too_is_shown_with_its_source(conversation: Conversation, cleo: User) -> None:
    (turn,) = disclosed_to(cleo, [make_message(conversation, make_version())])
    assert "16 weeks" in turn.answer
    assert [citation.version.document.title for citation in turn.citations] == ["Leave guide"]


def test_what_only_the_asker_may_see_is_withheld(
    conversation: Conversation, secret: DocumentVersion, ben: User, cleo: User
) -> None:
    message = make_message(conversation, secret)
    assert "16 weeks" in shown(ben, message)[0]
    assert shown(cleo, message) == [""]


def test_one_source_that_is_not_theirs_withholds_the_whole(
    conversation: Conversation, secret: DocumentVersion, cleo: User
) -> None:
    message = make_message(conversation, make_version(), secret, answer="Sixteen.[1] And pay.[2]")
    assert shown(cleo, message) == [""]


def test_what_rested_on_a_document_that_is_gone_stays_withheld(
    conversation: Conversation, secret: DocumentVersion, cleo: User
) -> None:
    message = make_message(conversation, secret)
    Document.objects.all().delete()
    assert shown(cleo, message) == [""]


def test_a_follow_up_on_what_is_withheld_is_withheld_and_a_new_topic_is_not(
    conversation: Conversation, secret: DocumentVersion, cleo: User
) -> None:
    first = make_message(conversation, secret)
    follow_up = make_message(conversation, make_version(), standalone="And how is the leave paid?")
    other = make_message(conversation, make_version())
    assert [bool(answer) for answer in shown(cleo, first, follow_up, other)] == [False, False, True]


def test_sentences_without_proof_are_left_out(conversation: Conversation, cleo: User) -> None:
    answer = "Every parent gets 16 weeks.[1] The CEO gets more."
    start = answer.index("The CEO")
    unproved = {"state": "unproved", "start": start, "end": len(answer)}
    message = make_message(conversation, make_version(), answer=answer, proof=[unproved])
    assert "16 weeks" in shown(cleo, message)[0]
    assert "CEO" not in shown(cleo, message)[0]
