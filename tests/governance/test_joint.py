"""Going on after a model broke off: nothing lost, nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from governance.gateway.resilience.joint import BROKEN_OFF, STOPPED_SHORT, Joint, continuation
from governance.gateway.types import ChatMessage, CompletionRequest

TEXT = "All new parents get 16 weeks of fully paid parental leave after six months of service [1]."


def joined(shown: str, second: str, size: int = 5) -> str:
    joint = Joint(shown)
    pieces = [second[at : at + size] for at in range(0, len(second), size)]
    return shown + "".join(joint.feed(piece) for piece in pieces) + joint.flush()


@given(cut=st.integers(0, len(TEXT)), size=st.integers(1, 30))
def test_a_second_model_that_says_the_same_from_the_start_is_joined_without_a_seam(cut: int, size: int) -> None:
    assert joined(TEXT[:cut], TEXT, size) == TEXT


@given(cut=st.integers(30, len(TEXT) - 1), back=st.integers(12, 25), size=st.integers(1, 30))
def test_one_that_repeats_the_last_words_is_joined_without_a_seam(cut: int, back: int, size: int) -> None:
    shown = TEXT[:cut]
    assert joined(shown, TEXT[cut - back :].lstrip(), size) == TEXT


def test_repeated_words_in_quotation_marks_are_understood() -> None:
    shown = TEXT[:40]
    assert joined(shown, f"«{TEXT[20:40].lstrip()}»{TEXT[40:]}") == TEXT


def test_another_text_gets_a_visible_line() -> None:
    second = "You are entitled to sixteen weeks; ask your manager eight weeks before you go, in writing please. [2]"
    assert joined(TEXT[:40], second) == TEXT[:40] + BROKEN_OFF + second


def test_a_short_other_text_is_not_swallowed() -> None:
    assert joined(TEXT[:40], "Sixteen weeks.") == TEXT[:40] + BROKEN_OFF + "Sixteen weeks."


def test_a_shorter_second_text_adds_nothing_to_whole_sentences() -> None:
    assert joined("You get 16 weeks. They are paid.", "You get 16 weeks.") == "You get 16 weeks. They are paid."


def test_half_a_sentence_that_nobody_ends_is_marked() -> None:
    assert joined(TEXT[:60], TEXT[:30]) == TEXT[:60] + STOPPED_SHORT


@given(shown=st.text(max_size=60), second=st.text(max_size=200), size=st.integers(1, 20))
def test_what_was_shown_always_stays(shown: str, second: str, size: int) -> None:
    assert joined(shown, second, size).startswith(shown)


def test_the_next_model_is_told_where_to_go_on() -> None:
    request = CompletionRequest((ChatMessage("user", "?"),), "?")
    *_, assistant, user = continuation(request, TEXT[:40]).messages
    assert (assistant.role, assistant.content) == ("assistant", TEXT[:40])
    assert "16 weeks of" in user.content
