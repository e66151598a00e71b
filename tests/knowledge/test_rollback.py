"""An earlier version is used again."""

import pytest
from kombu.exceptions import OperationalError

from askacme.lib.errors import Conflict, ServiceUnavailable
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.tasks import use_version
from knowledge.documents.versions import roll_back
from knowledge.health.models import Finding
from knowledge.index import embed
from knowledge.index.models import Chunk
from knowledge.index.services import disable
from knowledge.ingest.run import ingest
from knowledge.search.search import search
from tests.cast import PARENTAL_LEAVE, make_document, upload_text

pytestmark = pytest.mark.django_db
LATER = PARENTAL_LEAVE.replace("16 weeks", "20 weeks")


@pytest.fixture
def document(db: None) -> Document:
    """Its second version is in use."""
    make_document()
    return make_document(LATER)


def version_of(document: Document, number: int) -> DocumentVersion:
    return document.versions.select_related("document").get(number=number)


def found() -> str:
    return "\n".join(hit.text for hit in search("weeks of parental leave", audience=Audience.nobody()))


def current(document: Document) -> int:
    document.refresh_from_db()
    assert document.current is not None
    return document.current.number


def test_the_earlier_version_is_found_again_and_the_later_one_no_more(document: Document, ana: User) -> None:
    assert roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    assert current(document) == 1
    assert "16 weeks" in found()
    assert "20 weeks" not in found()


def test_nothing_that_was_embedded_before_is_embedded_again(
    document: Document, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(Chunk.objects.values_list("text", "heading", "context", "page", "tokens"))
    roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    monkeypatch.setattr(embed, "compute", lambda *_: pytest.fail("a known text was embedded"))
    document.refresh_from_db()
    roll_back(version=version_of(document, 2), instead_of=document.current_id, actor=ana)
    assert list(Chunk.objects.values_list("text", "heading", "context", "page", "tokens")) == before


def test_a_citation_of_the_later_version_still_points_into_it(document: Document, ana: User) -> None:
    cited = search("weeks of parental leave", audience=Audience.nobody())[0]
    roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    later = version_of(document, 2)
    assert cited.version_id == later.pk
    assert "20 weeks" in later.text[cited.start : cited.end]


def test_edits_hold_in_the_version_that_is_used_again(document: Document, ana: User) -> None:
    roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    disable(chunk=Chunk.objects.select_related("version", "index").get(text__contains="16 weeks"), actor=ana)
    document.refresh_from_db()
    roll_back(version=version_of(document, 2), instead_of=document.current_id, actor=ana)
    assert "20 weeks" in found()
    document.refresh_from_db()
    roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    assert "16 weeks" not in found()


def test_of_two_tabs_the_second_is_told(document: Document, ana: User) -> None:
    seen = document.current_id
    roll_back(version=version_of(document, 1), instead_of=seen, actor=ana)
    with pytest.raises(Conflict, match="came into use meanwhile"):
        roll_back(version=version_of(document, 1), instead_of=seen, actor=ana)
    assert AuditEvent.objects.filter(action="document.use_version").count() == 1


def test_a_failed_or_quarantined_version_is_not_used(document: Document, ana: User) -> None:
    first = version_of(document, 1)
    finding = Finding.objects.create(version=first, kind="instructions", severity="quarantine", message="Obey!")
    with pytest.raises(Conflict, match="quarantine"):
        roll_back(version=first, instead_of=document.current_id, actor=ana)
    finding.delete()
    DocumentVersion.objects.filter(pk=first.pk).update(state="failed", error="broken")
    with pytest.raises(Conflict, match="not been read"):
        roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    assert current(document) == 2


def test_an_upload_that_is_being_read_meanwhile_comes_into_use_when_it_is_ready(document: Document, ana: User) -> None:
    third = upload_text(LATER.replace("20", "24"), path=document.path)
    roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    ingest(third.pk)
    assert current(document) == 3


def test_what_fails_half_way_leaves_the_present_version_serving(
    document: Document, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.documents.versions.put_in_use", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        roll_back(version=version_of(document, 1), instead_of=document.current_id, actor=ana)
    assert current(document) == 2
    assert "20 weeks" in found()


class Queue:
    """A queue for `use_version` that a test looks into."""

    def __init__(self, *, is_down: bool = False) -> None:
        self.sent: list[tuple[int, int | None, int]] = []
        self._is_down = is_down

    def __call__(self, *arguments: int) -> None:
        if self._is_down:
            raise OperationalError("no broker")
        version, instead_of, actor = arguments
        self.sent.append((version, instead_of, actor))


@pytest.fixture
def long_one(document: Document, monkeypatch: pytest.MonkeyPatch) -> DocumentVersion:
    """As if a version's vectors were forgotten, and were many."""
    first = version_of(document, 1)
    monkeypatch.setattr(embed, "SLICE", 1)
    document.vectors.filter(chunk=None).delete()
    parts = "\n\n".join(f"## Part {n}\n\n{'Words fill this part up. ' * 30}" for n in range(3))
    make_document(f"# Long\n\n{parts}", path=document.path)
    third = version_of(document, 3)
    document.refresh_from_db()
    Document.objects.filter(pk=document.pk).update(current=first)
    document.vectors.all().delete()
    return third


def test_a_long_one_is_left_to_a_worker(long_one: DocumentVersion, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue()
    monkeypatch.setattr(use_version, "delay", queue)
    document = Document.objects.get()
    assert not roll_back(version=version_of(document, 3), instead_of=document.current_id, actor=ana)
    assert current(document) == 1
    (message,) = queue.sent
    use_version(*message)
    assert current(document) == 3
    assert AuditEvent.objects.get(action="document.use_version").actor == ana
    use_version(*message)  # told twice
    assert current(document) == 3


def test_without_a_queue_a_long_one_is_refused(
    long_one: DocumentVersion, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_version, "delay", Queue(is_down=True))
    document = Document.objects.get()
    with pytest.raises(ServiceUnavailable):
        roll_back(version=version_of(document, 3), instead_of=document.current_id, actor=ana)


def test_a_document_deleted_meanwhile_stays_deleted(document: Document, ana: User) -> None:
    version, seen = version_of(document, 1), document.current_id
    document.delete()
    use_version(version.pk, seen, ana.pk)
    assert not Document.objects.exists()
