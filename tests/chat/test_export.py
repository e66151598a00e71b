"""Conversations and answers as Markdown."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.conversations.models import Conversation, Message
from chat.tools.models import ToolUse
from governance.access.models import User
from tests.chat.rows import PASSAGE, make_conversation, make_message, make_running, make_version

pytestmark = pytest.mark.django_db
BEGUN = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)
START, END = PASSAGE


@pytest.fixture
def page(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def exported(page: Client, conversation: Conversation) -> str:
    response = page.get(f"/c/{conversation.pk}/export")
    assert response.status_code == 200
    return response.content.decode()


def test_a_conversation_is_exported_with_footnotes(page: Client, ana: User) -> None:
    version, conversation = make_version(), make_conversation(ana, created_at=BEGUN)
    make_message(conversation, version, created_at=BEGUN)
    make_message(conversation, version, created_at=BEGUN, question="And\nthen?", answer="Rest.[1]")
    url = f"http://testserver/documents/{version.pk}/?start={START}&end={END}#passage"
    assert (
        exported(page, conversation)
        == f"""# Parental leave

*A conversation with AskAcme, begun 21 November 2026, 14:03*

*The answers are generated and may be wrong: check the sources.*

---

*Asked 21 November 2026, 14:03*

> How many weeks?

Every parent gets **16 weeks**.[^1]

---

*Asked 21 November 2026, 14:03*

> And
> then?

Rest.[^2]

[^1]: Leave guide, version 1, page 1: <{url}>
[^2]: Leave guide, version 1, page 1: <{url}>
"""
    )


def test_branches_that_are_not_shown_are_left_out(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, question="The first attempt")
    make_message(conversation, question="The second attempt", parent_id=None)
    text = exported(page, conversation)
    assert "The second attempt" in text
    assert "The first attempt" not in text


def test_a_refusal_stays_one(page: Client, ana: User) -> None:
    message = make_message(make_conversation(ana), status=Message.Status.NO_ANSWER, answer="I don't know: ask HR.")
    text = exported(page, message.conversation)
    assert "I don't know: ask HR.\n\n*AskAcme did not know: no document answered this.*" in text


def test_a_source_that_is_not_hers_any_more_is_not_named(page: Client, ana: User) -> None:
    version = make_version(groups=(Group.objects.create(name="Others"),))
    text = exported(page, make_message(make_conversation(ana), version).conversation)
    assert "Leave guide" not in text
    assert "**16 weeks**." in text
    assert "[^1]" not in text


def test_what_other_systems_were_asked_is_named(page: Client, ana: User) -> None:
    message = make_message(make_conversation(ana))
    ToolUse.objects.create(
        request_id=message.pk, message=message, user=ana, tool="leave", title="Leave balance", system="PeopleHub",
        state="done", started_at=BEGUN, finished_at=BEGUN,
    )  # fmt: skip
    assert "*Looked up: Leave balance (PeopleHub)*" in exported(page, message.conversation)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("How many weeks?", "How many weeks.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ('a"b\r\nSet-Cookie: x', "a b Set-Cookie x.md"),
        ("???", "conversation.md"),
        ("", "New conversation.md"),
    ],
)
def test_the_file_is_named_after_the_title(page: Client, ana: User, title: str, name: str) -> None:
    response = page.get(f"/c/{make_conversation(ana, title=title).pk}/export")
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == "text/markdown; charset=utf-8"


def test_an_answer_is_copied_with_its_sources(page: Client, ana: User) -> None:
    version = make_version()
    message = make_message(make_conversation(ana), version)
    assert page.get(f"/answers/{message.pk}/markdown").content.decode() == (
        "Every parent gets **16 weeks**.[1]\n\n"
        f"[1] Leave guide, version 1, page 1: <http://testserver/documents/{version.pk}/"
        f"?start={START}&end={END}#passage>\n\n"
        "*AskAcme, Automatic answer. May be wrong: check the sources before you rely on it.*\n"
    )


def test_a_copied_answer_says_how_it_was_made_and_a_refusal_needs_not(page: Client, ana: User) -> None:
    version, conversation = make_version(), make_conversation(ana)
    written = make_message(conversation, version, provider="acme")
    refused = make_message(make_conversation(ana), status="no_answer", answer="I don't know: ask HR.")
    assert "AskAcme, Generated answer." in page.get(f"/answers/{written.pk}/markdown").content.decode()
    assert page.get(f"/answers/{refused.pk}/markdown").content.decode().count("AskAcme, ") == 0


def test_a_sentence_without_proof_says_so_wherever_it_is_taken(page: Client, ana: User) -> None:
    text = "Every parent gets 16 weeks.[1] All of it is paid."
    second = text.index("All")
    judged = {"cites": [1], "reason": ""}
    proof = [
        {"index": 0, "start": 0, "end": second - 1, "state": "proved", **judged},
        {"index": 1, "start": second, "end": len(text), "state": "unproved", **judged},
    ]
    message = make_message(make_conversation(ana), make_version(), answer=text, proof=proof)
    told = "Every parent gets 16 weeks.{} All of it is paid. (no proof found)\n"
    assert told.format("[^1]") in exported(page, message.conversation)
    assert told.format("[1]") in page.get(f"/answers/{message.pk}/markdown").content.decode()


def test_cleo_takes_nothing_of_ana_s_along(client: Client, ana: User, cleo: User) -> None:
    message = make_message(make_conversation(ana), make_version())
    client.force_login(cleo)
    assert client.get(f"/c/{message.conversation_id}/export").status_code == 404
    assert client.get(f"/answers/{message.pk}/markdown").status_code == 404


def test_neither_a_temporary_conversation_nor_half_an_answer_is_taken_along(page: Client, ana: User) -> None:
    temporary = make_conversation(ana, is_temporary=True)
    running = make_running(temporary)
    assert page.get(f"/c/{temporary.pk}/export").status_code == 404
    assert page.get(f"/answers/{running.pk}/markdown").status_code == 404
