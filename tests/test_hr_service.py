"""The demo's HR service: what it says, to whom, and that it does nothing twice."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from askacme.demo.hr_place import place_in, settle_in
from askacme.demo.hr_records import EMPLOYEES, next_payday
from askacme.demo.hr_service import HrService
from askacme.demo.load import PEOPLE
from tests.serve.running import free_port

EMMA = "employee@acme.example"
TICKET = {"summary": "My laptop does not start.", "urgency": "high"}


async def asked(method: str, path: str, *, key: str = "k", email: str = EMMA, **options: Any) -> httpx.Response:
    service = HrService(key="k", database_url=os.environ["DATABASE_URL"])
    headers = {"Authorization": f"Bearer {key}", "X-Employee-Email": email, **options.pop("headers", {})}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://hr") as client:
        return await client.request(method, path, headers=headers, **options)


async def test_the_days_of_a_year_add_up() -> None:
    year = datetime.now(UTC).year
    said = (await asked("GET", "/v1/employees/me/vacation")).json()
    assert said["year"] == year
    assert said["remaining_days"] == said["allowance_days"] - said["taken_days"] - said["planned_days"] == 14.5


async def test_another_year_is_untouched() -> None:
    said = (await asked("GET", "/v1/employees/me/vacation?year=2019")).json()
    assert (said["remaining_days"], said["taken_days"]) == (25, 0)


async def test_an_address_in_capitals_is_the_same_person() -> None:
    assert (await asked("GET", "/v1/employees/me/vacation", email=EMMA.upper())).status_code == 200


async def test_the_next_payslip_lies_ahead() -> None:
    said = (await asked("GET", "/v1/employees/me/payslips/next")).json()
    assert date.fromisoformat(said["pay_date"]) >= datetime.now(UTC).date()
    assert (said["net_amount"], said["currency"]) == ("3412.50", "EUR")


async def test_the_same_key_opens_one_ticket() -> None:
    numbers = {
        (await asked("POST", "/v1/tickets", json=TICKET, headers={"Idempotency-Key": key})).json()["ticket"]
        for key in ("one", "one", "two")
    }
    assert len(numbers) == 2


async def test_the_same_key_of_somebody_else_is_another_ticket() -> None:
    numbers = {
        (await asked("POST", "/v1/tickets", json=TICKET, email=email, headers={"Idempotency-Key": "x"})).json()[
            "ticket"
        ]
        for email in (EMMA, "hr@acme.example")
    }
    assert len(numbers) == 2


async def test_equipment_waits_for_approval() -> None:
    wanted = {"item": "monitor", "reason": "Home office"}
    said = (await asked("POST", "/v1/equipment-requests", json=wanted, headers={"Idempotency-Key": "m"})).json()
    assert said["request"].startswith("EQ-")
    assert "approval" in said["status"]


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (401, {"key": "wrong"}),
        (404, {"email": "stranger@acme.example"}),
        (404, {"path": "/v1/salaries"}),
        (422, {"path": "/v1/employees/me/vacation?year=soon"}),
        (400, {"method": "POST", "path": "/v1/tickets", "json": TICKET}),
        (422, {"method": "POST", "path": "/v1/tickets", "json": {}, "headers": {"Idempotency-Key": "y"}}),
        (413, {"method": "POST", "path": "/v1/tickets", "content": b"x" * 20_000}),
    ],
)
async def test_what_is_refused_says_why(status: int, options: dict[str, Any]) -> None:
    response = await asked(options.pop("method", "GET"), options.pop("path", "/v1/employees/me/vacation"), **options)
    assert response.status_code == status
    assert response.json()["detail"]


@pytest.mark.parametrize(
    ("today", "payday"),
    [
        (date(2026, 11, 21), date(2026, 11, 25)),
        (date(2026, 11, 25), date(2026, 11, 25)),
        (date(2026, 11, 26), date(2026, 12, 25)),
        (date(2026, 7, 1), date(2026, 7, 24)),  # the 25th is a Saturday
        (date(2026, 12, 31), date(2027, 1, 25)),
    ],
)
def test_payday_is_the_25th_or_the_friday_before(today: date, payday: date) -> None:
    assert next_payday(today) == payday


def test_it_knows_the_demo_s_people() -> None:
    assert {one.email for one in EMPLOYEES} == {person.email for person in PEOPLE}


def test_its_place_and_key_are_kept(tmp_path: Path) -> None:
    port = free_port()
    place = settle_in(tmp_path, near_port=port - 1)
    assert place.port == port
    assert settle_in(tmp_path, near_port=1) == place == place_in(tmp_path)
    assert (tmp_path / "demo_hr.json").stat().st_mode & 0o077 == 0


def test_a_taken_port_is_left_to_its_owner_but_the_key_stays(tmp_path: Path) -> None:
    import socket

    place = settle_in(tmp_path, near_port=free_port() - 1)
    with socket.create_server(("127.0.0.1", place.port)):
        moved = settle_in(tmp_path, near_port=place.port - 1)
    assert moved.port != place.port
    assert moved.key == place.key


def test_without_a_place_there_is_none(tmp_path: Path) -> None:
    assert place_in(tmp_path) is None
    (tmp_path / "demo_hr.json").write_text("[]")
    assert place_in(tmp_path) is None
