"""Characters that nobody sees."""

import pytest

from governance.guardrails.output.clean import Cleaner


def cleaned(text: str) -> str:
    cleaner = Cleaner()
    return "".join(map(cleaner.feed, text)) + cleaner.flush()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a\x00b\x1b[31mc\r\nd\te", "ab[31mc\nd\te"),
        ("s\u200bk\u2060-\ufeffx\u00ad", "sk-x"),
        ("abc\u202edcb", "abcdcb"),
        ("hidden\U000e0068\U000e0069", "hidden"),
        ("a\u200db and a\u200d\u200cb\u200d", "ab and ab"),
        ("ｓｋ－1 𝐬𝐤", "sk－1 sk"),
    ],
)
def test_invisible_characters_and_look_alikes_are_gone(said: str, shown: str) -> None:
    assert cleaned(said) == shown


@pytest.mark.parametrize("text", ["👩\u200d💻 and ❤️", "می\u200cخواهم", "Zürich, 東京（日本）: 5 €"])
def test_emoji_and_every_script_stay_as_they_are(text: str) -> None:
    assert cleaned(text) == text
