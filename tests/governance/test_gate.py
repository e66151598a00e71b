"""May a call go out? The breaker, the pace and the line, on a real Redis."""

import asyncio
from uuid import uuid4

import pytest
from django.conf import LazySettings

from askacme.lib.per_loop import close_all
from governance.gateway.registry import Allowance, Deployment
from governance.gateway.resilience import gate
from tests.governance.scripted import deployment

pytestmark = pytest.mark.usefixtures("empty_redis")


async def asks(target: Deployment, call: str = "", *, last: bool = True, in_line: bool = False) -> gate.Verdict:
    return await gate.admit(target, call or uuid4().hex, tokens=100, is_last_resort=last, in_line=in_line)


async def fail(target: Deployment, times: int) -> None:
    for number in range(times):
        await gate.report(target, f"failed-{number}", "bad")


async def test_it_opens_after_failures_in_a_row_and_says_for_how_long() -> None:
    target = deployment("one")
    await fail(target, gate.FAILURES_IN_A_ROW - 1)
    assert (await asks(target)).word == "go"
    await fail(target, 1)
    verdict = await asks(target)
    assert verdict.word == "open"
    assert 0 < verdict.wait_s <= gate.COOL_DOWN_S


async def test_a_success_between_failures_keeps_it_closed() -> None:
    target = deployment("one")
    for _ in range(3):
        await fail(target, gate.FAILURES_IN_A_ROW - 1)
        await gate.report(target, "good", "good")
        await gate.report(target, "good", "good")
        await gate.report(target, "good", "good")
        await gate.report(target, "good", "good")
    assert (await asks(target)).word == "go"


async def test_one_that_fails_half_of_the_time_is_opened_too() -> None:
    target = deployment("one")
    for _ in range(gate.LEAST_CALLS // 2):
        await gate.report(target, "good", "good")
        await gate.report(target, "bad", "bad")
    assert (await asks(target)).word == "open"


async def test_other_deployments_of_the_provider_stay_closed() -> None:
    await fail(deployment("one"), gate.FAILURES_IN_A_ROW)
    assert (await asks(deployment("two"))).word == "go"


@pytest.fixture
def short_cool_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "COOL_DOWN_S", 0.001)
    monkeypatch.setattr(gate, "LONGEST_COOL_DOWN_S", 0.001)


@pytest.mark.usefixtures("short_cool_down")
async def test_after_the_cool_down_one_call_probes_and_the_others_wait_for_it() -> None:
    target = deployment("one")
    await fail(target, gate.FAILURES_IN_A_ROW)
    words = [await until_probed(target), (await asks(target)).word, (await asks(target)).word]
    assert words == ["probe", "open", "open"]


@pytest.mark.usefixtures("short_cool_down")
async def test_a_good_probe_closes_it() -> None:
    target = deployment("one")
    await fail(target, gate.FAILURES_IN_A_ROW)
    await until_probed(target)
    await gate.report(target, "probe", "good")
    assert (await asks(target)).word == "go"


async def test_the_cool_down_doubles_with_each_bad_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    target = deployment("one")
    await fail(target, gate.FAILURES_IN_A_ROW)
    first = (await asks(target)).wait_s
    monkeypatch.setattr(gate, "COOL_DOWN_S", 0.001)
    again = deployment("two")
    await fail(again, gate.FAILURES_IN_A_ROW)
    await until_probed(again)
    monkeypatch.setattr(gate, "COOL_DOWN_S", 5)
    await gate.report(again, "probe", "bad")
    second = (await asks(again)).wait_s
    assert second > 1.5 * first


@pytest.mark.usefixtures("short_cool_down")
async def test_a_probe_that_was_cancelled_lets_another_one_probe() -> None:
    target = deployment("one")
    await fail(target, gate.FAILURES_IN_A_ROW)
    await until_probed(target)
    await gate.report(target, "probe", "neither")
    assert (await asks(target)).word == "probe"


@pytest.mark.usefixtures("short_cool_down")
async def test_the_probe_s_first_token_lets_everybody_in() -> None:
    target = deployment("one")
    await fail(target, gate.FAILURES_IN_A_ROW)
    await until_probed(target)
    await gate.began(target, "probe")
    assert {(await asks(target)).word for _ in range(5)} == {"go"}


@pytest.mark.usefixtures("short_cool_down")
async def test_an_old_call_that_ends_does_not_give_the_probe_away() -> None:
    target = deployment("one")
    await fail(target, gate.FAILURES_IN_A_ROW)
    await until_probed(target)
    await gate.report(target, "an old call", "neither")
    assert (await asks(target)).word == "open"


