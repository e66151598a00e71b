"""Search indexes beside the live one: built, compared, cut over to and back, dropped."""

import io
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from askacme.lib.errors import Conflict, InvalidInput, ModelUnavailable
from governance.access.audience import Audience
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from governance.evaluation.golden import GoldenCase
from knowledge.documents.models import Document, DocumentVersion
from knowledge.index import building, rebuild
from knowledge.index.building import build_index, cut_over, drop_index, lacking, resume, unfinished, work_on
from knowledge.index.compare import compare, own_questions
from knowledge.index.indexes import live_index
from knowledge.index.models import Chunk, SearchIndex, Vector
from knowledge.index.services import disable
from knowledge.index.store import retire
from knowledge.index.tasks import resume_indexes, work_on_index
from knowledge.search.models import Word
from knowledge.search.search import search
from tests.cast import PARENTAL_LEAVE, make_document, make_user

pytestmark = pytest.mark.django_db(transaction=True)

MODEL = "all-MiniLM-L6-v2"
LONG = "\n\n".join(f"Rule {n}: whoever comes late brings a cake of the size {n} for everybody." for n in range(40))
PAGE = "/admin/knowledge/searchindex/"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers that were sent to workers: none runs beside the tests."""
    numbers: list[int] = []
    monkeypatch.setattr(work_on_index, "delay", numbers.append)
    return numbers


@pytest.fixture(autouse=True)
def no_graphs_left() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname ~ '^vector_by_meaning_[0-9]+$'")
        for (name,) in cursor.fetchall():
            if name != "vector_by_meaning_1":
                cursor.execute(f"DROP INDEX {name}")


def graphs() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname ~ '^vector_by_meaning_[0-9]+$'")
        return {name for (name,) in cursor.fetchall()}


def built(max_tokens: int = 128) -> SearchIndex:
    index = build_index(model=MODEL, max_tokens=max_tokens, actor=None)
    work_on(index.pk)
    index.refresh_from_db()
    assert index.state == "standby", index.error
    return index


def words() -> dict[str, int]:
    return dict(Word.objects.values_list("stem", "chunks"))


def test_a_new_index_is_filled_beside_the_live_one(sent: list[int], ana: User) -> None:
    document = make_document(LONG)
    before = search("who brings a cake", audience=Audience.nobody())
    index = build_index(model=MODEL, max_tokens=128, actor=ana)
    assert (index.state, sent, lacking(index).count()) == ("building", [index.pk], 1)
    work_on(index.pk)
    index.refresh_from_db()
    chunks = Chunk.objects.filter(index=index)
    assert (index.state, lacking(index).count(), index.chunk_count) == ("standby", 0, chunks.count())
    assert chunks.count() > Chunk.objects.filter(index=live_index()).count()
    assert max(chunks.values_list("tokens", flat=True)) <= 128
    assert Vector.objects.filter(index=index, version=document.current).count() == chunks.count()
    assert f"vector_by_meaning_{index.pk}" in graphs()
    assert search("who brings a cake", audience=Audience.nobody()) == before
    assert AuditEvent.objects.get(action="index.build").actor == ana


def test_uploads_meanwhile_go_into_both() -> None:
    index = build_index(model=MODEL, max_tokens=128, actor=None)
    document = make_document()
    assert Chunk.objects.filter(index=index, version=document.current).exists()
    assert not lacking(index).exists()


def test_one_that_was_stopped_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        make_document(f"# Note {n}\n\nAbout number {n}.", path=f"{n}.md")
    index = build_index(model=MODEL, max_tokens=128, actor=None)
    add = building.add
    done: list[Document] = []

    def stops_at_the_second(document: Document, index: SearchIndex) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(document)
        add(document, index)

    monkeypatch.setattr(building, "add", stops_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        work_on(index.pk)
    assert (lacking(index).count(), unfinished()) == (2, [index])
    monkeypatch.setattr(building, "add", add)
    work_on(index.pk)
    assert (lacking(index).count(), unfinished()) == (0, [])


def test_a_second_worker_leaves_at_once() -> None:
    make_document()
    index = build_index(model=MODEL, max_tokens=128, actor=None)
    with psycopg.connect(**connection.get_connection_params()) as other:  # closed at the end, as when a worker dies
        other.execute("SELECT pg_advisory_lock(%s, %s)", [building.FILLER_LOCK, index.pk])
        work_on(index.pk)
        assert lacking(index).count() == 1
    with connection.cursor() as cursor:  # the server takes a moment to notice: waits for it
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [building.FILLER_LOCK, index.pk])
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [building.FILLER_LOCK, index.pk])
    work_on(index.pk)
    assert lacking(index).count() == 0


def test_what_stops_the_work_is_kept_and_mended(sent: list[int], monkeypatch: pytest.MonkeyPatch, ana: User) -> None:
    make_document()
    index = build_index(model=MODEL, max_tokens=128, actor=None)
    monkeypatch.setattr(building, "add", lambda *_: 1 / 0)
    work_on(index.pk)
    index.refresh_from_db()
    assert "Something went wrong" in index.error
    resume_indexes()
    assert sent == [index.pk]  # only from the beginning: a stopped one waits for a person
    resume(index=index, actor=ana)
    assert (sent, unfinished()) == ([index.pk, index.pk], [index])


def test_a_version_that_comes_into_use_meanwhile_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    document = make_document()
    index = build_index(model=MODEL, max_tokens=128, actor=None)
    rebuilt = rebuild.rebuilt

    def interrupted(*arguments: Any, **named: Any) -> Any:
        found = rebuilt(*arguments, **named)
        monkeypatch.setattr(building, "rebuilt", rebuilt)
        make_document(PARENTAL_LEAVE.replace("16", "20"), path=document.path)
        return found

    monkeypatch.setattr(building, "rebuilt", interrupted)
    work_on(index.pk)
    assert {chunk.version.number for chunk in Chunk.objects.filter(index=index)} == {2}


def test_edits_hold_in_every_index(ana: User) -> None:
    make_document()
    disable(chunk=Chunk.objects.select_related("version", "index").get(), actor=ana)
    index = built()
    assert list(Chunk.objects.filter(index=index).values_list("disabled", flat=True)) == [True]
    assert index.chunk_count == 0


def test_cutting_over_and_back_changes_what_searches_use(ana: User) -> None:
    make_document(LONG)
    first, words_before = live_index(), words()
    index = built()
    cut_over(index=index, actor=ana)
    first.refresh_from_db()
    assert (live_index(), first.state) == (index, "standby")
    assert max(words().values()) > max(words_before.values())
    hit = search("who brings a cake", audience=Audience.nobody())[0]
    assert hit.text in DocumentVersion.objects.get().text
    cut_over(index=first, actor=ana)
    assert (live_index(), words()) == (first, words_before)
    assert AuditEvent.objects.filter(action="index.cut_over").count() == 2


def test_uploads_after_the_cut_over_count_into_the_words_of_the_new_one() -> None:
    make_document(LONG)
    index = built()
    cut_over(index=index, actor=None)
    make_document("# Zebras\n\nZebras may not be fed.", path="zebra.md")
    assert words()["zebra"] == Chunk.objects.filter(index=index, text__contains="Zebras").count()


def test_one_that_lacks_a_document_is_not_cut_over_to() -> None:
    document = make_document()
    index = built()
    with transaction.atomic():
        retire(document, index)
    assert unfinished() == [index]
    with pytest.raises(Conflict, match="lacks 1 documents"):
        cut_over(index=index, actor=None)
    assert live_index().pk != index.pk


def test_neither_the_live_nor_an_unfinished_one_is_cut_over_to() -> None:
    with pytest.raises(Conflict, match="live already"):
        cut_over(index=live_index(), actor=None)
    with pytest.raises(Conflict, match="not complete"):
        cut_over(index=build_index(model=MODEL, max_tokens=128, actor=None), actor=None)


def test_the_database_knows_one_live_index() -> None:
    live_index()
    with pytest.raises(IntegrityError, match="one_is_live"), transaction.atomic():
        SearchIndex.objects.create(number=9, model=MODEL, dimension=384, max_tokens=128, state="live")


def test_a_dropped_index_is_gone_and_the_live_one_whole(ana: User) -> None:
    make_document(LONG)
    index = built()
    whole = (Chunk.objects.filter(index=live_index()).count(), words())
    drop_index(index=index, actor=ana)
    make_document(path="more.md")
    assert not Chunk.objects.filter(index=index, version__document__path="more.md").exists()
    Document.objects.get(path="more.md").delete()
    work_on(index.pk)
    assert not SearchIndex.objects.filter(pk=index.pk).exists()
    assert f"vector_by_meaning_{index.pk}" not in graphs()
    assert Chunk.objects.count() == Vector.objects.count() == whole[0]


def test_the_live_index_is_never_dropped() -> None:
    with pytest.raises(Conflict, match="Cut over to another"):
        drop_index(index=live_index(), actor=None)


@pytest.mark.parametrize("tokens", [40, 100_000])
def test_a_size_that_the_model_can_not_read_is_refused(tokens: int) -> None:
    with pytest.raises(InvalidInput, match="have 96 to"):
        build_index(model=MODEL, max_tokens=tokens, actor=None)


def test_a_model_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelUnavailable):
        build_index(model="no-such-model", actor=None)


def test_two_indexes_are_compared_inside_the_audience(ana: User, cleo: User) -> None:
    document = make_document(for_everyone=False, owner=ana)
    DocumentVersion.objects.update(questions=["How many weeks of parental leave are paid?"])
    case = GoldenCase(id="1", question="How long is parental leave?", kind="lookup", gold_docs=(document.path,))
    indexes = [live_index(), built()]
    mine = compare(indexes=indexes, cases=[case], audience=Audience.of(ana))
    assert [(row.recall_at_5, row.recall_at_10, row.mrr) for row in mine] == [(1.0, 1.0, 1.0)] * 2
    others = compare(indexes=indexes, cases=[case], audience=Audience.of(cleo))
    assert [row.recall_at_10 for row in others] == [0.0, 0.0]
    assert len(own_questions(Audience.of(ana), 10)) == 1
    assert own_questions(Audience.of(cleo), 10) == []


def test_the_commands_build_and_cut_over() -> None:
    make_document()
    out = io.StringIO()
    call_command("build_index", MODEL, "--max-tokens", "128", "--wait", "--json", stdout=out)
    number = json.loads(out.getvalue())["number"]
    call_command("cut_over", str(number), stdout=out)
    assert live_index().pk == number
    with pytest.raises(CommandError, match="live already"):
        call_command("cut_over", str(number))
    with pytest.raises(CommandError, match="no search index 99"):
        call_command("cut_over", "99")


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(make_user("root@acme.example", is_staff=True, is_superuser=True))
    return client


def test_the_console_builds_compares_cuts_over_and_drops(console: Client) -> None:
    document = make_document()
    console.post(f"{PAGE}build/", {"model": MODEL, "max_tokens": 128})
    index = SearchIndex.objects.get(state="building")
    assert "Being built" in console.get(PAGE).content.decode()
    work_on(index.pk)
    case = {"id": "1", "question": "parental leave", "kind": "lookup", "gold_docs": [document.path]}
    file = SimpleUploadedFile("golden.jsonl", json.dumps(case).encode())
    chosen = {"indexes": [live_index().pk, index.pk], "golden": file}
    assert console.post(f"{PAGE}compare/", chosen).content.decode().count("1.000") == 6
    console.post(f"{PAGE}{index.pk}/cut-over/")
    assert live_index() == index
    assert "Cut over to another one first" in console.post(f"{PAGE}{index.pk}/drop/").content.decode()
    console.post(f"{PAGE}1/drop/")
    assert SearchIndex.objects.get(pk=1).state == "dropped"


def test_the_console_says_what_is_wrong_with_a_golden_file(console: Client) -> None:
    index = built()
    file = SimpleUploadedFile("golden.jsonl", b"{nonsense")
    page = console.post(f"{PAGE}compare/", {"indexes": [1, index.pk], "golden": file})
    assert "golden.jsonl:1: not a golden question" in page.content.decode()
    assert "Choose two indexes" in console.post(f"{PAGE}compare/", {"indexes": [1]}).content.decode()


def test_hr_looks_and_does_not_touch(client: Client) -> None:
    client.force_login(make_user("hr@acme.example", ensure_roles()["HR"], is_staff=True))
    live_index()
    page = client.get(PAGE)
    assert (page.status_code, "Build another" in page.content.decode()) == (200, False)
    assert client.post(f"{PAGE}build/", {"model": MODEL}).status_code == 403
    assert client.post(f"{PAGE}1/drop/").status_code == 403
    assert client.post(f"{PAGE}compare/").status_code == 403


def test_cleo_sees_no_indexes(client: Client) -> None:
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}build/", {"model": MODEL}).status_code == 403
