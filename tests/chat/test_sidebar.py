"""The list of conversations: its order, its menu, names, pins, and deleting for good."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import get_channel_layer
from django.test import AsyncClient, Client
from django.utils import timezone

from askacme.lib.errors import InvalidInput, NotFound
from askacme.lib.redis import client as redis
from askacme.lib.threads import in_thread
from chat.conversations import services, sidebar
from chat.conversations.models import Conversation, Message
from chat.conversations.services import MAX_PINNED, pin, rename
from chat.conversations.sidebar import sidebar_of
from chat.escalation.services import reply
from chat.runs.services import group_name
from chat.runs.ship import stream_key
from chat.sharing.services import share
from chat.tools.models import ToolUse
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.feedback.models import Feedback
from tests.chat.handed import hand_over
from tests.chat.rows import make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def three_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sidebar, "LISTED", 3)


def named(user: User, **fields: Any) -> dict[str, list[str]]:
    return {str(group.name): [str(one) for one in group.conversations] for group in sidebar_of(user, **fields)}


def make_some(user: User, *titles: str) -> list[Conversation]:
    """The first is the newest."""
    now = timezone.now()
    return [
        make_conversation(user, title=title, updated_at=now - timedelta(days=30 + n)) for n, title in enumerate(titles)
    ]


def open_on(conversation: Conversation) -> dict[str, str]:
    return {**HTMX, "HX-Current-URL": f"http://testserver/c/{conversation.pk}/?turn=x#y"}


def test_pinned_ones_stand_on_top_the_latest_pin_first(ana: User) -> None:
    older, oldest = make_some(ana, "Old", "Older", "Oldest")[1:]
    for conversation in (oldest, older):
        pin(user=ana, conversation_id=conversation.pk, is_pinned=True)
    assert named(ana) == {"Pinned": ["Older", "Oldest"], "Older": ["Old"]}
    pin(user=ana, conversation_id=older.pk, is_pinned=False)
    assert named(ana) == {"Pinned": ["Oldest"], "Older": ["Old", "Older"]}


def test_a_person_pins_at_most_so_many(ana: User) -> None:
    for _ in range(MAX_PINNED):
        make_conversation(ana, pinned_at=timezone.now())
    with pytest.raises(InvalidInput, match=f"pinned {MAX_PINNED} already"):
        pin(user=ana, conversation_id=make_conversation(ana).pk, is_pinned=True)


def test_the_menu_pins_and_gives_the_list_back(page: Client, ana: User) -> None:
    old = make_some(ana, "New", "Old")[1]
    assert " Pin</button>" in page.get(f"/c/{old.pk}/menu").content.decode()
    html = page.post(f"/c/{old.pk}/pin", {"pinned": "1"}, headers=HTMX).content.decode()
    assert html.index("Pinned") < html.index("Old") < html.index("New")
    assert " Unpin</button>" in page.get(f"/c/{old.pk}/menu").content.decode()


@pytest.mark.usefixtures("three_a_page")
def test_a_long_list_goes_on_where_it_ended(page: Client, ana: User) -> None:
    first = make_some(ana, "A", "B", "C", "D", "E", "F", "G")[0]
    pin(user=ana, conversation_id=first.pk, is_pinned=True)
    groups = sidebar_of(ana)
    fields = {"before": groups[-1].older, "after": "Older"}
    html = page.get("/conversations/older", fields, headers=HTMX).content.decode()
    assert [html.count(f">{title}</a>") for title in "ABCDEFG"] == [0, 0, 0, 1, 1, 1, 0]
    assert 'class="period"' not in html
    assert html.count("autofocus") == 1
    assert "Show older" in html


@pytest.mark.usefixtures("three_a_page")
def test_a_list_that_fits_ends_without_a_button(page: Client, ana: User) -> None:
    make_some(ana, "A", "B", "C")
    assert "Show older" not in page.get("/").content.decode()


@pytest.mark.parametrize("before", ["", "yesterday", "2026-13-40T00:00"])
def test_a_place_in_the_list_that_cannot_be_is_refused(page: Client, before: str) -> None:
    assert page.get("/conversations/older", {"before": before}).status_code == 400


def test_a_name_is_kept_as_one_line(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    html = page.post(f"/c/{conversation.pk}/rename", {"title": " My\n <b>leave</b> "}, headers=HTMX).content.decode()
    assert ">My &lt;b&gt;leave&lt;/b&gt;</a>" in html
    assert "chat-title" not in html
    conversation.refresh_from_db()
    assert conversation.title == "My <b>leave</b>"
    act = AuditEvent.objects.get(action="conversation.rename", target=str(conversation.pk))
    assert (act.details["before"], act.details["after"]) == ({"title_chars": 14}, {"title_chars": 15})


def test_the_title_of_the_open_conversation_follows(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    fields = {"title": "Holiday"}
    html = page.post(f"/c/{conversation.pk}/rename", fields, headers=open_on(conversation)).content.decode()
    assert 'id="chat-title" dir="auto" hx-swap-oob="true">Holiday</h1>' in html
    assert "<title>Holiday · AskAcme</title>" in html


@pytest.mark.parametrize("title", ["", "  \n ", "x" * 121])
def test_a_name_that_does_not_fit_is_asked_for_again(page: Client, ana: User, title: str) -> None:
    conversation = make_conversation(ana)
    html = page.post(f"/c/{conversation.pk}/rename", {"title": title}, headers=HTMX).content.decode()
    assert 'role="alert"' in html
    conversation.refresh_from_db()
    assert conversation.title == "Parental leave"


def test_renaming_can_be_given_up(page: Client, ana: User) -> None:
    url = f"/c/{make_conversation(ana).pk}/rename"
    assert 'maxlength="120"' in page.get(url, headers=HTMX).content.decode()
    assert "<form" not in page.get(f"{url}?cancel", headers=HTMX).content.decode()


def test_cleo_changes_nothing_of_ana_s(client: Client, ana: User, cleo: User) -> None:
    conversation = make_conversation(ana)
    client.force_login(cleo)
    for url in ("menu", "rename"):
        assert client.get(f"/c/{conversation.pk}/{url}").status_code == 404
    for url, fields in (("rename", {"title": "Mine"}), ("pin", {"pinned": "1"})):
        assert client.post(f"/c/{conversation.pk}/{url}", fields).status_code == 404
    with pytest.raises(NotFound):
        rename(user=cleo, conversation_id=conversation.pk, title="Mine")


def signed_in(user: User) -> AsyncClient:
    client = AsyncClient()
    client.force_login(user)
    return client


async def delete(user: User, conversation_id: UUID, **headers: str) -> Any:
    client = await in_thread(signed_in, user)
    return await client.post(f"/c/{conversation_id}/delete", headers=headers)


def with_everything(ana: User, ben: User) -> Message:
    """An answer with all that can hang on one."""
    message, now = make_message(make_conversation(ana), make_version()), timezone.now()
    Feedback.objects.create(request_id=message.pk, user=ana, rating="down", comment="My own words")
    use = {
        "request_id": message.pk, "message": message, "user": ana, "title": "Leave", "system": "PeopleHub",
        "state": "done", "started_at": now, "finished_at": now, "result": "12 days left", "outcome": "12 days.",
    }  # fmt: skip
    ToolUse.objects.create(tool="leave_balance", **use)
    ToolUse.objects.create(tool="leave_request", changes_something=True, **use)
    share(user=ana, conversation_id=message.conversation_id, email=ben.email)
    return message


@pytest.mark.django_db(transaction=True)
async def test_the_dialog_says_what_will_be_gone(ana: User, ben: User) -> None:
    message = await in_thread(with_everything, ana, ben)
    client = await in_thread(signed_in, ana)
    html = (await client.get(f"/c/{message.conversation_id}/delete")).content.decode()
    for words in ("for good", "1 question and its answer", "1 source kept", "your rating of 1 answer", "1 share"):
        assert words in html, words
    assert "handed over" not in html
    assert await Conversation.objects.acount() == 1


@pytest.mark.django_db(transaction=True)
async def test_the_dialog_counts_what_colleagues_wrote(ana: User, ben: User) -> None:
    handed = await in_thread(hand_over, ana, ben)
    await in_thread(reply, user=ben, escalation_id=handed.pk, text="Six weeks.")
    client = await in_thread(signed_in, ana)
    html = (await client.get(f"/c/{handed.message.conversation_id}/delete")).content.decode()
    assert "1 reply that a colleague wrote" in html
    assert "E-mails that were sent about questions you handed over stay where they are." in html


@pytest.mark.django_db(transaction=True)
async def test_deleted_is_gone_for_good(ana: User, ben: User) -> None:
    message = await in_thread(with_everything, ana, ben)
    await redis().set(stream_key(message.pk), "what was told")
    assert (await delete(ana, message.conversation_id))["Location"] == "/"
    assert not await Conversation.objects.aexists()
    assert not await Feedback.objects.aexists()
    assert not await ana.shares.model.objects.aexists()
    assert not await redis().exists(stream_key(message.pk))
    event = await AuditEvent.objects.aget(action="conversation.delete")
    assert (event.target, event.details) == (str(message.conversation_id), {})


@pytest.mark.django_db(transaction=True)
async def test_what_was_changed_elsewhere_stays_on_record_without_its_words(ana: User, ben: User) -> None:
    message = await in_thread(with_everything, ana, ben)
    await delete(ana, message.conversation_id)
    left = await ToolUse.objects.aget()
    assert (left.tool, left.result, left.outcome) == ("leave_request", "", "")


@pytest.mark.django_db(transaction=True)
async def test_open_tabs_are_told(ana: User) -> None:
    conversation, layer = await in_thread(make_conversation, ana), get_channel_layer()
    tab = await layer.new_channel()
    await layer.group_add(group_name(conversation.pk), tab)
    await services.delete(user=ana, conversation_id=conversation.pk)
    assert await asyncio.wait_for(layer.receive(tab), 10) == {"type": "conversation.deleted"}
    await layer.close_pools()


@pytest.mark.django_db(transaction=True)
async def test_the_page_that_shows_it_is_left_and_any_other_gets_the_list(ana: User) -> None:
    first, second, third = await in_thread(make_some, ana, "A", "B", "C")
    here = await delete(ana, first.pk, **open_on(first))
    assert here["HX-Redirect"] == "/"
    elsewhere = await delete(ana, second.pk, **open_on(third))
    html = elsewhere.content.decode()
    assert (">B</a>" in html, ">C</a>" in html) == (False, True)
    assert "done" in elsewhere["HX-Trigger"]


@pytest.mark.django_db(transaction=True)
async def test_cleo_deletes_nothing_of_ana_s(ana: User, cleo: User) -> None:
    conversation = await in_thread(make_conversation, ana)
    for conversation_id in (conversation.pk, uuid4()):
        assert (await delete(cleo, conversation_id)).status_code == 404
    assert await Conversation.objects.acount() == 1
