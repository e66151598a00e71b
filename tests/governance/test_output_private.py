"""Keys, personal data and the company's own words in answers."""

from dataclasses import replace

import pytest

from governance.guardrails.output.private import bounded
from governance.guardrails.policy import DEFAULT
from governance.guardrails.values import Action
from tests.governance import planted
from tests.governance.planted import screen, told

MASKING = replace(DEFAULT, outputs={**DEFAULT.outputs, "secret": Action.MASK})


@pytest.mark.parametrize("secret", [secret for secret in planted.SECRETS if "://" not in secret])
def test_keys_of_vendors_are_masked_with_a_word_for_them(secret: str) -> None:
    stream = screen(MASKING)
    assert told(stream, *f"Use {secret} now.").startswith("Use (password or key removed)")
    assert {verdict.guard for verdict in stream.findings} == {"secret"}


@pytest.mark.parametrize("said", ["the password is Hunter2!xx", "pwd: s3cr3t-pass", "Bearer abcdefghij1234567890ABCD"])
def test_passwords_are_told_by_the_words_before_them(said: str) -> None:
    stream = screen()
    told(stream, *said)
    assert stream.withheld is not None
    assert stream.withheld.code == "secret.password"


@pytest.mark.parametrize(
    "said",
    [
        "Your password is changed every 90 days, with at least 12 characters.",
        "The token is sent by mail. Keep the secret safe.",
        "On 12.11.2026 at 10:30:00 we pay 2,000.50 EUR for 16 weeks, see section 4.2.1.",
        "| 2024 | 12 | 300 | 4,000 |\n| 2025 | 14 | 350 | 4,500 |",
    ],
)
def test_prose_and_figures_are_left_alone(said: str) -> None:
    stream = screen()
    assert told(stream, *said) == said
    assert stream.findings == ()


@pytest.mark.parametrize("value", planted.PERSONAL)
def test_personal_data_of_nobodys_sources_is_masked(value: str) -> None:
    stream = screen()
    left = told(stream, *f"It is {value}, they say.")
    assert value not in left
    assert left.endswith("removed), they say.")
    assert {verdict.guard for verdict in stream.findings} == {"pii"}


def test_a_card_is_found_among_other_numbers() -> None:
    assert told(screen(), *"1 2 3 4 5 9 4111 1111 1111 1111 12") == "1 2 3 4 5 9 (card number removed) 12"


def test_the_company_s_own_words_are_masked_in_any_case() -> None:
    stream = screen(replace(DEFAULT, hidden=("Project Falcon", "Zeta")))
    left = told(stream, *"We call it project  falcon, or ZETA; not Zetas.")
    assert left == "We call it (confidential word removed), or (confidential word removed); not Zetas."


def test_what_the_policy_allows_of_a_type_is_told() -> None:
    stream = screen(replace(DEFAULT, pii={"EMAIL": Action.ALLOW}))
    assert told(stream, "bob@elsewhere.example") == "bob@elsewhere.example"


def test_no_pattern_may_go_on_for_ever() -> None:
    assert bounded(r"a[b-c]*[d]+(?:x)*\w{20,}[\s\S]*?z") == (
        r"a[b-c]{0,400}[d]{1,400}(?:x){0,400}\w{20,400}[\s\S]{0,4000}?z"
    )
