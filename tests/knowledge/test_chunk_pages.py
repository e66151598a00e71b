"""The console's page of a document's passages, and going back to an earlier version: what it shows, and to whom."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from knowledge.documents.models import Document
from knowledge.index.models import Chunk, ChunkEdit
from knowledge.index.pages import fingerprint
from knowledge.index.services import disable
from tests.cast import PARENTAL_LEAVE, make_document, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/knowledge/document/"
FILLER = " ".join(f"Sentence {n} has some more words in it, about the very same subject as before." for n in range(60))


@pytest.fixture
def hr(team: Group) -> User:
    """In the team, as most HR people are in some."""
    return make_user("hr@acme.example", ensure_roles()["HR"], team, is_staff=True)


@pytest.fixture
def console(client: Client, hr: User) -> Client:
    client.force_login(hr)
    return client


def url(document: Document) -> str:
    return f"{LIST}{document.pk}/passages/"


def chunk_with(words: str) -> Chunk:
    return Chunk.objects.select_related("version", "index").get(text__contains=words)


def sent(chunk: Chunk, act: str, text: str = "") -> dict[str, Any]:
    """What the page's form sends for a passage as it is now."""
    place = {"version": chunk.version_id, "start": chunk.start, "end": chunk.end, "seen": fingerprint(chunk)}
    return {**place, "act": act, "text": text}


def page(console: Client, document: Document, **query: Any) -> str:
    response = console.get(url(document), query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def marked(shown: str) -> str:
    return "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", shown, re.DOTALL))


def test_the_chosen_passage_is_marked_by_its_exact_words(console: Client) -> None:
    document = make_document(f"# Book\n\n## First\n\n{FILLER}\n\n## Second\n\n{FILLER}\n")
    for chunk in Chunk.objects.all():
        shown = page(console, document, at=chunk.start)
        assert "".join(marked(shown).split()) == "".join(chunk.text.split())
        assert shown.count('id="console-mark"') == 1


def test_what_neighbours_share_is_marked_and_said(console: Client) -> None:
    document = make_document(f"# Book\n\n{FILLER}\n")
    first, second, *_ = Chunk.objects.all()
    shown = page(console, document, at=second.start)
    shared = first.end - second.start
    assert shared > 0
    assert f"Begins with the last {shared} characters of passage 1." in shown
    assert 'data-mark="shared"' in shown


