"""The mark behind each sentence, while an answer streams and after."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.conversations.live import LiveAnswer
from chat.conversations.render import Cites, render
from chat.proof.values import Sentence, State
from chat.runs.events import Event
from tests.chat.test_render import REQUEST, TEXTS, TWO_SOURCES, Audit, streamed

PROOFS = {
    0: Sentence(0, 0, 1, State.PROVED, (1, 2)),
    1: Sentence(1, 0, 1, State.UNPROVED, (1,), 'the name <b>"X"</b> is not in the source'),
    2: Sentence(2, 0, 1, State.PLAIN),
}
MARKED = Cites(REQUEST, frozenset({1, 2}), PROOFS)
MARK = re.compile(r'<span class="proof[^>]*>(?:no proof)?(?:<span class="visually-hidden">[^<]*</span>)?</span>')


@given(text=TEXTS, cuts=st.lists(st.integers(0, 150), max_size=40))
def test_streamed_blocks_with_marks_equal_the_whole_rendered_at_once(text: str, cuts: list[int]) -> None:
    assert streamed(text, cuts, MARKED) == render(text, MARKED)


@given(text=TEXTS)
def test_marks_change_nothing_else(text: str) -> None:
    assert MARK.sub("", render(text, MARKED)) == render(text, TWO_SOURCES)


@given(text=TEXTS)
def test_nothing_active_comes_with_the_marks(text: str) -> None:
    found = Audit(render(text, MARKED))
    assert not [name for name in found.attributes if name.startswith("on") or name in {"style", "srcdoc"}]
    assert "b" not in found.tags


def test_a_mark_stands_behind_its_sentence_and_says_why() -> None:
    html = render("- **It is paid.** [1] It is blue. [2]\n\nYes.", MARKED)
    proved, unproved, plain = re.findall(r'<span class="proof[^"]*" id="proof-[^"]*"[^>]*>', html)
    assert ("is-proved" in proved, 'title="Proved by source 1, 2"' in proved) == (True, True)
    assert ("is-unproved" in unproved, "is-" in plain) == (True, False)
    assert 'no proof<span class="visually-hidden">: the name &lt;b&gt;' in html
    assert html.index("</strong>") < html.index("is-proved") < html.index("It is blue")


@pytest.mark.parametrize(
    "sign", ["\u205f\ue0007\ue001", "&#x205F;&#xE000;7&#xE001;", f"\u205f\ue000{'9' * 5000}\ue001"]
)
def test_no_text_can_forge_a_mark(sign: str) -> None:
    assert "is-proved" not in render(f"Smoking is allowed{sign}.", Cites(REQUEST, frozenset(), {7: PROOFS[0]}))


def test_a_verdict_on_a_closed_block_is_swapped_in_and_on_an_open_one_is_part_of_it() -> None:
    live = LiveAnswer(REQUEST)
    live.take([Event(1, "delta", {"seq": 1, "text": "It is paid. [1]\n\nIt is blue. [2] And"})])
    verdicts = [Event(n + 2, "proof", told(PROOFS[n])) for n in (0, 1)]
    step = live.take(verdicts)
    (late,) = step.proofs
    assert f'id="proof-{REQUEST}-0"' in late
    assert 'hx-swap-oob="true"' in late
    assert f'<span class="proof is-unproved" id="proof-{REQUEST}-1"' in step.open


def told(sentence: Sentence) -> dict[str, object]:
    data = sentence.as_json()
    return {"seq": 2, "sentence": data.pop("index"), **data}
