"""Texts to vectors elsewhere: over real HTTP against the simulator, and what servers get wrong chunk by chunk."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import numpy as np
import pytest
from pydantic import ValidationError
from pytest_django import Settings

from askacme.config import EmbeddingModelConfig
from askacme.lib.errors import ModelUnavailable
from governance.gateway.checks import model_folders_hold_models
from governance.gateway.embedding import remote
from governance.gateway.embedding.endpoint import Endpoint
from governance.gateway.embedding.metered import PROVIDER, PURPOSE
from governance.gateway.embedding.remote import Reading, RemoteEmbedder, first_batch
from governance.gateway.embeddings import embedder
from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.models import Inference
from governance.gateway.money.models import Budget
from tests.governance.money import make_budget, money_in
from tests.llm.replies import (
    BAD_REQUEST,
    CONTEXT_TOO_LONG,
    EXPIRED_KEY,
    OVERLOADED,
    RATE_LIMITED_BY_HEADERS,
    RATE_LIMITED_FOR_A_WHILE,
)
from tests.llm.vectors import DIMENSION, vector_of
from tests.llm_simulator import Reply, Simulator, closed_port, running_simulator

pytestmark = pytest.mark.django_db

KEY = "sk-very-secret"
TEXTS = ["Leave is sixteen weeks long.", "Bring a letter.", "Bring a cake."]
Answering = Callable[[list[str]], Any]


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(server: Simulator) -> Simulator:
    server.script = [Reply()]
    for kept in (server.requests, server.headers, server.queries):
        kept.clear()
    return server


def words_in(texts: Any) -> list[int]:
    return [len(text.split()) for text in texts]


READING = Reading(count=words_in)


def far(endpoint: Endpoint, reading: Reading = READING, **more: Any) -> RemoteEmbedder:
    return RemoteEmbedder(endpoint, reading, name="far", **{"pause": lambda _s: None, **more})


@pytest.fixture
def endpoint(simulator: Simulator) -> Endpoint:
    return Endpoint(simulator.base_url, "text-embedding-3-small", DIMENSION, api_key=KEY)


def answering(answer: Answering, dimension: int = 2) -> RemoteEmbedder:
    """An embedder whose server's body is what `answer` makes of the texts."""

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answer(json.loads(request.content)["input"]))

    client = httpx.Client(transport=httpx.MockTransport(handle))
    return far(Endpoint("http://far.example/v1", "m", dimension, http=client))


def rows(*vectors: Any) -> dict[str, Any]:
    return {"data": [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]}


def calls() -> list[tuple[str, str, int]]:
    return list(Inference.objects.order_by("created_at").values_list("status", "fault", "attempt"))


def test_vectors_come_in_the_order_of_the_texts(endpoint: Endpoint) -> None:
    found = far(endpoint).embed(TEXTS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [vector_of(text) for text in TEXTS], atol=1e-6)


def test_no_texts_cost_no_call(endpoint: Endpoint, simulator: Simulator) -> None:
    assert far(endpoint).embed([]).shape == (0, DIMENSION)
    assert simulator.calls == 0


def test_prefixes_stand_before_the_texts(endpoint: Endpoint, simulator: Simulator) -> None:
    model = far(endpoint, replace(READING, query_prefix="query: ", passage_prefix="passage: "))
    model.embed(["a"])
    model.embed_query("b")
    assert [asked["input"] for asked in simulator.requests] == [["passage: a"], ["query: b"]]


def test_a_provider_gets_no_personal_data_of_a_question(endpoint: Endpoint, simulator: Simulator) -> None:
    far(endpoint).embed_query("May I book with 4111 1111 1111 1111?")
    (sent,) = simulator.requests[0]["input"]
    assert "4111" not in sent
    assert sent.startswith("May I book with [CREDIT_CARD_")


def test_words_have_no_vectors(endpoint: Endpoint) -> None:
    model = far(endpoint)
    vectors, windows = model.embed_with_windows(TEXTS[:2], [[(0, 5), (6, 8)], []])
    np.testing.assert_allclose(vectors, model.embed(TEXTS[:2]))
    assert [found.shape for found in windows] == [(2, DIMENSION), (0, DIMENSION)]
    assert not windows[0].any()
    vector, words = model.embed_query_with_windows("how long", [(0, 3)])
    assert (vector.shape, words.shape) == ((DIMENSION,), (1, DIMENSION))
    assert not words.any()


