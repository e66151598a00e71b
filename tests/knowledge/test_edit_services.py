"""Correcting a passage, taking it out, putting it back: for search at once, and for every version to come."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from askacme.lib.errors import Conflict, InvalidInput, NotFound
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.guardrails.policy import DEFAULT
from governance.guardrails.values import Action
from knowledge.documents.models import Document, DocumentVersion
from knowledge.health.sensitive import as_stored
from knowledge.index import embed
from knowledge.index.models import Chunk, ChunkEdit, SearchIndex
from knowledge.index.services import correct, disable, remove_edit, restore
from knowledge.ingest import run
from knowledge.search.search import search
from tests.cast import PARENTAL_LEAVE, make_document, upload_text

pytestmark = pytest.mark.django_db

KEY = "AKIA" + "IOSFODNN7EXAMPLQ"
FILLER = " ".join(f"Sentence number {n} says little about anything at all." for n in range(12))
TWO_SECTIONS = (
    f"# Handbook\n\n## Dogs\n\nDogs may come on Fridays. {FILLER}\n\n## Cats\n\nCats stay at home. {FILLER}\n"
)


def chunk_with(words: str) -> Chunk:
    return Chunk.objects.select_related("version", "index").get(text__contains=words)


def found(query: str) -> str:
    return "\n".join(hit.text for hit in search(query, audience=Audience.nobody()))


def test_a_correction_is_found_and_read_at_once(ana: User) -> None:
    make_document()
    correct(chunk=chunk_with("16 weeks"), text="All new parents get 18 weeks.", actor=ana)
    chunk = chunk_with("16 weeks")
    assert (chunk.passage, chunk.version.text[chunk.start : chunk.end]) == ("All new parents get 18 weeks.", chunk.text)
    words = Chunk.objects.raw("SELECT * FROM knowledge_chunk WHERE search @@ to_tsquery('english', '18 & weeks')")
    assert [row.pk for row in words] == [chunk.pk]


def test_only_what_was_edited_is_embedded_again(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_document(TWO_SECTIONS)
    compute, embedded = embed.compute, list[int]()

    def counting(index: SearchIndex, batch: Any) -> Any:
        embedded.append(len(batch))
        return compute(index, batch)

    monkeypatch.setattr(embed, "compute", counting)
    correct(chunk=chunk_with("Dogs may"), text="Dogs may come on Mondays.", actor=ana)
    assert sum(embedded) == 1


def test_a_disabled_passage_is_found_no_more(ana: User) -> None:
    make_document(TWO_SECTIONS)
    disable(chunk=chunk_with("Dogs may"), actor=ana)
    assert "Fridays" not in found("May dogs come on Fridays?")
    assert "Cats stay" in found("Do cats stay at home?")
    assert SearchIndex.objects.get().chunk_count == Chunk.objects.filter(disabled=False).count()


def test_a_restored_passage_reads_as_the_document_does(ana: User) -> None:
    make_document(TWO_SECTIONS)
    before = list(Chunk.objects.values_list("start", "end", "text", "tokens", "corrected", "disabled"))
    disable(chunk=chunk_with("Dogs may"), actor=ana)
    correct(chunk=chunk_with("Dogs may"), text="Dogs may come on Mondays.", actor=ana)
    assert ChunkEdit.objects.count() == 1
    restore(chunk=chunk_with("Dogs may"), actor=ana)
    assert list(Chunk.objects.values_list("start", "end", "text", "tokens", "corrected", "disabled")) == before
    assert not ChunkEdit.objects.exists()


def test_writing_the_document_s_own_words_restores(ana: User) -> None:
    make_document()
    chunk = chunk_with("16 weeks")
    correct(chunk=chunk, text="18 weeks", actor=ana)
    correct(chunk=chunk_with("16 weeks"), text=chunk.text.replace("\n", "\r\n") + "\n", actor=ana)
    assert not ChunkEdit.objects.exists()


def test_the_correction_outlives_a_new_version_that_holds_the_passage(ana: User) -> None:
    document = make_document(TWO_SECTIONS)
    correct(chunk=chunk_with("Cats stay"), text="Cats may come, too.", actor=ana)
    make_document(TWO_SECTIONS.replace("Fridays", "Mondays, and on Tuesdays if they are small"), path=document.path)
    chunk = chunk_with("Cats stay")
    assert (chunk.version.number, chunk.corrected) == (2, "Cats may come, too.")


def test_an_edit_made_while_a_new_version_is_read_holds_in_it(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    document = make_document(TWO_SECTIONS)
    version = upload_text(TWO_SECTIONS.replace("Fridays", "Mondays"), path=document.path)
    embed_for_all = run.embed_for_all
    edits = [partial(disable, chunk=chunk_with("Cats stay"), actor=ana)]

    def interrupted(*arguments: Any) -> run.Built:
        built = embed_for_all(*arguments)
        if edits:
            edits.pop()()
        return built

    monkeypatch.setattr(run, "embed_for_all", interrupted)
    run.ingest(version.pk)
    chunk = chunk_with("Cats stay")
    assert (chunk.version.number, chunk.disabled) == (2, True)


def test_who_comes_second_changes_nothing_and_is_told(ana: User, ben: User) -> None:
    make_document()
    seen_by_both = chunk_with("16 weeks")
    correct(chunk=seen_by_both, text="18 weeks", actor=ben)
    with pytest.raises(Conflict, match="Ben changed this passage"):
        correct(chunk=seen_by_both, text="20 weeks", actor=ana)
    assert Chunk.objects.get(corrected="18 weeks").version.document.chunk_edits.count() == 1


def test_a_passage_of_a_former_version_can_not_be_changed(ana: User) -> None:
    make_document()
    chunk = chunk_with("16 weeks")
    make_document(PARENTAL_LEAVE.replace("16", "20"))
    with pytest.raises(Conflict, match="Another version"):
        disable(chunk=chunk, actor=ana)


@pytest.mark.parametrize(
    ("text", "reason"), [(" \n", "needs a text"), ("far too many words " * 100, "too long for one passage")]
)
def test_a_correction_that_can_not_be_is_refused(ana: User, text: str, reason: str) -> None:
    make_document()
    with pytest.raises(InvalidInput, match=reason):
        correct(chunk=chunk_with("16 weeks"), text=text, actor=ana)
    assert not ChunkEdit.objects.exists()


def test_an_edit_whose_passage_is_gone_is_forgotten_once(ana: User) -> None:
    document = make_document()
    disable(chunk=chunk_with("16 weeks"), actor=ana)
    make_document(PARENTAL_LEAVE.replace("16", "20"))
    edit = ChunkEdit.objects.get()
    remove_edit(document=document, edit_id=edit.pk, actor=ana)
    with pytest.raises(NotFound):
        remove_edit(document=document, edit_id=edit.pk, actor=ana)


def test_each_act_is_on_record_without_the_words(ana: User) -> None:
    make_document()
    correct(chunk=chunk_with("16 weeks"), text="18 weeks", actor=ana)
    disable(chunk=chunk_with("16 weeks"), actor=ana)
    restore(chunk=chunk_with("16 weeks"), actor=ana)
    events = AuditEvent.objects.filter(action__startswith="passage.").order_by("id")
    assert [event.action for event in events] == ["passage.correct", "passage.disable", "passage.restore"]
    assert not [event for event in events if "weeks" in str(event.details)]


def test_a_failure_leaves_everything_as_it_was(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    document = make_document()
    monkeypatch.setattr("knowledge.index.rebuild.store", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        disable(chunk=chunk_with("16 weeks"), actor=ana)
    assert not ChunkEdit.objects.exists()
    assert Chunk.objects.filter(version=document.current, disabled=False).exists()
    assert DocumentVersion.objects.count() == Document.objects.count() == 1


def test_of_a_key_in_a_correction_only_dots_are_kept(ana: User) -> None:
    make_document()
    correct(chunk=chunk_with("16 weeks"), text=f"The desk's key is {KEY}, or ask hr@acme.example.", actor=ana)
    passage = chunk_with("16 weeks").passage
    assert passage == ChunkEdit.objects.get().corrected
    assert passage == f"The desk's key is {'•' * len(KEY)}, or ask hr@acme.example."


def test_corrections_are_held_to_everyone_s_policy_for_documents() -> None:
    text = "Pay with card 4111 1111 1111 1111."
    strict = replace(DEFAULT, documents={**DEFAULT.documents, "pii": Action.BLOCK})
    assert as_stored(text, DEFAULT) == text
    assert as_stored(text, strict) == "Pay with card •••• •••• •••• ••••."
