"""Two sentences that say different things about the same, and pairs that only look so."""

import pytest

from knowledge.health.differences import disagreement, statement


def compared(first: str, second: str) -> str:
    return disagreement(statement(first), statement(second))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            "New parents get 16 weeks of paid parental leave.",
            "All new parents receive twelve weeks of fully paid parental leave.",
            "16 weeks / 12 weeks",
        ),
        ("Meals on a trip are paid up to $75 a day.", "Meals on a trip are paid up to $60 a day.", "$75 / $60"),
        (
            "The limit for gifts from suppliers is 25 €.",
            "The limit for gifts from suppliers is 1.000 EUR.",
            "€25 / €1000",
        ),
        (
            "Unused vacation days expire on March 31.",
            "Unused vacation days expire on 30 June.",
            "March 31 / June 30",
        ),
        (
            "Overtime is paid at 125% of the hourly rate.",
            "Overtime is paid at 150 percent of the hourly rate.",
            "125% / 150%",
        ),
        ("Dogs may come to the office on Fridays.", "Dogs may not come to the office on Fridays.", "one says not"),
    ],
)
def test_another_value_or_the_opposite_is_a_disagreement(first: str, second: str, expected: str) -> None:
    assert compared(first, second) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Birth parents get 16 weeks of paid leave.", "Adoptive parents get 12 weeks of paid leave."),
        ("New parents get 16 weeks of paid leave.", "New parents get sixteen weeks of paid leave."),
        ("Employees in Spain get 22 days of paid vacation.", "Employees in France get 25 days of paid vacation."),
        ("Expenses above $1,000 need approval by finance.", "Expenses above $1000 need approval by finance."),
        ("Apply 8 weeks before the leave begins.", "Apply 8 weeks before the leave begins, 12 weeks for twins."),
        ("The office opens at 8 am.", "The garage closes at 10 pm."),
        ("It takes 5 days.", "It takes 6 days."),
        ("This travel bulletin was archived on July 6, 2023.", "This travel bulletin was archived on May 2, 2023."),
        ("Receipts under $25 are not required for meals.", "Receipts over $25 are required for meals in hotels."),
    ],
)
def test_another_case_another_wording_or_too_few_words_is_none(first: str, second: str) -> None:
    assert compared(first, second) == ""