def test_many_texts_go_in_several_calls(endpoint: Endpoint, simulator: Simulator) -> None:
    found = far(endpoint, replace(READING, batch_size=2)).embed(TEXTS)
    assert [len(asked["input"]) for asked in simulator.requests] == [2, 1]
    np.testing.assert_allclose(found, [vector_of(text) for text in TEXTS], atol=1e-6)


@pytest.mark.parametrize(("sizes", "n_texts"), [([1, 1, 1], 3), ([40_000, 20_000, 1], 2), ([90_000, 1], 1), ([9], 1)])
def test_a_call_is_cut_by_its_tokens_too(sizes: list[int], n_texts: int) -> None:
    assert first_batch(sizes, 96) == n_texts


def test_the_dimension_is_asked_for_only_when_it_is_to_be_shortened(endpoint: Endpoint, simulator: Simulator) -> None:
    far(endpoint).embed(["a"])
    assert far(replace(endpoint, dimension=8, shorten=True)).embed(["a"]).shape == (1, 8)
    assert [asked.get("dimensions") for asked in simulator.requests] == [None, 8]


def test_the_key_and_the_trace_are_sent(endpoint: Endpoint, simulator: Simulator) -> None:
    far(endpoint).embed(["a"])
    assert simulator.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert simulator.headers[0]["X-Request-ID"] == str(Inference.objects.get().request_id)


def test_azure_gets_its_key_and_version_its_own_way(endpoint: Endpoint, simulator: Simulator) -> None:
    far(replace(endpoint, api_version="2024-10-21")).embed(["a"])
    assert simulator.headers[0]["api-key"] == KEY
    assert "Authorization" not in simulator.headers[0]
    assert simulator.queries[0] == "api-version=2024-10-21"


def test_each_call_is_on_record_with_its_price(endpoint: Endpoint) -> None:
    far(endpoint, price=Decimal("0.02")).embed(TEXTS)
    row = Inference.objects.get()
    assert (row.purpose, row.provider, row.model) == (PURPOSE, PROVIDER, "text-embedding-3-small")
    assert (row.status, row.attempt, row.is_estimated) == ("success", 1, False)
    assert (row.input_tokens, row.cost_usd) == (11, Decimal("0.00000022"))


def test_without_a_price_of_its_own_the_price_table_s_counts(endpoint: Endpoint) -> None:
    far(replace(endpoint, model="nobody-knows-it")).embed(TEXTS)
    assert Inference.objects.get().cost_usd is None


@pytest.mark.django_db(transaction=True)
def test_what_a_call_costs_is_spent_of_the_budgets(endpoint: Endpoint, simulator: Simulator) -> None:
    budget = make_budget("1", scope=Budget.Scope.PURPOSE, endpoint=PURPOSE)
    simulator.script = [OVERLOADED, Reply()]
    far(endpoint, price=Decimal(1000)).embed(["three words here"])
    assert money_in(budget) == (Decimal("0.003"), 0)


@pytest.mark.django_db(transaction=True)
def test_without_money_nothing_is_sent(endpoint: Endpoint, simulator: Simulator) -> None:
    budget = make_budget("0.01")
    with pytest.raises(ProviderFailed, match="budget") as caught:
        far(endpoint, price=Decimal(1000)).embed(["three words here"])
    assert (caught.value.fault, simulator.calls, Inference.objects.count()) == (Fault.QUOTA_EXHAUSTED, 0, 0)
    assert money_in(budget) == (0, 0)


def test_tokens_are_estimated_when_the_server_does_not_count() -> None:
    answering(lambda texts: rows(*[[1, 0]] * len(texts))).embed(["three words here"])
    row = Inference.objects.get()
    assert (row.input_tokens, row.is_estimated) == (4, True)


def test_token_counts_keep_a_margin_and_know_other_scripts(endpoint: Endpoint) -> None:
    assert far(endpoint).count_tokens(["", "a b c d e", "ลาพักร้อน"]) == [0, 6, 11]


# What goes wrong


