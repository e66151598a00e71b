"""What is small talk and what only begins like it; in English and German."""

import pytest

from chat.guarding.small_talk import Talk, friendly, small_talk_in


@pytest.mark.parametrize(
    ("said", "talk"),
    [
        ("Hi", Talk.GREETING),
        ("hello there!!", Talk.GREETING),
        ("Good morning, AskAcme 👋", Talk.GREETING),
        ("Guten Tag zusammen", Talk.GREETING),
        ("Grüß Gott", Talk.GREETING),
        ("How's it going today?", Talk.HOW),
        ("Hallo, wie geht's?", Talk.HOW),
        ("Thanks a lot for your help!", Talk.THANKS),
        ("Vielen Dank für die schnelle Antwort", Talk.THANKS),
        ("Thanks, bye!", Talk.THANKS),
        ("Tschüss, bis morgen", Talk.GOODBYE),
        ("have a nice weekend", Talk.GOODBYE),
        ("Hi, who are you?", Talk.WHO),
        ("What can you do for me?", Talk.WHO),
        ("help", Talk.WHO),
        ("Wer bist du und was kannst du?", Talk.WHO),
    ],
)
def test_small_talk_is_told_by_its_most_telling_part(said: str, talk: Talk) -> None:
    assert small_talk_in(said) is talk


@pytest.mark.parametrize(
    "asked",
    [
        "Hi, how many vacation days do I get?",
        "Thanks. And for part time?",
        "Hello, I need help with my laptop",
        "Danke, und wie ist es in Teilzeit?",
        "Guten Morgen, wo reiche ich Reisekosten ein?",
        "Good morning shift hours",
        "Who are you allowed to share salary data with?",
        "What can you do for me if my laptop is stolen?",
        "What is the goodbye gift budget?",
        "ok",
        "yes, please",
        "ja",
        "???",
    ],
)
def test_a_matter_beside_it_is_a_question(asked: str) -> None:
    assert small_talk_in(asked) is None


def test_a_long_text_of_greetings_is_looked_at_no_further() -> None:
    assert small_talk_in("hello " * 1000 + "x") is None


@pytest.mark.parametrize("talk", list(Talk))
def test_each_has_words_of_its_own(talk: Talk) -> None:
    assert friendly(talk)
    assert sum(friendly(other) == friendly(talk) for other in Talk) == 1
