"""An index whose model is behind an endpoint: built, cut over to, searched, and what happens when the endpoint dies."""

import logging
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from askacme.config import EmbeddingModelConfig
from askacme.lib.errors import ModelUnavailable
from chat.pipeline.retrieve import IRRELEVANT
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.models import Inference
from knowledge.documents.models import DocumentVersion
from knowledge.index.building import build_index, cut_over, lacking, resume, unfinished, work_on
from knowledge.index.indexes import live_index
from knowledge.index.models import Chunk, SearchIndex, Vector
from knowledge.index.services import correct
from knowledge.index.tasks import work_on_index
from knowledge.ingest import run
from knowledge.ingest.run import ingest
from knowledge.search.search import find, search
from tests.cast import make_document, upload_text
from tests.llm.replies import EXPIRED_KEY, RATE_LIMITED_BY_HEADERS
from tests.llm.vectors import DIMENSION
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "How long is parental leave?"
CAKES = "# Cakes\n\nWhoever comes late brings a cake for everybody."
EVERYONE = Audience.nobody()


@pytest.fixture(autouse=True)
def no_filler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_on_index, "delay", lambda _number: None)


@pytest.fixture(autouse=True)
def no_graphs_left() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS vector_by_meaning_2")


@pytest.fixture
def server() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def model(server: Simulator, settings: Settings) -> str:
    """A name of its own for each test: embedders are kept by name."""
    name = f"far-{uuid4().hex}"
    config = EmbeddingModelConfig(base_url=server.base_url, dimension=DIMENSION, price="0.02")
    settings.ASKACME = settings.ASKACME.model_copy(update={"embedding_models": {name: config}})
    return name


def built(model: str) -> SearchIndex:
    index = build_index(model=model, actor=None)
    work_on(index.pk)
    index.refresh_from_db()
    return index


@pytest.fixture
def live(model: str) -> SearchIndex:
    """The remote model's index over two documents, in use."""
    make_document(CAKES, path="cakes.md")
    make_document()
    index = built(model)
    cut_over(index=index, actor=None)
    return index


def test_an_index_of_a_remote_model_is_built_and_cut_over_to(live: SearchIndex, model: str) -> None:
    assert live_index() == live
    assert (live.state, live.model, live.dimension, live.max_tokens) == ("live", model, DIMENSION, 512)
    assert {bytes(words) for words in Vector.objects.filter(index=live).values_list("words", flat=True)} == {b""}
    assert Vector.objects.filter(index=live).count() == Chunk.objects.filter(index=live).count() > 1


def test_its_calls_are_on_record(live: SearchIndex) -> None:
    search(QUESTION, audience=EVERYONE)
    rows = Inference.objects.filter(purpose="embedding", status="success")
    assert rows.count() > 1
    assert all(row.cost_usd for row in rows)


def test_search_through_it_ranks_well_and_is_relevant(live: SearchIndex) -> None:
    found = find(QUESTION, audience=EVERYONE)
    assert "arental" in found.hits[0].document
    assert found.hits[0].similarity > 0
    assert found.relevance > IRRELEVANT
    assert find("who brings a cake", audience=EVERYONE).hits[0].path == "cakes.md"


def test_new_and_corrected_passages_go_through_it(live: SearchIndex, ana: User) -> None:
    make_document("# Bicycles\n\nBicycles stand in the yard.", path="bicycles.md")
    assert search("where do bicycles stand", audience=EVERYONE)[0].path == "bicycles.md"
    chunk = Chunk.objects.get(index=live, version__document__path="cakes.md")
    correct(chunk=chunk, text="Whoever comes late brings pancakes.", actor=ana)
    assert search("who brings pancakes", audience=EVERYONE)[0].text == "Whoever comes late brings pancakes."


def test_while_the_endpoint_is_dead_words_are_searched(
    live: SearchIndex, server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [EXPIRED_KEY]
    with caplog.at_level(logging.WARNING):
        found = find("who brings a cake", audience=EVERYONE)
    assert [hit.path for hit in found.hits] == ["cakes.md"]
    assert found.hits[0].similarity == 0
    assert found.relevance > IRRELEVANT
    assert "Searched by words only" in caplog.text


def test_an_index_that_was_named_answers_for_itself(live: SearchIndex, server: Simulator) -> None:
    server.script = [EXPIRED_KEY]
    with pytest.raises(ModelUnavailable, match="HTTP 401"):
        find(QUESTION, audience=EVERYONE, index=live)


def test_while_the_endpoint_is_dead_uploads_wait_with_a_reason(live: SearchIndex, server: Simulator) -> None:
    server.script = [EXPIRED_KEY]
    version = upload_text("# Bicycles\n\nBicycles stand in the yard.", path="bicycles.md")
    ingest(version.pk)
    version.refresh_from_db()
    assert (version.state, version.error_code) == ("queued", "model_unavailable")
    assert "can't be asked right now: HTTP 401" in version.error
    server.script = [Reply()]
    DocumentVersion.objects.filter(pk=version.pk).update(retry_at=timezone.now())
    assert run.read_next()
    version.refresh_from_db()
    assert (version.state, version.error) == ("ready", "")


def test_an_index_beside_the_live_one_keeps_no_upload_waiting(server: Simulator, model: str) -> None:
    index = built(model)
    server.script = [EXPIRED_KEY]
    make_document()
    assert search(QUESTION, audience=EVERYONE)
    assert (lacking(index).count(), unfinished()) == (1, [index])
    server.script = [Reply()]
    work_on(index.pk)
    assert (lacking(index).count(), unfinished()) == (0, [])


def test_what_may_pass_stops_no_building_for_good(server: Simulator, model: str) -> None:
    make_document()
    server.script = [RATE_LIMITED_BY_HEADERS]
    index = built(model)
    assert (index.state, index.error, unfinished()) == ("building", "", [index])


def test_an_index_that_can_not_be_built_says_why_and_the_old_one_serves(
    server: Simulator, model: str, ana: User
) -> None:
    make_document()
    before = search(QUESTION, audience=EVERYONE)
    server.script = [EXPIRED_KEY]
    index = built(model)
    assert (index.state, "HTTP 401" in index.error) == ("building", True)
    assert search(QUESTION, audience=EVERYONE) == before
    assert live_index().pk != index.pk
    server.script = [Reply()]
    resume(index=index, actor=ana)
    work_on(index.pk)
    index.refresh_from_db()
    assert (index.state, index.error) == ("standby", "")