async def test_who_goes_away_while_asking_gives_the_place_back() -> None:
    target = deployment("one", allowance=Allowance(max_concurrent=1))
    asking = asyncio.create_task(asks(target, "gone"))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await asks(target, "next")).word == "go"


async def test_a_call_lives_as_long_as_its_last_beat_says(monkeypatch: pytest.MonkeyPatch) -> None:
    target = deployment("one", allowance=Allowance(max_concurrent=1))
    monkeypatch.setattr(gate, "CALL_LIFE_S", 0.2)
    await asks(target, "long")
    monkeypatch.setattr(gate, "CALL_LIFE_S", 60)
    await gate.beat(target, "long")
    await asyncio.sleep(0.3)
    assert (await asks(target, "next")).word == "wait"
    monkeypatch.setattr(gate, "CALL_LIFE_S", 0.01)
    await gate.beat(target, "long")
    await asyncio.sleep(0.05)
    assert (await asks(target, "next")).word == "go"


async def until_probed(target: Deployment) -> str:
    while (verdict := await asks(target, "probe")).word == "open":
        pass
    return verdict.word


async def test_all_at_once_only_a_few_run_into_a_provider_that_has_not_answered_yet() -> None:
    target = deployment("one")
    words = [(await asks(target, last=False)).word for _ in range(50)]
    assert words.count("go") == gate.UNPROVEN_AT_ONCE
    assert words[-1] == "unproven"
    assert (await asks(target, last=True)).word == "go"


async def test_once_it_has_answered_all_may_go() -> None:
    target = deployment("one")
    await gate.began(target, "first")
    assert {(await asks(target, last=False)).word for _ in range(50)} == {"go"}


async def test_a_pause_the_provider_asked_for_is_kept() -> None:
    target = deployment("one")
    await gate.report(target, "limited", "neither", pause_s=7)
    verdict = await asks(target)
    assert (verdict.word, 6 < verdict.wait_s <= 7) == ("wait", True)


async def test_requests_a_minute_are_paced() -> None:
    target = deployment("one", allowance=Allowance(requests_per_minute=60))
    words = [(await asks(target)).word for _ in range(10)]
    assert words.count("go") == 6
    assert 0 < (await asks(target)).wait_s <= 1


async def test_tokens_a_minute_are_paced_and_what_was_not_used_comes_back() -> None:
    target = deployment("one", allowance=Allowance(tokens_per_minute=6000))
    assert [(await asks(target, "a")).word for _ in range(7)] == ["go"] * 6 + ["wait"]
    await gate.report(target, "a", "good", refund=90)
    await gate.report(target, "a", "good", refund=90)
    assert (await asks(target)).word == "go"


async def test_calls_at_once_are_limited_until_one_ends() -> None:
    target = deployment("one", allowance=Allowance(max_concurrent=2))
    assert [(await asks(target, call)).word for call in "abc"] == ["go", "go", "wait"]
    await gate.report(target, "a", "good")
    assert (await asks(target, "c")).word == "go"


async def test_those_who_wait_stand_in_line_and_nobody_overtakes() -> None:
    target = deployment("one", allowance=Allowance(max_concurrent=1))
    await asks(target, "first")
    places = [(await asks(target, call, in_line=True)).place for call in "abc"]
    await gate.report(target, "first", "good")
    assert places == [1, 2, 3]
    assert (await asks(target, "newcomer")).word == "wait"
    assert (await asks(target, "b", in_line=True)).place == 2
    assert (await asks(target, "a", in_line=True)).word == "go"
    assert (await asks(target, "b", in_line=True)).place == 1


async def test_the_retry_budget_is_earned_by_first_tries() -> None:
    target = deployment("one")
    spent = [await gate.may_retry(target) for _ in range(gate.MOST_RETRIES + 1)]
    assert spent == [True] * gate.MOST_RETRIES + [False]
    for _ in range(round(1 / gate.RETRY_SHARE)):
        await gate.report(target, "first", "good")
    assert [await gate.may_retry(target), await gate.may_retry(target)] == [True, False]


async def test_without_redis_every_call_goes(settings: LazySettings) -> None:
    await close_all()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert (await asks(deployment("one"))).word == "go"
    await gate.report(deployment("one"), "call", "bad")
    assert await gate.may_retry(deployment("one"))
    await close_all()
