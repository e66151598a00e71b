"""Numbers and keys as they come out of spreadsheets and PDFs, and as somebody who hides them writes them."""

import pytest

from governance.guardrails.pii import mask
from governance.guardrails.policy import DEFAULT
from tests.governance.planted import screen, told

CARD = "4111 1111 1111 1111"
KEY = "AKIA" + "IOSFODNN7EXAMPLQ"
IN_OTHER_DIGITS = [
    CARD.translate({ord("4"): 0xFF14, ord("1"): 0xFF11}),
    CARD.translate({ord("4"): "④", ord("1"): "①"}).replace(" ", ""),
    CARD.translate({ord("4"): "٤", ord("1"): "١"}),
]
GAPS = ["\r\n", "\n", "\t", "\u00a0", "\u2009", "\u202f", "–", "\u200b", "\u00ad", "\u2060", "\u034f", " **"]
DISGUISED = [*(CARD.replace(" ", gap) for gap in GAPS), *IN_OTHER_DIGITS, "4\u0336".join(["", CARD[1:]])]
UNSEEN = ["\u200b", "\u200c", "\u00ad", "\u034f", "\u3164", "\ufe0f", "\U000e0041"]


@pytest.mark.parametrize("card", DISGUISED)
def test_a_card_is_one_however_it_is_written(card: str) -> None:
    masked = mask(f"Charge {card} please", scope="s", policy=DEFAULT)

    assert list(masked.values.values()) == [card.rstrip("*")]
    assert masked.text.startswith("Charge [CREDIT_CARD_")


@pytest.mark.parametrize("card", [*DISGUISED, CARD.replace(" ", "&nbsp;")])
def test_no_answer_tells_it_either(card: str) -> None:
    said = told(screen(), *f"Charge {card} please")

    assert said == "Charge (card number removed) please"


@pytest.mark.parametrize("sign", UNSEEN)
def test_a_key_that_nobody_sees_is_parted_is_a_key(sign: str) -> None:
    key = f"{KEY[:8]}{sign}{KEY[8:]}"
    stream = screen()

    assert mask(f"Use {key}.", scope="s", policy=DEFAULT).text.startswith("Use [API_KEY_")
    assert "ODNN7" not in told(stream, *f"Use {key}.")
    assert stream.withheld


@pytest.mark.parametrize("key", [r"sk\_live\_abcdefghij1234567890", "sk_live_abcdefghij&shy;1234567890"])
def test_what_markdown_makes_of_an_answer_is_looked_at(key: str) -> None:
    """A reader of Markdown drops the backslash, and shows nothing of `&shy;`."""
    stream = screen()
    said = told(stream, *f"Use {key} for it.")

    assert stream.withheld or "&amp;shy;" in said


def test_an_account_in_lines_is_one() -> None:
    assert mask("DE89\n3704\n0044\n0532\n0130\n00", scope="s", policy=DEFAULT).text.startswith("[IBAN_")


@pytest.mark.parametrize(
    "text",
    [
        "4200\n4300\n4400\n4500\n4600\n4700",
        "From 2019–2024 it was 3.500 m², now **28** days; see § 12.",
        "❤️ 1️⃣ ✔️ 👨\u200d👩\u200d👧 10² × 10³ naïve façade Größe",
    ],
)
def test_what_only_looks_unusual_stays_as_it_is(text: str) -> None:
    assert mask(text, scope="s", policy=DEFAULT).text == text
