"""Dates: leap years, ends of months, weekends."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.errors import InvalidArguments
from chat.tools.arguments import validated
from chat.tools.dates import SPEC, add_working_days, reckon, working_days_between

TODAY = date(2026, 11, 21)  # a Saturday
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def asked(**arguments: Any) -> dict[str, Any]:
    return reckon(validated(arguments, SPEC.parameters), today=TODAY)


@pytest.mark.parametrize(
    ("day", "amount", "unit", "expected"),
    [
        ("2028-02-28", 1, "days", "2028-02-29"),
        ("2027-02-28", 1, "days", "2027-03-01"),
        ("2028-02-29", 1, "years", "2029-02-28"),
        ("2028-02-29", 4, "years", "2032-02-29"),
        ("2028-01-31", 1, "months", "2028-02-29"),
        ("2027-01-31", 1, "months", "2027-02-28"),
        ("2026-01-15", -2, "months", "2025-11-15"),
        ("2026-12-31", 2, "weeks", "2027-01-14"),
        ("2026-11-20", 1, "working_days", "2026-11-23"),
        ("2026-11-20", 10, "working_days", "2026-12-04"),
        ("2026-11-23", -1, "working_days", "2026-11-20"),
        ("2026-11-21", 1, "working_days", "2026-11-23"),
        ("2026-11-21", -1, "working_days", "2026-11-20"),
    ],
)
def test_adding(day: str, amount: int, unit: str, expected: str) -> None:
    assert asked(operation="add", date=day, amount=amount, unit=unit)["date"] == expected


def test_a_whole_number_with_a_point_is_one() -> None:
    for unit in ("days", "working_days", "weeks", "months", "years"):
        whole = asked(operation="add", amount=3, unit=unit)
        assert asked(operation="add", amount=3.0, unit=unit) == whole


def test_days_between_count_the_leap_day() -> None:
    assert asked(operation="between", date="2028-02-01", other_date="2028-03-01")["days"] == 29
    assert asked(operation="between", date="2027-02-01", other_date="2027-03-01")["days"] == 28


def test_today_and_its_weekday_are_known() -> None:
    assert asked(operation="today") == {"date": "2026-11-21", "weekday": "Saturday", "week": 47}
    assert asked(operation="weekday", date="2028-02-29")["weekday"] == "Tuesday"


@pytest.mark.parametrize(
    "arguments",
    [
        {"operation": "add", "amount": 1},
        {"operation": "between"},
        {"operation": "between", "date": "2027-02-29", "other_date": "2027-03-01"},
        {"operation": "add", "date": "9999-12-31", "amount": 1, "unit": "days"},
        {"operation": "add", "date": "0001-01-01", "amount": -1, "unit": "months"},
        {"operation": "add", "amount": 100_001, "unit": "days"},
        {"operation": "add", "amount": 1.5, "unit": "days"},
        {"operation": "explode"},
        {"operation": "today", "zone": "Mars"},
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments, match=r"\w"):
        asked(**arguments)


@given(DAYS, st.integers(1, 3000))
def test_as_many_working_days_lie_between_as_were_added(day: date, amount: int) -> None:
    later = add_working_days(day, amount)
    assert later.weekday() < 5
    assert working_days_between(day + timedelta(days=1), later + timedelta(days=1)) == amount