def test_a_passing_fault_is_tried_again(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [OVERLOADED, OVERLOADED, Reply()]
    pauses: list[float] = []
    assert far(endpoint, pause=pauses.append).embed(["a"]).shape == (1, DIMENSION)
    assert calls() == [("error", "overloaded", 1), ("error", "overloaded", 2), ("success", "", 3)]
    assert len(set(Inference.objects.values_list("request_id", flat=True))) == 1
    assert pauses[0] <= 0.5
    assert pauses[1] <= 1.0


def test_passages_are_given_up_after_the_fourth_try(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [OVERLOADED]
    with pytest.raises(ModelUnavailable, match="The embedding model 'far' can't be asked right now: HTTP 503"):
        far(endpoint).embed(["a"])
    assert simulator.calls == 4


def test_the_server_says_when_to_come_back(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [RATE_LIMITED_FOR_A_WHILE, Reply()]
    pauses: list[float] = []
    far(endpoint, pause=pauses.append).embed(["a"])
    assert 7 <= pauses[0] <= 7.5


def test_nobody_waits_longer_than_the_patience_lasts(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [RATE_LIMITED_BY_HEADERS]
    pauses: list[float] = []
    with pytest.raises(ProviderFailed) as caught:
        far(endpoint, pause=pauses.append).embed(["a"])
    assert (caught.value.fault, simulator.calls, pauses) == (Fault.RATE_LIMITED, 1, [])
    assert Inference.objects.get().rate_limits["remaining-tokens"] == "0"


def test_a_wrong_key_is_not_tried_again_and_not_told(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [replace(EXPIRED_KEY, error_message=f"Incorrect API key provided: {KEY}.")]
    with pytest.raises(ProviderFailed, match=r"HTTP 401.*\*\*\*") as caught:
        far(endpoint).embed(["a"])
    assert KEY not in str(caught.value) + Inference.objects.get().error + repr(endpoint)
    assert simulator.calls == 1


def test_a_question_is_tried_twice_and_then_left_alone_for_a_while(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [OVERLOADED]
    model = far(endpoint)
    for message in ("HTTP 503", "failed a moment ago"):
        with pytest.raises(ProviderFailed, match=message):
            model.embed_query("how long?")
    assert simulator.calls == 2


def test_after_a_while_questions_are_asked_again(
    endpoint: Endpoint, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "AWAY_S", 0.0)
    simulator.script = [EXPIRED_KEY, Reply()]
    model = far(endpoint)
    with pytest.raises(ProviderFailed):
        model.embed_query("how long?")
    assert model.embed_query("how long?").shape == (1, DIMENSION)


def test_refused_connections_are_unreachable() -> None:
    with closed_port() as address, pytest.raises(ProviderFailed, match="no connection") as caught:
        far(Endpoint(address, "m", 2)).embed_query("a")
    assert caught.value.fault is Fault.UNREACHABLE


def test_a_server_that_takes_fewer_texts_gets_fewer() -> None:
    sizes: list[int] = []

    def handle(request: httpx.Request) -> httpx.Response:
        texts = json.loads(request.content)["input"]
        sizes.append(len(texts))
        if len(texts) > 2:
            return httpx.Response(400, json={"error": {"message": "batch size should not be larger than 2"}})
        return httpx.Response(200, json=rows(*[[len(text), 1] for text in texts]))

    endpoint = Endpoint("http://far.example/v1", "m", 2, http=httpx.Client(transport=httpx.MockTransport(handle)))
    found = far(endpoint).embed(["a", "bb", "ccc", "dddd", "eeeee"])
    assert sizes == [5, 2, 2, 1]
    np.testing.assert_allclose(found[:, 0] / found[:, 1], [1, 2, 3, 4, 5], rtol=1e-5)


def test_of_a_text_that_is_too_long_the_beginning_is_read(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [CONTEXT_TOO_LONG, Reply()]
    far(endpoint).embed(["a" * 1000])
    assert simulator.requests[-1]["input"] == ["a" * 500]


def test_a_text_that_is_refused_for_another_reason_fails(endpoint: Endpoint, simulator: Simulator) -> None:
    simulator.script = [BAD_REQUEST]
    with pytest.raises(ProviderFailed, match="HTTP 400"):
        far(endpoint).embed(["a" * 1000])
    assert simulator.calls == 1


def test_answers_in_another_order_are_put_right() -> None:
    mixed = {"data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [3, 4]}]}
    np.testing.assert_allclose(answering(lambda _texts: mixed).embed(["a", "b"]), [[0.6, 0.8], [0.0, 1.0]], rtol=1e-6)


def test_huge_numbers_have_a_direction() -> None:
    found = answering(lambda _texts: rows([3e300, 4e300])).embed(["a"])
    np.testing.assert_allclose(found, [[0.6, 0.8]], rtol=1e-6)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, Fault.MALFORMED),
        ([], Fault.MALFORMED),
        (rows(), Fault.MALFORMED),
        (rows([1, 0], [0, 1]), Fault.MALFORMED),
        ({"data": [{"index": 1, "embedding": [1, 0]}]}, Fault.MALFORMED),
        ({"data": [{"index": 0}]}, Fault.MALFORMED),
        (rows([0, 0]), Fault.MALFORMED),
        (rows(["NaN", 1]), Fault.MALFORMED),
        (rows([None, 1]), Fault.MALFORMED),
        (rows(["inf", 1]), Fault.MALFORMED),
        (rows([10**400, 1]), Fault.MALFORMED),
        (rows([[1, 0]]), Fault.MALFORMED),
        (rows("AACAPwAAAAA="), Fault.MALFORMED),
        (rows([]), Fault.UNKNOWN_MODEL),
        (rows([1, 0, 0]), Fault.UNKNOWN_MODEL),
        ({"error": {"message": "overloaded"}}, Fault.OVERLOADED),
    ],
)
def test_what_is_no_vector_is_refused(body: Any, fault: Fault) -> None:
    with pytest.raises(ProviderFailed) as caught:
        answering(lambda _texts: body).embed(["a"])
    assert caught.value.fault is fault


def test_a_page_is_no_answer() -> None:
    page = httpx.MockTransport(lambda _request: httpx.Response(200, text="<html>Sign in</html>"))
    with pytest.raises(ProviderFailed, match="is this the API"):
        far(Endpoint("http://far.example", "m", 2, http=httpx.Client(transport=page))).embed(["a"])


def test_a_redirect_is_not_followed() -> None:
    moved = httpx.MockTransport(lambda _request: httpx.Response(301, headers={"Location": "http://else.example"}))
    with pytest.raises(ProviderFailed, match="correct the base URL"):
        far(Endpoint("http://far.example", "m", 2, http=httpx.Client(transport=moved))).embed(["a"])


def test_a_silent_server_is_waited_for_as_long_as_was_said() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"]["read"] == pytest.approx(2.5)
        raise httpx.ReadTimeout("too late", request=request)

    endpoint = Endpoint("http://far.example", "m", 2, http=httpx.Client(transport=httpx.MockTransport(silent)))
    with pytest.raises(ProviderFailed, match=r"within 2\.5 s") as caught:
        far(endpoint, timeout_s=2.5).embed_query("a")
    assert caught.value.fault is Fault.STALLED


# Settings


def test_the_settings_name_one(simulator: Simulator, settings: Settings) -> None:
    config = EmbeddingModelConfig(base_url=simulator.base_url, dimension=DIMENSION, max_tokens=600, price="0.02")
    settings.ASKACME = settings.ASKACME.model_copy(update={"embedding_models": {"by-its-name": config}})
    model = embedder("by-its-name")
    assert (model.name, model.engine, model.dimension, model.max_tokens) == ("by-its-name", "remote", DIMENSION, 600)
    model.warm_up()
    assert simulator.requests[0]["model"] == "by-its-name"
    assert model.count_tokens(["parental leave"]) == [3]
    assert model_folders_hold_models() == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "either a 'path' or a 'base_url'"),
        ({"path": "models/x", "base_url": "http://x", "dimension": 2}, "either a 'path' or a 'base_url'"),
        ({"base_url": "http://x"}, "needs its 'dimension'"),
        ({"base_url": "x.example/v1", "dimension": 2}, "begins with http"),
        ({"base_url": "http://x", "dimension": 2, "api_key": "sk-ключ"}, "characters that no key has"),
    ],
)
def test_wrong_settings_are_told_at_start(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        EmbeddingModelConfig(**fields)
