"""Dates that a model should not count in its head: today, spans, weekdays, working days."""

import json
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from askacme.lib.errors import InvalidArguments
from chat.tools.values import Arguments, Call, ToolResult
from governance.gateway.types import ToolSpec

MAX_AMOUNT = 100_000
NO_HOLIDAYS = "Monday to Friday; public holidays are not known here"
_DATE = {"type": "string", "format": "date"}
SPEC = ToolSpec(
    name="dates",
    description=(
        "Answers questions about dates. `today`: today's date. `weekday`: of `date`. `between`: days and working days"
        " from `date` to `other_date`, the last one not counted. `add`: `date` plus `amount` `unit`; negative amounts"
        " go back. `date` is today when it is left out."
    ),
    parameters={
        "type": "object",
        "properties": {
            "operation": {"type": "string", "title": "What", "enum": ["today", "weekday", "between", "add"]},
            "date": {**_DATE, "title": "Date"},
            "other_date": {**_DATE, "title": "Other date"},
            "amount": {"type": "integer", "title": "How many", "minimum": -MAX_AMOUNT, "maximum": MAX_AMOUNT},
            "unit": {"type": "string", "title": "Unit", "enum": ["days", "working_days", "weeks", "months", "years"]},
        },
        "required": ["operation"],
        "additionalProperties": False,
    },
)


async def run(call: Call) -> ToolResult:
    data = reckon(call.arguments, today=timezone.localdate())
    return ToolResult(json.dumps(data, ensure_ascii=False), data)


def reckon(arguments: Arguments, *, today: date) -> dict[str, Any]:
    """Raises InvalidArguments when an operation lacks what it needs, or leads out of the calendar."""
    first = _date(arguments, "date", today)
    match arguments["operation"]:
        case "today":
            return described(today)
        case "weekday":
            return described(first)
        case "between":
            other = _date(arguments, "other_date")
            return {
                "from": first.isoformat(),
                "to": other.isoformat(),
                "days": (other - first).days,
                "working_days": working_days_between(first, other),
                "note": NO_HOLIDAYS,
            }
    return added(first, arguments)


def added(first: date, arguments: Arguments) -> dict[str, Any]:
    if "amount" not in arguments or "unit" not in arguments:
        raise InvalidArguments("`add` needs `amount` and `unit`.")
    unit = arguments["unit"]
    try:
        found = described(_ADD[unit](first, int(arguments["amount"])))
    except (OverflowError, ValueError) as error:
        raise InvalidArguments("That leads out of the calendar (years 1 to 9999).") from error
    return found | {"note": NO_HOLIDAYS} if unit == "working_days" else found


def described(day: date) -> dict[str, Any]:
    return {"date": day.isoformat(), "weekday": f"{day:%A}", "week": day.isocalendar().week}


def add_months(day: date, months: int) -> date:
    """The same day of that month, or its last: 31 January plus a month is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"there is no year {year}")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_working_days(day: date, amount: int) -> date:
    """The working day that lies `amount` working days away; a weekend counts as the Friday before it, or Monday."""
    step = 1 if amount >= 0 else -1
    if day.weekday() >= 5:
        day += timedelta(days=4 - day.weekday() if step > 0 else 7 - day.weekday())
    weeks, rest = divmod(abs(amount), 5)
    day += timedelta(weeks=weeks * step)
    for _ in range(rest):
        day += timedelta(days=step)
        while day.weekday() >= 5:
            day += timedelta(days=step)
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days from `first` to `last`, the last not counted; negative when they lie the other way round."""
    if last < first:
        return -working_days_between(last, first)
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum((first.weekday() + n) % 7 < 5 for n in range(rest))


def _date(arguments: Arguments, name: str, otherwise: date | None = None) -> date:
    if name not in arguments:
        if otherwise is None:
            raise InvalidArguments(f"`between` needs `{name}`.")
        return otherwise
    try:
        return date.fromisoformat(str(arguments[name]))
    except ValueError:
        raise InvalidArguments(f"`{name}` is no date: write YYYY-MM-DD.") from None


_ADD: Mapping[str, Callable[[date, int], date]] = {
    "days": lambda day, amount: day + timedelta(days=amount),
    "working_days": add_working_days,
    "weeks": lambda day, amount: day + timedelta(weeks=amount),
    "months": add_months,
    "years": lambda day, amount: add_months(day, 12 * amount),
}
