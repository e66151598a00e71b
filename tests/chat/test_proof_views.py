"""What a citation opens: the source panel, the document's text, the file."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.db import connections
from django.test import AsyncClient, Client

from askacme.lib.threads import in_thread
from chat.conversations.models import Citation, Message
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


def panel_of(client: Client, message: Message, n: int = 1) -> str:
    return text_of(client, f"/sources/{message.pk}/{n}/", HX_Request="true")


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


def test_a_newer_version_that_says_the_same_is_named(page: Client, ana: User) -> None:
    old = make_version()
    message = make_message(make_conversation(ana), old)
    newer = make_version(old.document)
    html = panel_of(page, message)
    assert "A newer version exists" in html
    assert f'href="/documents/{newer.pk}/?start={START}&amp;end={END}#passage"' in html
    assert "It says the same about this." in html


def test_what_changed_in_the_passage_since_is_shown(page: Client, ana: User) -> None:
    old = make_version()
    message = make_message(make_conversation(ana), old)
    make_version(old.document, text=TEXT.replace("16 weeks", "20 weeks"))
    html = panel_of(page, message)
    assert "This source has changed since" in html
    assert "Before: </span>16</del>" in html
    assert "Now: </span>20</ins>" in html


def test_a_passage_that_is_gone_from_the_newest_version_says_so(page: Client, ana: User) -> None:
    old = make_version()
    message = make_message(make_conversation(ana), old)
    make_version(old.document, text="Something else entirely.", blocks=[])
    assert "This passage is gone from it." in panel_of(page, message)


def test_sources_are_listed_by_document_and_stepped_through(page: Client, ana: User) -> None:
    guide, other = make_version(), make_version()
    message = make_message(make_conversation(ana), guide, other, guide)
    html = panel_of(page, message, 2)
    assert "Source 2 of 3" in html
    assert html.count('<li class="source-document">') == 2
    assert [rel in html for rel in ('rel="prev"', 'rel="next"')] == [True, True]
    assert html.count(f'hx-get="/sources/{message.pk}/3/"') == 2


def test_a_source_outside_her_audience_is_not_among_the_others(page: Client, ana: User) -> None:
    hidden = make_version(groups=(Group.objects.create(name="Others"),))
    message = make_message(make_conversation(ana), make_version(), hidden)
    html = panel_of(page, message)
    assert "Source 1 of 1" in html
    assert f"/sources/{message.pk}/2/" not in html


def test_the_panel_costs_as_many_queries_for_many_sources_as_for_few(
    page: Client, ana: User, django_assert_max_num_queries: Any
) -> None:
    message = make_message(make_conversation(ana), *[make_version() for _ in range(6)])
    with django_assert_max_num_queries(6):
        panel_of(page, message)


def test_a_citation_opens_the_page_it_names(page: Client, ana: User) -> None:
    version = make_version()
    message = make_message(make_conversation(ana))
    start = TEXT.index("Ask HR")
    Citation.objects.create(message=message, n=1, version=version, page=2, start=start, end=len(TEXT), quote="")
    html = panel_of(page, message)
    assert '<mark id="passage">Ask HR &lt;b&gt;early&lt;/b&gt;.</mark>' in html
    assert f'href="/documents/{version.pk}/file#page=2"' in html


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
