"""
The HR system's own records: who has how much vacation, and what was ordered.

Tables of its own in the schema `demo_hr`, made at first use. AskAcme's apps know nothing of them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

LOCK = 0x41634852
TABLES = """
CREATE SCHEMA IF NOT EXISTS demo_hr;
CREATE TABLE IF NOT EXISTS demo_hr.employee (
    email text PRIMARY KEY, allowance_days integer NOT NULL, monthly_net numeric(10, 2) NOT NULL, laptop text NOT NULL
);
CREATE TABLE IF NOT EXISTS demo_hr.absence (
    email text NOT NULL REFERENCES demo_hr.employee, first_day date NOT NULL, days numeric(4, 1) NOT NULL,
    PRIMARY KEY (email, first_day)
);
CREATE TABLE IF NOT EXISTS demo_hr.request (
    number bigint GENERATED ALWAYS AS IDENTITY (START WITH 1041), email text NOT NULL REFERENCES demo_hr.employee,
    kind text NOT NULL, key text NOT NULL, details jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number), UNIQUE (email, kind, key)
);
"""
PAYDAY = 25


@dataclass(frozen=True, slots=True)
class Employee:
    """`absences` are first days, as (month, day), and working days."""

    email: str
    allowance_days: int
    monthly_net: str
    laptop: str
    absences: tuple[tuple[int, int, str], ...] = ()


EMPLOYEES = (
    Employee("employee@acme.example", 25, "3412.50", "ThinkPad T14", ((2, 9, "3"), (7, 20, "5"), (12, 28, "2.5"))),
    Employee("hr@acme.example", 28, "3890.00", "MacBook Air", ((4, 13, "5"), (8, 3, "10"))),
    Employee("author@acme.example", 25, "3605.20", "ThinkPad X1", ((5, 18, "4"),)),
    Employee("approver@acme.example", 27, "4120.75", "ThinkPad X1", ((3, 2, "5"), (9, 14, "8"))),
    Employee("manager@acme.example", 30, "5230.00", "MacBook Pro", ((6, 8, "10"), (10, 5, "5"))),
    Employee("legal@acme.example", 27, "4480.40", "ThinkPad T14", ((1, 12, "2"), (8, 17, "10"))),
    Employee("admin@acme.example", 26, "4010.10", "ThinkPad T14", ((7, 6, "10"),)),
)


class Records:
    """One connection's view of the records. Commits are the caller's."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        self._connection = connection

    @classmethod
    async def connect(cls, url: str) -> "Records":
        return cls(await AsyncConnection.connect(url, row_factory=dict_row, connect_timeout=5))

    async def __aenter__(self) -> "Records":
        return self

    async def __aexit__(self, *error: object) -> None:
        """Keeps what was done unless it went wrong."""
        await (self._connection.rollback() if error[0] else self._connection.commit())
        await self._connection.close()

    async def create(self, *, year: int) -> None:
        """Tables and people, if they are missing; absences of `year` for those who are new."""
        await self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        await self._connection.execute(TABLES)
        for one in EMPLOYEES:
            made = await self._connection.execute(
                "INSERT INTO demo_hr.employee VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [one.email, one.allowance_days, Decimal(one.monthly_net), one.laptop],
            )
            for month, day, days in one.absences if made.rowcount else ():
                await self._connection.execute(
                    "INSERT INTO demo_hr.absence VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    [one.email, date(year, month, day), Decimal(days)],
                )

    async def employee(self, email: str) -> DictRow | None:
        rows = await self._connection.execute("SELECT * FROM demo_hr.employee WHERE email = lower(%s)", [email])
        return await rows.fetchone()

    async def absent_days(self, email: str, year: int, today: date) -> tuple[Decimal, Decimal]:
        """Vacation of a year: days that are taken by now, and days that are planned."""
        rows = await self._connection.execute(
            """SELECT coalesce(sum(days) FILTER (WHERE first_day <= %(today)s), 0) AS taken,
                      coalesce(sum(days) FILTER (WHERE first_day > %(today)s), 0) AS planned
               FROM demo_hr.absence WHERE email = %(email)s AND extract(year FROM first_day) = %(year)s""",
            {"today": today, "email": email, "year": year},
        )
        found = await rows.fetchone() or {"taken": Decimal(0), "planned": Decimal(0)}
        return found["taken"], found["planned"]

    async def request(self, email: str, kind: str, key: str, details: str) -> dict[str, Any]:
        """The request under this key: made now, or the one that an earlier call with the same key made."""
        await self._connection.execute(
            """INSERT INTO demo_hr.request (email, kind, key, details) VALUES (%s, %s, %s, %s)
               ON CONFLICT (email, kind, key) DO NOTHING""",
            [email, kind, key, details],
        )
        rows = await self._connection.execute(
            "SELECT number, created_at FROM demo_hr.request WHERE email = %s AND kind = %s AND key = %s",
            [email, kind, key],
        )
        return dict(await rows.fetchone() or {})


def next_payday(today: date) -> date:
    """The 25th, or the Friday before it."""
    for month in (today.replace(day=1), (today.replace(day=1) + timedelta(days=32)).replace(day=1)):
        day = month.replace(day=PAYDAY)
        day -= timedelta(days=max(0, day.weekday() - 4))
        if day >= today:
            return day
    raise AssertionError("one of two months has a payday to come")