def test_a_book_comes_in_pages_that_hold_all_its_text(console: Client, django_assert_max_num_queries: Any) -> None:
    sections = "\n\n".join(f"## Section {n}\n\nMark {n}. {FILLER[:900]}" for n in range(70))
    document = make_document(f"# Book\n\n{sections}\n")
    pages = -(-Chunk.objects.count() // 20)
    assert pages > 2
    with django_assert_max_num_queries(24):
        page(console, document, page=2)
    shown = [page(console, document, page=number) for number in range(1, pages + 1)]
    assert max(map(len, shown)) < 200_000
    assert [sum(f"Mark {n}." in text for text in shown) >= 1 for n in range(70)] == [True] * 70
    last = Chunk.objects.latest("ordinal")
    assert f"Passage {last.ordinal + 1}" in page(console, document, at=last.start)


def test_a_correction_is_saved_and_said_who_made_it(console: Client) -> None:
    document = make_document()
    response = console.post(url(document), sent(chunk_with("16 weeks"), "correct", "18 weeks for all."))
    assert response.status_code == 302
    shown = page(console, document, at=0)
    assert "18 weeks for all." in shown
    assert "Corrected by Hr" in shown
    assert "16 weeks" in marked(shown)


def test_a_passage_is_disabled_and_restored(console: Client) -> None:
    document = make_document()
    console.post(url(document), sent(chunk_with("16 weeks"), "disable"))
    assert "Disabled by Hr" in page(console, document, at=0)
    console.post(url(document), sent(chunk_with("16 weeks"), "restore"))
    assert "Disabled by" not in page(console, document, at=0)
    assert not ChunkEdit.objects.exists()


def test_of_two_people_the_second_keeps_what_they_wrote(console: Client, ben: User) -> None:
    document = make_document()
    form = sent(chunk_with("16 weeks"), "correct", "Twenty weeks, I say.")
    disable(chunk=chunk_with("16 weeks"), actor=ben)
    response = console.post(url(document), form)
    shown = response.content.decode()
    assert response.status_code == 409
    assert "Somebody changed this passage" in shown
    assert "Twenty weeks, I say." in shown
    assert Chunk.objects.get().disabled
    (seen,) = re.findall(r'name="seen" value="(\w+)"', shown)
    assert console.post(url(document), {**form, "seen": seen}).status_code == 302
    assert Chunk.objects.get().corrected == "Twenty weeks, I say."


def test_a_correction_that_can_not_be_is_kept_in_its_field(console: Client) -> None:
    document = make_document()
    response = console.post(url(document), sent(chunk_with("16 weeks"), "correct", "so many words " * 200))
    assert response.status_code == 400
    assert "too long for one passage" in response.content.decode()
    assert "so many words so many words" in response.content.decode()


def test_a_change_whose_passage_is_gone_is_listed_and_removed(console: Client, ben: User) -> None:
    document = make_document()
    disable(chunk=chunk_with("16 weeks"), actor=ben)
    make_document(PARENTAL_LEAVE.replace("16", "20"))
    assert "1 change no longer applies" in page(console, document)
    console.post(url(document), {"act": "forget", "edit": ChunkEdit.objects.get().pk})
    assert "no longer applies" not in page(console, document)
    assert console.post(url(document), {"act": "forget", "edit": 1}).status_code == 404


def test_a_change_that_holds_in_several_places_says_so(console: Client) -> None:
    same = f"## Same\n\n{FILLER[:900]}"
    document = make_document(f"# Book\n\n## Other\n\n{FILLER[900:1800]}\n\n{same}\n\n{same}\n")
    chunk = Chunk.objects.select_related("version").filter(heading="Same").first()
    assert chunk is not None
    response = console.post(url(document), sent(chunk, "disable"), follow=True)
    assert "stands in 1 other places" in response.content.decode()


def test_a_document_that_is_not_read_yet_has_no_passages(console: Client) -> None:
    document = make_document()
    Document.objects.filter(pk=document.pk).update(current=None)
    assert "nothing to find in it" in page(console, document)


def test_hr_outside_the_audience_sees_no_words(client: Client, team: Group) -> None:
    document = make_document(groups=(team,))
    client.force_login(make_user("other-hr@acme.example", ensure_roles()["HR"], is_staff=True))
    assert "passages/" not in client.get(f"{LIST}{document.pk}/change/").content.decode()
    assert client.get(url(document)).status_code == 403
    assert client.post(url(document), sent(chunk_with("16 weeks"), "disable")).status_code == 403
    assert not ChunkEdit.objects.exists()


def test_a_superuser_outside_the_audience_sees_no_words_either(client: Client, team: Group) -> None:
    document = make_document(groups=(team,))
    client.force_login(make_user("root@acme.example", is_staff=True, is_superuser=True))
    assert client.get(url(document)).status_code == 403


def test_inside_the_audience_the_document_s_page_leads_there(console: Client, team: Group) -> None:
    document = make_document(groups=(team,))
    assert url(document) in console.get(f"{LIST}{document.pk}/change/").content.decode()
    assert "16 weeks" in page(console, document)


def test_cleo_sees_and_changes_nothing(client: Client) -> None:
    make_document()
    document = make_document(PARENTAL_LEAVE.replace("16", "20"))
    chunk, former = chunk_with("20 weeks"), document.versions.get(number=1)
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    use = f"{LIST}versions/{former.pk}/use/"
    assert [client.get(url(document)).status_code, client.get(use).status_code] == [403, 403]
    assert client.post(url(document), sent(chunk, "disable")).status_code == 403
    assert client.post(use, {"instead_of": document.current_id}).status_code == 403
    document.refresh_from_db()
    assert document.current_id != former.pk


def test_no_such_document_or_version(console: Client) -> None:
    assert console.get(f"{LIST}999/passages/").status_code in {403, 404}
    assert console.get(f"{LIST}versions/999/use/").status_code == 404


def test_an_earlier_version_is_used_again_after_asking(console: Client) -> None:
    make_document()
    document = make_document(PARENTAL_LEAVE.replace("16", "20"))
    former = document.versions.get(number=1)
    use = f"{LIST}versions/{former.pk}/use/"
    assert console.get(f"{LIST}{document.pk}/change/").content.decode().count("Use this version again") == 1
    assert "instead of version 2" in console.get(use).content.decode()
    assert console.post(use, {"instead_of": document.current_id}).status_code == 302
    document.refresh_from_db()
    assert document.current_id == former.pk


def test_the_second_of_two_tabs_is_told(console: Client) -> None:
    make_document()
    document = make_document(PARENTAL_LEAVE.replace("16", "20"))
    use = f"{LIST}versions/{document.versions.get(number=1).pk}/use/"
    response = console.post(use, {"instead_of": ""})
    assert response.status_code == 409
    assert "came into use meanwhile" in response.content.decode()
