"""The OpenAI-compatible provider against the simulator, over real HTTP."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from askacme.lib.errors import ModelUnavailable
from governance.gateway.providers.openai import OpenAiProvider, Price
from governance.gateway.types import ChatMessage, Completed, CompletionRequest, TextDelta
from tests.llm_simulator import Reply, Simulator, running_simulator

REQUEST = CompletionRequest(messages=(ChatMessage("user", "How long is parental leave?"),), question="…")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def provider(simulator: Simulator) -> OpenAiProvider:
    prices = {"small": Price(Decimal("0.5"), Decimal(2))}
    return OpenAiProvider("sim", simulator.base_url, {"fast": "small"}, api_key="sk-test", prices=prices, timeout_s=0.5)


async def told(provider: OpenAiProvider) -> tuple[str, Completed | None]:
    text, completed = "", None
    async for item in provider.stream(REQUEST):
        if isinstance(item, TextDelta):
            text += item.text
        else:
            completed = item
    return text, completed


async def test_the_text_arrives_whole_and_usage_last(provider: OpenAiProvider) -> None:
    assert await told(provider) == ("Parental leave is 16 weeks [1].", Completed(1000, 7))


async def test_the_key_and_the_tier_s_model_are_sent(provider: OpenAiProvider, simulator: Simulator) -> None:
    await told(provider)
    assert simulator.headers[0]["Authorization"] == "Bearer sk-test"
    assert simulator.requests[0]["model"] == "small"


async def test_bytes_split_inside_a_character_come_out_right(provider: OpenAiProvider, simulator: Simulator) -> None:
    simulator.script = [Reply(text="Grüße aus Zürich 🎉 — 16 週", split_bytes=True)]
    assert (await told(provider))[0] == "Grüße aus Zürich 🎉 — 16 週"


async def test_a_stream_without_done_or_usage_still_ends_well(provider: OpenAiProvider, simulator: Simulator) -> None:
    simulator.script = [Reply(text="x" * 40, with_usage=False, with_done=False)]
    assert await told(provider) == ("x" * 40, Completed(len(REQUEST.messages[0].content) // 4, 10))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=500), "HTTP 500: .*simulated 500"),
        (Reply(status=401), "HTTP 401"),
        (Reply(error_after=2), "overloaded"),
        (Reply(malformed_after=2), "malformed JSON"),
        (Reply(cut_after=2), "Error"),
        (Reply(hang_after=1), "no answer within 0.5 s"),
    ],
)
async def test_each_fault_becomes_one_error_that_names_it(
    provider: OpenAiProvider, simulator: Simulator, reply: Reply, reason: str
) -> None:
    simulator.script = [reply]
    with pytest.raises(ModelUnavailable, match=reason):
        await told(provider)


async def test_a_port_where_nobody_listens_is_unavailable(provider: OpenAiProvider) -> None:
    nobody = OpenAiProvider("gone", "http://127.0.0.1:9/v1", {"fast": "small"})
    with pytest.raises(ModelUnavailable):
        await told(nobody)


def test_the_price_counts_input_and_output_apart() -> None:
    price = Price(input=Decimal("0.5"), output=Decimal(2))
    assert price.of(Completed(1_000_000, 500_000)) == Decimal("1.5")


def test_the_key_never_shows_in_a_log_line() -> None:
    assert "sk-secret" not in repr(OpenAiProvider("x", "http://x", {"fast": "m"}, api_key="sk-secret"))
