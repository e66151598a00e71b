"""All guards over one question: what they say together, and that nothing goes on without the word of each."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from askacme.lib.errors import GuardUnavailable, ModelUnavailable
from governance.gateway.types import Vectors
from governance.guardrails.circuit import FAILURES_IN_A_ROW
from governance.guardrails.inspect import Inspector
from governance.guardrails.policy import DEFAULT, Rule
from governance.guardrails.values import Action
from governance.guardrails.windows import WINDOW_CHARS, windows
from tests.governance.guards import Breaks, Hangs, Says, flat


@pytest.fixture
def hanging() -> Iterator[Hangs]:
    guard = Hangs()
    yield guard
    guard.may_go.set()


async def test_what_a_guard_finds_is_told_with_its_reason_and_the_policy() -> None:
    inspected = await Inspector([Says()], embed=flat).inspect("an attack", policy=DEFAULT)
    (verdict,) = inspected.verdicts
    assert (verdict.action, verdict.code, verdict.version) == (Action.BLOCK, "injection.override", "test-1")
    assert inspected.action is Action.BLOCK
    assert inspected.policy == DEFAULT.version


async def test_nothing_found_is_allowed() -> None:
    inspected = await Inspector([Says()], embed=flat).inspect("How many days?", policy=DEFAULT)
    assert inspected.action is Action.ALLOW
    assert inspected.decisive is None


async def test_the_policy_decides_what_a_finding_means() -> None:
    lenient = replace(DEFAULT, inputs={"injection": Rule(Action.WARN, 0.5)})
    inspected = await Inspector([Says()], embed=flat).inspect("an attack", policy=lenient)
    assert inspected.action is Action.WARN


async def test_below_the_threshold_nothing_is_done() -> None:
    strict = replace(DEFAULT, inputs={"injection": Rule(Action.BLOCK, 0.95)})
    inspected = await Inspector([Says()], embed=flat).inspect("an attack", policy=strict)
    assert inspected.action is Action.ALLOW
    assert inspected.verdicts[0].score == 0.9


async def test_a_guard_that_breaks_in_mid_run_fails_closed() -> None:
    with pytest.raises(GuardUnavailable, match="can't check questions right now"):
        await Inspector([Says(), Breaks()], embed=flat).inspect("How many days?", policy=DEFAULT)


async def test_a_guard_that_hangs_fails_closed_in_time(hanging: Hangs) -> None:
    with pytest.raises(GuardUnavailable):
        await Inspector([Says(), hanging], embed=flat, patience_s=0.05).inspect("How many days?", policy=DEFAULT)


async def test_nobody_waits_for_a_guard_that_hung_again_and_again(hanging: Hangs) -> None:
    inspector = Inspector([hanging], embed=flat, patience_s=0.05)
    for _ in range(FAILURES_IN_A_ROW - 1):
        with pytest.raises(GuardUnavailable):
            await inspector.inspect("How many days?", policy=DEFAULT)
    hanging.may_go.set()
    assert (await inspector.inspect("How many days?", policy=DEFAULT)).action is Action.ALLOW


async def test_an_open_circuit_asks_no_more_and_still_answers_nothing() -> None:
    broken = Breaks()
    inspector = Inspector([broken], embed=flat)
    for _ in range(FAILURES_IN_A_ROW + 2):
        with pytest.raises(GuardUnavailable):
            await inspector.inspect("How many days?", policy=DEFAULT)
    assert broken.asked == FAILURES_IN_A_ROW


async def test_a_guard_that_the_policy_turns_off_keeps_nobody_waiting() -> None:
    without = replace(DEFAULT, inputs={"injection": DEFAULT.inputs["injection"], "harm": Rule(Action.ALLOW)})
    inspected = await Inspector([Says(), Breaks()], embed=flat).inspect("an attack", policy=without)
    assert [verdict.guard for verdict in inspected.verdicts] == ["injection"]


async def test_without_an_embedding_nothing_goes_on() -> None:
    def fail(_texts: Sequence[str]) -> Vectors:
        raise ModelUnavailable("There is no model.")

    with pytest.raises(GuardUnavailable):
        await Inspector([Says()], embed=fail).inspect("How many days?", policy=DEFAULT)


async def test_only_those_that_are_named_are_asked() -> None:
    about_work = Says(("pasta",), name="topic", code="topic.other")
    inspected = await Inspector([Says(), about_work], embed=flat).inspect(
        "attack with pasta", policy=DEFAULT, only=["injection"]
    )
    assert [verdict.guard for verdict in inspected.verdicts] == ["injection"]
    assert not about_work.looked_at


async def test_once_warmed_up_no_guard_has_longer_than_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.guardrails.inspect.PATIENCE_S", 0.05)
    hangs = threading.Event()
    guard = Says()
    inspector = Inspector([guard], embed=flat)
    inspector.warm_up()
    monkeypatch.setattr(guard, "judge", lambda *_: hangs.wait(20))
    began = time.monotonic()
    with pytest.raises(GuardUnavailable):
        await inspector.inspect("How many days?", policy=DEFAULT)
    hangs.set()
    assert time.monotonic() - began < 10


async def test_what_stands_at_the_end_of_a_long_text_is_found() -> None:
    guard = Says()
    text = "How many days? " * 200 + "attack"
    assert (await Inspector([guard], embed=flat).inspect(text, policy=DEFAULT)).action is Action.BLOCK
    assert any(len(seen) <= WINDOW_CHARS and "attack" in seen for seen in guard.looked_at)


@pytest.mark.parametrize("length", [1, WINDOW_CHARS, WINDOW_CHARS + 1, 5000])
def test_windows_leave_nothing_out(length: int) -> None:
    text = "".join(chr(0x4E00 + n) for n in range(length))
    pieces = windows(text)
    assert set("".join(pieces)) == set(text)
    assert all(len(piece) <= WINDOW_CHARS for piece in pieces)
    assert all(following[0] in piece for piece, following in pairwise(pieces))
