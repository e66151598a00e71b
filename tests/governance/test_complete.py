"""The one door: who answers when somebody fails, what the reader of the answer sees, and what is kept of each try."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from askacme.lib.errors import ModelUnavailable
from governance.gateway import complete as door
from governance.gateway.complete import InLine, Served, complete, stream
from governance.gateway.faults import Fault
from governance.gateway.models import Inference
from governance.gateway.resilience import course, gate
from governance.gateway.resilience.joint import BROKEN_OFF
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, TextDelta
from tests.governance.scripted import Scripted, Turn, fails, says

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]
REQUEST = CompletionRequest(messages=(ChatMessage("user", "?"),), question="?")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "FIRST_PAUSE_S", 0.0)


async def told(*among: Scripted, request_id: str = "") -> tuple[str, Served | None]:
    caller = Caller(request_id=request_id or str(uuid4()), prompt_version="answer@1")
    text, served = "", None
    async for item in stream(REQUEST, caller=caller, among=among):
        if isinstance(item, TextDelta):
            text += item.text
        elif isinstance(item, Served):
            served = item
    return text, served


async def rows_of(request_id: str) -> Sequence[tuple[str, str, str, str]]:
    rows = Inference.objects.filter(request_id=request_id).order_by("attempt")
    return [(row.provider, row.status, row.reason, row.fault) async for row in rows]


async def test_the_first_provider_answers() -> None:
    request_id, second = str(uuid4()), Scripted("two", says("never"))
    text, served = await told(Scripted("one"), second, request_id=request_id)
    assert (text, served and served.provider, served and served.model) == ("16 weeks", "one", "one-model")
    assert await rows_of(request_id) == [("one", "success", "first", "")]
    assert second.asked == []


@pytest.mark.parametrize("fault", list(Fault))
async def test_before_the_first_word_the_switch_is_invisible(fault: Fault) -> None:
    request_id = str(uuid4())
    second = Scripted("two", says("16 weeks"), models={"fast": "f", "strong": "s"})
    text, served = await told(Scripted("one", fails(fault)), second, request_id=request_id)
    assert (text, served and served.provider) == ("16 weeks", "two")
    [first, then] = await rows_of(request_id)
    reason = {Fault.CONTEXT_TOO_LONG: "larger_window", Fault.REFUSED: "stronger"}.get(fault, "next")
    assert (first, then) == (("one", "error", "first", fault), ("two", "success", reason, ""))


async def test_after_it_the_next_model_goes_on_and_nothing_is_said_twice() -> None:
    first = Scripted("one", fails(Fault.BROKEN_OFF, "All new parents get ", "16 weeks"))
    second = Scripted("two", says("All new parents ", "get 16 weeks of leave [1]."))
    text, served = await told(first, second)
    assert text == "All new parents get 16 weeks of leave [1]."
    assert served is not None
    assert served.was_resumed
    assert second.asked[0].messages[-2] == ChatMessage("assistant", "All new parents get 16 weeks")


async def test_another_text_after_a_break_is_marked() -> None:
    first = Scripted("one", fails(Fault.STALLED, "All new parents"))
    text, _ = await told(first, Scripted("two", says("Sixteen weeks.")))
    assert text == f"All new parents{BROKEN_OFF}Sixteen weeks."


async def test_one_that_recovers_is_asked_again() -> None:
    request_id = str(uuid4())
    flaky = Scripted("one", [*fails(), *fails(), *says("16 weeks")])
    text, _ = await told(flaky, request_id=request_id)
    assert text == "16 weeks"
    assert [row[2] for row in await rows_of(request_id)] == ["first", "retry", "retry"]


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.BAD_REQUEST, Fault.REFUSED, Fault.FIRST_TOKEN_TIMEOUT])
async def test_what_a_second_try_would_not_mend_is_not_tried_again(fault: Fault) -> None:
    provider = Scripted("one", fails(fault))
    with pytest.raises(ModelUnavailable):
        await told(provider)
    assert len(provider.asked) == 1


async def test_without_a_retry_budget_nobody_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST_RETRIES", 0)
    provider = Scripted("one", fails())
    with pytest.raises(ModelUnavailable):
        await told(provider)
    assert len(provider.asked) == 1


async def test_when_all_fail_the_error_names_each() -> None:
    with pytest.raises(ModelUnavailable, match=r"one: broken on purpose; two: broken on purpose"):
        await told(Scripted("one", fails()), Scripted("two", fails()))


async def test_a_dead_provider_is_soon_left_alone() -> None:
    dead, alive = Scripted("one", fails(Fault.UNREACHABLE)), Scripted("two")
    for _ in range(40):
        await told(dead, alive)
    assert len(dead.asked) == gate.FAILURES_IN_A_ROW


async def test_a_limited_one_is_waited_for_in_line_when_there_is_no_other() -> None:
    limited = Scripted("one", [*fails(Fault.RATE_LIMITED, retry_after_s=0.3), *says("16 weeks")])
    items = [item async for item in stream(REQUEST, caller=Caller(str(uuid4())), among=[limited])]
    assert items[0] == InLine(1)
    assert items[1] == TextDelta("16 weeks")


async def test_a_pause_that_is_too_long_is_not_waited_for() -> None:
    limited = Scripted("one", fails(Fault.RATE_LIMITED, retry_after_s=door.MOST_IN_LINE_S + 10))
    with pytest.raises(ModelUnavailable):
        await told(limited)
    assert len(limited.asked) == 1


async def test_a_caller_who_goes_away_leaves_a_cancelled_row_with_an_estimate() -> None:
    request_id = str(uuid4())
    items = stream(REQUEST, caller=Caller(request_id=request_id), among=[Scripted("one")])
    await anext(items)
    await items.aclose()
    row = await Inference.objects.aget(request_id=request_id)
    assert (row.status, row.ttft_ms is not None, row.is_estimated) == ("cancelled", True, True)
    assert row.output_tokens > 0


async def test_the_whole_text_at_once() -> None:
    text, served = await complete(REQUEST, caller=Caller(str(uuid4())), among=[Scripted("one")])
    assert (text, served.usage.output_tokens) == ("16 weeks", 2)


async def test_a_provider_that_ends_without_its_last_item_is_no_answer() -> None:
    text, served = await told(Scripted("one", [Turn(("16 ",), is_cut=True)]), Scripted("two", says("16 weeks")))
    assert (text, served and served.provider) == ("16 weeks", "two")


async def test_usage_is_kept_with_its_cached_part() -> None:
    request_id = str(uuid4())
    await told(Scripted("one", [Turn(("x",), usage=(100, 7))]), request_id=request_id)
    row = await Inference.objects.aget(request_id=request_id)
    assert (row.input_tokens, row.output_tokens, row.cost_usd, row.tier) == (100, 7, None, "fast")
    assert row.prompt_version == "answer@1"


async def test_of_a_person_who_is_erased_meanwhile_the_row_is_kept_as_nobodys() -> None:
    caller = Caller(request_id=str(uuid4()), prompt_version="answer@1", user_id=987654321)
    assert [item async for item in stream(REQUEST, caller=caller, among=(Scripted("one"),))]
    row = await Inference.objects.aget(request_id=caller.request_id)
    assert (row.status, row.user_id) == ("success", None)
