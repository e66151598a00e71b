"""The pages people see."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.db import connections
from django.test import AsyncClient, Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from governance.access.models import User
from knowledge.documents.models import DocumentVersion
from tests.chat.rows import PASSAGE, TEXT, make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db
START, END = PASSAGE


@pytest.fixture
def page(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def text_of(client: Client, url: str, status: int = 200, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == status, response.content
    return response.content.decode()


@pytest.mark.parametrize("url", ["/", f"/c/{uuid4()}/", f"/sources/{uuid4()}/1/", "/documents/1/", "/documents/1/file"])
def test_strangers_are_sent_to_sign_in(client: Client, url: str) -> None:
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={url}")


def test_signing_in_leads_to_where_one_was_going(client: Client, ana: User) -> None:
    fields = {"username": "ANA@acme.example", "password": "a-long-password-1", "next": "/documents/7/"}
    assert client.post("/sign-in/", fields)["Location"] == "/documents/7/"


def test_a_wrong_password_says_so_and_keeps_the_address(client: Client, ana: User) -> None:
    html = client.post("/sign-in/", {"username": ana.email, "password": "wrong"}).content.decode()
    assert 'role="alert"' in html
    assert f'value="{ana.email}"' in html


def test_signing_out_takes_a_post(page: Client) -> None:
    assert page.get("/sign-out/").status_code == 405
    assert page.post("/sign-out/")["Location"] == "/sign-in/"


def test_a_new_chat_greets_and_stores_nothing(page: Client) -> None:
    html = text_of(page, "/")
    assert "Hello, Ana." in html
    assert html.count('class="example"') == 4
    assert not Conversation.objects.exists()


def test_the_policy_allows_nothing_inline(page: Client) -> None:
    policy = page.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_conversation_shows_answers_with_their_sources(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    message = make_message(conversation, make_version())
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "<strong>16 weeks</strong>" in html
    assert html.count(f'hx-get="/sources/{message.pk}/1/"') == 2
    assert "Quoted word for word" in html


def test_a_refusal_never_shows_sources(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, make_version(), status=Message.Status.NO_ANSWER, answer="I don't know.[1]")
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "data-cite" not in html
    assert "Quoted" not in html


def test_a_failed_answer_can_be_tried_again(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, state="failed", status="error", answer="No model.", question='Why "so"?')
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "data-retry" in html
    assert 'value="Why &quot;so&quot;?"' in html


def test_a_source_that_is_no_longer_hers_is_no_longer_linked(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, make_version(groups=(Group.objects.create(name="Others"),)))
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "data-cite" not in html
    assert "Leave guide" not in html


def test_a_long_conversation_costs_as_many_queries_as_a_short_one(
    page: Client, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    conversation, version = make_conversation(ana), make_version()
    for _ in range(5):
        make_message(conversation, version)
    # session, person, conversation, her groups, messages, their citations and tool uses, the list
    with django_assert_num_queries(8):
        text_of(page, f"/c/{conversation.pk}/")


def test_the_list_is_grouped_by_age(page: Client, ana: User) -> None:
    now = timezone.localtime().replace(hour=12)
    for days, title in ((0, "New one"), (3, "Recent one"), (30, "Old one")):
        make_conversation(ana, title=title, updated_at=now - timedelta(days=days))
    html = text_of(page, "/")
    order = ["Today", "New one", "Last 7 days", "Recent one", "Older", "Old one"]
    assert sorted(order, key=html.index) == order


def test_cleo_finds_nothing_of_ana_s(client: Client, ana: User, cleo: User, team: Group) -> None:
    version = make_version(groups=(team,))
    conversation = make_conversation(ana, title="Private matter")
    message = make_message(conversation, version)
    client.force_login(cleo)
    assert "Private matter" not in text_of(client, "/")
    for url in (f"/c/{conversation.pk}/", f"/sources/{message.pk}/1/", f"/documents/{version.pk}/"):
        assert "16 weeks" not in text_of(client, url, 404)
    assert client.post(f"/c/{conversation.pk}/delete").status_code == 404
    assert Conversation.objects.filter(pk=conversation.pk).exists()


def test_ben_on_the_team_reads_the_document_but_not_ana_s_answer(
    client: Client, ana: User, ben: User, team: Group
) -> None:
    version = make_version(groups=(team,))
    message = make_message(make_conversation(ana), version)
    client.force_login(ben)
    assert "16 weeks" in text_of(client, f"/documents/{version.pk}/")
    text_of(client, f"/sources/{message.pk}/1/", 404)


def test_deleting_a_conversation_takes_a_post(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    assert page.get(f"/c/{conversation.pk}/delete").status_code == 405
    assert page.post(f"/c/{conversation.pk}/delete")["Location"] == "/"
    assert not Conversation.objects.exists()


def test_the_panel_shows_the_passage_in_its_surroundings(page: Client, ana: User) -> None:
    version = make_version()
    message = make_message(make_conversation(ana), version)
    html = text_of(page, f"/sources/{message.pk}/1/", HX_Request="true")
    assert "<html" not in html
    assert '<mark id="passage">Every parent gets 16 weeks.</mark>' in html
    assert f'href="/documents/{version.pk}/?start={START}&amp;end={END}#passage"' in html
    assert f'href="/documents/{version.pk}/file#page=1"' in html
    assert "newer version" not in html


def test_without_htmx_the_source_is_a_page(page: Client, ana: User) -> None:
    message = make_message(make_conversation(ana), make_version())
    assert "<html" in text_of(page, f"/sources/{message.pk}/1/")


def test_the_panel_says_when_a_newer_version_exists(page: Client, ana: User) -> None:
    old = make_version()
    message = make_message(make_conversation(ana), old)
    make_version(old.document)
    assert "A newer version exists" in text_of(page, f"/sources/{message.pk}/1/", HX_Request="true")


def test_a_source_that_is_gone_says_so_in_the_panel(page: Client, ana: User) -> None:
    message = make_message(make_conversation(ana))
    assert "no longer there" in text_of(page, f"/sources/{message.pk}/1/", 404, HX_Request="true")


def test_the_reading_view_marks_the_passage_and_escapes_the_text(page: Client) -> None:
    html = text_of(page, f"/documents/{make_version().pk}/?start={START}&end={END}")
    assert html.count('<mark id="passage">Every parent gets 16 weeks.</mark>') == html.count("<mark") == 1
    assert "Ask HR &lt;b&gt;early&lt;/b&gt;." in html
    assert [html.count(f"<span>Page {n}</span>") for n in (1, 2)] == [1, 1]
    assert '<span class="cell">Weeks</span><span class="cell">Pay</span>' in html


def test_a_passage_over_several_blocks_begins_once(page: Client) -> None:
    html = text_of(page, f"/documents/{make_version().pk}/?start=0&end={len(TEXT)}")
    assert html.count('id="passage"') == 1
    assert html.count("<mark") == 5


@pytest.mark.parametrize(
    "query", ["start=-1&end=5", "start=5&end=5", "start=0&end=99999", "start=x&end=y", "start=²&end=9"]
)
def test_a_span_that_is_not_in_the_text_marks_nothing(page: Client, query: str) -> None:
    assert "<mark" not in text_of(page, f"/documents/{make_version().pk}/?{query}")


@pytest.mark.parametrize("number", [0, 10**30])
def test_a_document_number_that_cannot_be_is_not_found(page: Client, number: int) -> None:
    text_of(page, f"/documents/{number}/", 404)


def test_a_version_that_is_not_ready_is_not_shown(page: Client) -> None:
    version = make_version(state=DocumentVersion.State.QUEUED, text="", blocks=[])
    text_of(page, f"/documents/{version.pk}/", 404)


async def download(user: User, version: DocumentVersion) -> tuple[bytes, dict[str, str]]:
    client = AsyncClient()
    await in_thread(client.force_login, user)
    response: Any = await client.get(f"/documents/{version.pk}/file")
    await sync_to_async(connections.close_all)()  # those of the thread that ran the middleware
    if response.status_code != 200:
        return b"", {"status": str(response.status_code)}
    return b"".join([part async for part in response.streaming_content]), dict(response.headers)


@pytest.mark.django_db(transaction=True)
async def test_a_pdf_opens_in_the_browser_under_its_real_name(ana: User) -> None:
    version = await in_thread(make_version, filename='Eltern "Zeit"\r\n.pdf')
    content, headers = await download(ana, version)
    assert content == b"%PDF-1.4 leave"
    assert headers["Content-Disposition"].startswith("inline; ")
    assert "\n" not in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db(transaction=True)
async def test_any_other_file_is_saved_and_never_runs(ana: User) -> None:
    version = await in_thread(make_version, filename="a.html", media_type="text/html", content=b"<script></script>")
    _, headers = await download(ana, version)
    assert headers["Content-Disposition"] == 'attachment; filename="a.html"'
    assert headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.django_db(transaction=True)
async def test_cleo_cannot_fetch_a_file_outside_her_audience(ana: User, cleo: User, team: Group) -> None:
    version = await in_thread(make_version, groups=(team,))
    assert await download(cleo, version) == (b"", {"status": "404"})


@pytest.mark.django_db(transaction=True)
async def test_a_file_that_is_gone_from_the_disk_is_not_found(ana: User) -> None:
    version = await in_thread(make_version)
    await in_thread(version.file.storage.delete, str(version.file.name))
    assert await download(ana, version) == (b"", {"status": "404"})


def test_error_pages_have_the_product_s_look(page: Client) -> None:
    assert "AskAcme" in text_of(page, "/nowhere", 404)
