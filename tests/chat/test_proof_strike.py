"""An answer without the sentences that nothing proves."""

from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.sentences import spans
from chat.proof.strike import Struck, strike
from chat.proof.values import Sentence, State

LETTERS = {"+": State.PROVED, "-": State.UNPROVED, ".": State.PLAIN}


def struck(text: str, states: str) -> Struck:
    places = zip(spans(text), states, strict=True)
    return strike(text, [Sentence(n, *span, LETTERS[state]) for n, (span, state) in enumerate(places)], cited=9)


def test_unproved_sentences_go_and_the_note_counts_them() -> None:
    left = struck("It is paid. [1] It is blue. [2] It is long. [3]", "+-+")
    assert left.text == "It is paid. [1] It is long. [2]\n\n*One sentence was left out: no source proves it.*"
    assert (left.places, left.count) == ((1, 3), 1)


def test_nothing_to_strike_leaves_the_answer_as_it_is() -> None:
    assert struck("It is paid. [1]  \nYes.", "+.").text == "It is paid. [1]  \nYes."


def test_a_number_in_brackets_that_is_no_mark_stays() -> None:
    assert struck("There are open tickets [12]. It is blue. [1]", "+-").text.startswith("There are open tickets [12].")


def test_lines_are_those_of_the_sentences() -> None:
    assert struck("It is paid. [1]\nFree cars\x85for all.\nYes.", "+-.").text.startswith("It is paid. [1]\nYes.")


def test_a_list_item_keeps_its_sign_and_an_empty_one_goes() -> None:
    left = struck("You need:\n\n- It is blue. It is paid. [2]\n- It is red. [1]\n- It is long. [1]", ".-+-+")
    assert left.text.startswith("You need:\n\n- It is paid. [1]\n- It is long. [2]\n\n*2 sentences")


def test_a_lead_in_goes_with_all_that_it_led_to() -> None:
    left = struck("It is paid. [1]\n\nYou need:\n\n- Red. [1]\n- Blue. [1]\n\nIt is long. [1]", "+.--+")
    assert left.text.startswith("It is paid. [1]\n\nIt is long. [1]\n\n*2")


@given(
    st.lists(
        st.tuples(st.sampled_from(["A b. [1]", "Foo Inc. [2]", "- c", "x:", "The end. [12]"]), st.sampled_from("+-.")),
        max_size=8,
    ),
    st.lists(st.sampled_from([" ", "\n", "\n\n"]), min_size=8, max_size=8),
)
def test_what_is_left_is_counted_as_its_text_has_it(parts: list[tuple[str, str]], gaps: list[str]) -> None:
    text = "".join(part + gap for (part, _), gap in zip(parts, gaps, strict=False))
    found = spans(text)
    left = strike(
        text, [Sentence(n, *span, LETTERS[parts[n % len(parts)][1]]) for n, span in enumerate(found)], cited=9
    )
    assert [(sentence.start, sentence.end) for sentence in left.sentences] == spans(left.text)
    assert [sentence.index for sentence in left.sentences] == list(range(len(left.sentences)))
    assert all(sentence.state is not State.UNPROVED for sentence in left.sentences)
