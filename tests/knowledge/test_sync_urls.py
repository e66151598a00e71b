"""Sources of the web: lists of addresses and sitemaps, kept in step."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from askacme.lib.errors import UnreadableFile
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.audience.models import Collection
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.services import withdraw
from knowledge.sources.models import Source, SourceItem
from knowledge.sources.page_path import as_utf8, page_path
from knowledge.sources.safe_fetch import Answer
from knowledge.sources.sitemap import parse_sitemap
from knowledge.sources.tasks import sync_due_sources, sync_source
from tests.cast import PARENTAL_LEAVE, upload_text
from tests.knowledge.web import Site, running_site

pytestmark = pytest.mark.django_db

LEAVE = "<!doctype html><title>Parental leave</title><h1>Parental leave</h1><p>All parents get 16 weeks of paid leave."
PETS = "<!doctype html><title>Pets</title><h1>Pets</h1><p>Dogs may come to the office on Fridays."


@pytest.fixture(scope="module")
def site_on() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def site(site_on: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    site_on.pages.clear()
    site_on.asked.clear()
    monkeypatch.setitem(settings.ASKACME.__dict__, "sync_allowed_hosts", (f"127.0.0.1:{site_on.port}",))
    monkeypatch.setattr("knowledge.sources.pages.PAUSE_S", 0)
    monkeypatch.setattr("knowledge.sources.commandline.PING_TIMEOUT_S", 0.05)
    site_on.has("/leave", LEAVE, ETag='"1"')
    site_on.has("/pets.html", PETS)
    return site_on


def pages_of(site: Site, *paths: str, **fields: Any) -> Source:
    urls = "\n".join(site.at(path) for path in paths)
    return Source.objects.create(name="Pages", kind=Source.Kind.URLS, urls=urls, **fields)


def sitemap_of(site: Site, path: str = "/sitemap.xml") -> Source:
    return Source.objects.create(name="Pages", kind=Source.Kind.SITEMAP, address=site.at(path))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("sync_source", "Pages", *arguments, stdout=out)
    return out.getvalue()


def outcomes(site: Site, *arguments: str) -> dict[str, str]:
    said = json.loads(run("--json", *arguments))
    return {item["address"].removeprefix(site.at("")): item["outcome"] for item in said["items"]}


def numbered(site: Site, count: int) -> list[str]:
    paths = [f"/page-{n}" for n in range(count)]
    for path in paths:
        site.has(path, f"<!doctype html><h1>{path}</h1><p>Words.")
    return paths


def test_pages_become_documents_named_by_their_address(site: Site) -> None:
    pages_of(site, "/leave", "/pets.html")
    assert outcomes(site) == {"/leave": "new", "/pets.html": "new"}
    paths = set(Document.objects.values_list("path", flat=True))
    assert paths == {"127.0.0.1/leave.html", "127.0.0.1/pets.html"}


def test_title_and_text_are_those_of_the_page(site: Site) -> None:
    pages_of(site, "/leave")
    run("--wait")
    document = Document.objects.select_related("current").get()
    assert document.title == "Parental leave"
    assert document.current is not None
    assert "16 weeks" in document.current.text


def test_an_unchanged_page_costs_a_request_and_nothing_else(site: Site) -> None:
    pages_of(site, "/leave", "/pets.html")
    run("--wait")
    before = (DocumentVersion.objects.count(), AuditEvent.objects.count())
    assert outcomes(site) == {"/leave": "unchanged", "/pets.html": "unchanged"}
    assert site.visits("/leave")[1]["if-none-match"] == '"1"'
    assert (DocumentVersion.objects.count(), AuditEvent.objects.count()) == before


def test_a_date_does_where_there_is_no_etag(site: Site) -> None:
    site.has("/leave", LEAVE, Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT")
    pages_of(site, "/leave")
    run()
    assert outcomes(site) == {"/leave": "unchanged"}
    second = site.visits("/leave")[1]
    assert second["if-modified-since"] == "Mon, 02 Nov 2026 10:00:00 GMT"
    assert "if-none-match" not in second


def test_a_changed_page_is_the_next_version(site: Site) -> None:
    pages_of(site, "/leave")
    run()
    site.has("/leave", LEAVE.replace("16", "20"), ETag='"2"')
    assert outcomes(site) == {"/leave": "changed"}
    assert Document.objects.get().versions.count() == 2


def test_a_page_that_is_gone_twice_is_withdrawn(site: Site) -> None:
    pages_of(site, "/leave", "/pets.html")
    run()
    del site.pages["/leave"]
    assert outcomes(site)["/leave"] == "kept"
    assert Document.objects.count() == 2
    run()
    assert Document.objects.get().path == "127.0.0.1/pets.html"
    assert AuditEvent.objects.filter(action="document.delete", target="127.0.0.1/leave.html").exists()
    assert outcomes(site)["/leave"] == "failed"


def test_a_page_that_is_back_is_no_longer_gone(site: Site) -> None:
    pages_of(site, "/leave", "/pets.html")
    run()
    leave = site.pages.pop("/leave")
    run()
    site.pages["/leave"] = leave
    run()
    del site.pages["/leave"]
    assert outcomes(site)["/leave"] == "kept"
    assert Document.objects.count() == 2


def test_a_failing_server_keeps_what_is_there(site: Site) -> None:
    pages_of(site, "/leave", "/pets.html")
    run()
    site.has("/leave", "Oops", status=503)
    for _ in range(3):
        assert outcomes(site)["/leave"] == "failed"
    assert Document.objects.count() == 2
    assert "503" in SourceItem.objects.get(address__endswith="/leave").error


def test_a_site_that_stops_answering_is_left_alone(site: Site) -> None:
    paths = numbered(site, 8)
    for path in paths:
        site.has(path, "Oops", status=500)
    pages_of(site, *paths)
    with pytest.raises(CommandError, match="5 pages in a row did not answer"):
        run()
    assert len(site.asked) == 5
    assert "in a row" in Source.objects.get().error


def test_an_address_taken_off_the_list_is_withdrawn(site: Site) -> None:
    source = pages_of(site, "/leave", "/pets.html")
    run()
    source.urls = site.at("/pets.html")
    source.save()
    assert outcomes(site) == {"/pets.html": "unchanged", "/leave": "removed"}
    assert Document.objects.count() == SourceItem.objects.count() == 1


def test_an_address_inside_the_network_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    source = pages_of(site, "/leave", "/pets.html")
    run()
    source.urls = (
        f"{site.at('/leave')}\nhttp://169.254.169.254/latest/meta-data/\nhttp://localhost:{site.port}/pets.html"
    )
    source.save()
    with pytest.raises(CommandError, match="No page counts as gone"):
        run()
    assert Document.objects.count() == 2


def test_a_kind_that_is_not_read_is_reported(site: Site) -> None:
    site.has("/data", '{"a": 1}', Content_Type="application/json")
    pages_of(site, "/data", "/leave")
    assert outcomes(site) == {"/data": "failed", "/leave": "new"}
    assert "can't be read yet" in SourceItem.objects.get(address__endswith="/data").error


def test_what_is_no_page_is_told_by_its_content(site: Site) -> None:
    site.has("/policy?id=3", PARENTAL_LEAVE, Content_Type="text/markdown")
    site.has("/manual.md", LEAVE)
    pages_of(site, "/policy?id=3", "/manual.md")
    run("--wait")
    kinds = {version.document.path: version.media_type for version in DocumentVersion.objects.all()}
    assert kinds == {"127.0.0.1/policy-id=3.md": "text/markdown", "127.0.0.1/manual.md.html": "text/html"}


def test_a_page_too_large_keeps_what_is_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    pages_of(site, "/leave", "/pets.html")
    run()
    monkeypatch.setitem(settings.ASKACME.__dict__, "max_upload_bytes", 200)
    site.has("/leave", "x" * 201)
    assert outcomes(site)["/leave"] == "failed"
    assert Document.objects.get(path="127.0.0.1/leave.html").versions.count() == 1


def test_a_document_uploaded_by_hand_is_left_as_it_is(site: Site) -> None:
    by_hand = upload_text("By hand.", path="127.0.0.1/leave.html").document
    pages_of(site, "/leave", "/pets.html")
    assert outcomes(site)["/leave"] == "failed"
    assert by_hand.versions.count() == 1


@pytest.mark.parametrize("path", ["/leave", "/pets.html"])
def test_a_document_deleted_by_a_person_stays_out_until_the_page_changes(site: Site, path: str) -> None:
    pages_of(site, path)
    run()
    withdraw(document=Document.objects.get(), actor=None)
    assert outcomes(site) == {path: "kept"}
    site.has(path, PETS + " And cats.", ETag='"2"')
    assert outcomes(site) == {path: "new"}


def test_documents_are_seen_as_the_collection_says(site: Site, team: Group, ana: User) -> None:
    collection = Collection.objects.create(name="Intranet")
    collection.groups.set([team])
    pages_of(site, "/leave", collection=collection, owner=ana)
    run()
    document = Document.objects.get()
    assert (document.collection, document.audience_names, document.owner) == (collection, ["Team A"], ana)


def test_the_pages_of_a_sitemap_are_read(site: Site) -> None:
    site.has_sitemap("/leave", "/pets.html")
    sitemap_of(site)
    assert outcomes(site) == {"/leave": "new", "/pets.html": "new"}


def test_a_page_the_sitemap_no_longer_names_is_withdrawn(site: Site) -> None:
    site.has_sitemap("/leave", "/pets.html")
    sitemap_of(site)
    run()
    site.has_sitemap("/leave")
    assert outcomes(site) == {"/leave": "unchanged", "/pets.html": "removed"}
    assert Document.objects.count() == 1


def test_a_sitemap_that_is_suddenly_empty_removes_nothing(site: Site) -> None:
    site.has_sitemap("/leave", "/pets.html")
    sitemap_of(site)
    run()
    site.has_sitemap()
    with pytest.raises(CommandError, match="2 of 2 documents would be withdrawn"):
        run()
    assert Document.objects.count() == 2


def test_a_site_gone_altogether_removes_nothing(site: Site) -> None:
    paths = numbered(site, 12)
    pages_of(site, *paths)
    run()
    site.pages.clear()
    run()
    with pytest.raises(CommandError, match="12 of 12 documents would be withdrawn"):
        run()
    assert Document.objects.count() == 12


def test_pages_of_other_sites_are_left_out(site: Site) -> None:
    site.has_sitemap("/leave")
    other = b"<url><loc>http://acme.example/a</loc></url><url><loc>file:///etc/passwd</loc></url></urlset>"
    site.pages["/sitemap.xml"].content = site.pages["/sitemap.xml"].content.replace(b"</urlset>", other)
    sitemap_of(site)
    assert outcomes(site) == {"/leave": "new"}


def test_a_sitemap_index_is_followed_and_may_be_packed(site: Site) -> None:
    site.has_sitemap("/leave", path="/one.xml")
    site.has_sitemap("/pets.html", path="/two.xml")
    site.has("/two.xml.gz", gzip.compress(site.pages["/two.xml"].content))
    entries = "".join(f"<sitemap><loc>{site.at(path)}</loc></sitemap>" for path in ("/one.xml", "/two.xml.gz"))
    site.has("/sitemap.xml", f"<sitemapindex>{entries}</sitemapindex>")
    sitemap_of(site)
    assert outcomes(site) == {"/leave": "new", "/pets.html": "new"}


def test_a_listing_that_is_not_whole_removes_nothing(site: Site) -> None:
    site.has_sitemap("/leave", path="/one.xml")
    site.has_sitemap("/pets.html", path="/two.xml")
    entries = "".join(f"<sitemap><loc>{site.at(path)}</loc></sitemap>" for path in ("/one.xml", "/two.xml"))
    site.has("/sitemap.xml", f"<sitemapindex>{entries}</sitemapindex>")
    sitemap_of(site)
    run()
    site.has("/two.xml", "Oops", status=500)
    with pytest.raises(CommandError, match="No page counts as gone"):
        run()
    assert Document.objects.count() == 2


@pytest.mark.parametrize("status", [404, 500])
def test_a_sitemap_that_cannot_be_had_removes_nothing(site: Site, status: int) -> None:
    site.has_sitemap("/leave")
    sitemap_of(site)
    run()
    site.has("/sitemap.xml", "Oops", status=status)
    with pytest.raises(CommandError, match=str(status)):
        run()
    assert Document.objects.count() == 1


def test_robots_txt_is_obeyed(site: Site) -> None:
    site.has("/robots.txt", "User-agent: AskAcme\nDisallow: /leave\n", Content_Type="text/plain")
    site.has_sitemap("/leave", "/pets.html")
    sitemap_of(site)
    assert outcomes(site) == {"/leave": "failed", "/pets.html": "new"}
    assert site.visits("/leave") == []


def test_a_robots_txt_that_fails_stops_the_run(site: Site) -> None:
    site.has("/robots.txt", "Oops", status=500)
    site.has_sitemap("/leave")
    sitemap_of(site)
    with pytest.raises(CommandError, match=r"robots\.txt"):
        run()
    assert site.visits("/leave") == []


BOMB = '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        f"{BOMB}<urlset><url><loc>&b;</loc></url></urlset>",
        f"{FILE}<urlset><url><loc>&a;</loc></url></urlset>",
        "<html><body>Not found</body></html>",
        "<urlset><url>",
        "",
        "<urlset>" + "<a>" * 5000,
    ],
)
def test_what_is_no_plain_sitemap_is_refused(content: str) -> None:
    with pytest.raises(UnreadableFile, match="This is no sitemap"):
        parse_sitemap(content.encode())


@pytest.mark.parametrize(
    ("address", "media_type", "found", "path"),
    [
        ("https://acme.com", "text/html", "a web page (HTML)", "acme.com/index.html"),
        ("https://acme.com/docs/", "text/html", "plain text", "acme.com/docs/index.html"),
        ("https://acme.com/a.php?b=1/2", "text/html", "plain text", "acme.com/a.php-b=1_2.html"),
        ("https://acme.com/a.htm", "text/html", "a web page (HTML)", "acme.com/a.htm"),
        ("https://acme.com/a.pdf", "application/pdf", "a PDF", "acme.com/a.pdf"),
        ("https://acme.com/notes", "text/plain", "plain text", "acme.com/notes.txt"),
        ("https://acme.com/%C3%BCber", "text/html", "a web page (HTML)", "acme.com/über.html"),
    ],
)
def test_a_page_s_path_has_the_ending_of_what_it_is(address: str, media_type: str, found: str, path: str) -> None:
    assert page_path(address, media_type, found) == path


@pytest.mark.parametrize(
    ("charset", "raw", "kept"),
    [
        ("windows-1251", "Отпуск".encode("cp1251"), "\ufeffОтпуск".encode()),
        ("utf-8", b"\xc3\xbc", b"\xc3\xbc"),
        ("no-such", b"\xfc", b"\xfc"),
        ("hex", b"6162", b"6162"),
    ],
)
def test_an_encoding_that_only_the_server_tells_is_not_lost(charset: str, raw: bytes, kept: bytes) -> None:
    file = BytesIO(raw)
    as_utf8(file, Answer("https://acme.com", 200, "text/html", charset))
    assert file.getvalue() == kept


def test_sources_that_are_due_are_synced_by_the_clock(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[int] = []
    monkeypatch.setattr(sync_source, "delay", handed.append)
    due = pages_of(site, "/leave", every_hours=1, synced_at=timezone.now() - timedelta(hours=2))
    for name, hours, ago in (("Fresh", 24, 2), ("By hand", None, 99)):
        synced_at = timezone.now() - timedelta(hours=ago)
        Source.objects.create(name=name, kind="urls", urls="https://a.b", every_hours=hours, synced_at=synced_at)
    sync_due_sources()
    assert handed == [due.pk]


def test_the_task_notes_when_and_how_it_ended(site: Site, ana: User) -> None:
    source = pages_of(site, "/leave")
    sync_source(source.pk, ana.pk)
    source.refresh_from_db()
    assert source.synced_at is not None
    assert source.error == ""
    assert AuditEvent.objects.get(action="document.upload").actor == ana


def test_the_task_survives_a_site_that_is_down(site: Site) -> None:
    source = sitemap_of(site, "/nothing.xml")
    sync_source(source.pk)
    source.refresh_from_db()
    assert "There is no sitemap" in source.error


def test_a_source_that_nobody_knows_is_said() -> None:
    with pytest.raises(CommandError, match="There is no source 'Pages'"):
        run()


def test_a_key_in_an_address_is_used_but_not_kept_with_the_page(site: Site) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLQ"
    site.has(f"/leave?key={key}", LEAVE, ETag='"1"')
    pages_of(site, f"/leave?key={key}")
    assert [*outcomes(site).values()] == ["new"]
    item = SourceItem.objects.get()
    assert key not in item.address
    assert [*outcomes(site).values()] == ["unchanged"]
    site.pages.clear()
    outcomes(site)
    assert key not in SourceItem.objects.get().error
