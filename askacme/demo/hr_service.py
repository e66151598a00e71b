"""
Acme's HR system, for the demo: a small service of its own, such as companies have one, that AskAcme asks as a stranger.

`GET /v1/employees/me/vacation[?year=]`, `GET /v1/employees/me/payslips/next`, `POST /v1/tickets`,
`POST /v1/equipment-requests`. Whoever has the bearer key asks for the employee in `X-Employee-Email`; a POST carries an
`Idempotency-Key`, and the same one is done once. `serve --demo` starts it beside the web server.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from askacme.demo.hr_records import Records, next_payday

MAX_BODY_BYTES = 16 * 1024
ANSWER_WITHIN_DAYS: Mapping[str, int] = {"low": 5, "normal": 2, "high": 1}
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Refused(Exception):
    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Ticket(BaseModel):
    model_config = ConfigDict(extra="forbid")

    summary: str = Field(min_length=3, max_length=500)
    category: Literal["laptop", "account", "network", "software", "other"] = "other"
    urgency: Literal["low", "normal", "high"] = "normal"


class EquipmentRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item: Literal["laptop", "monitor", "keyboard", "mouse", "headset", "chair", "phone"]
    reason: str = Field(min_length=3, max_length=500)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a known employee."""

    email: str
    query: Mapping[str, list[str]]
    key: str
    body: bytes
    records: Records
    today: date


Answer = tuple[HTTPStatus, dict[str, Any]]
M = TypeVar("M", bound=BaseModel)


class HrService:
    """The ASGI application. Its tables are made at the first request."""

    def __init__(self, *, key: str, database_url: str) -> None:
        self._key = key
        self._database_url = database_url
        self._is_created = False
        self._creating = asyncio.Lock()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            status, said = await self._answer(scope, receive)
        except Refused as refused:
            status, said = refused.status, {"title": refused.status.phrase, "detail": str(refused)}
        body = json.dumps(said).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Answer:
        headers = {name.decode("latin-1").lower(): value for name, value in scope["headers"]}
        if not hmac.compare_digest(headers.get("authorization", b""), f"Bearer {self._key}".encode()):
            raise Refused(HTTPStatus.UNAUTHORIZED, "The bearer key is missing or wrong.")
        handler = ROUTES.get((scope["method"], scope["path"]))
        if handler is None:
            raise Refused(HTTPStatus.NOT_FOUND, "There is no such address.")
        body = await body_of(receive)
        today = datetime.now(UTC).date()
        await self._create(today.year)
        async with await Records.connect(self._database_url) as records:
            employee = await records.employee(headers.get("x-employee-email", b"").decode(errors="replace"))
            if employee is None:
                raise Refused(HTTPStatus.NOT_FOUND, "The HR system knows no employee with this e-mail address.")
            query = parse_qs(scope["query_string"].decode("latin-1"))
            key = headers.get("idempotency-key", b"").decode(errors="replace")
            return await handler(Asking(employee["email"], query, key, body, records, today))

    async def _create(self, year: int) -> None:
        async with self._creating:
            if not self._is_created:
                async with await Records.connect(self._database_url) as records:
                    await records.create(year=year)
                self._is_created = True


async def vacation(asking: Asking) -> Answer:
    """Days of one year; this one unless another is named."""
    employee = await asking.records.employee(asking.email) or {}
    year = year_of(asking.query.get("year", [str(asking.today.year)])[0])
    taken, planned = await asking.records.absent_days(asking.email, year, asking.today)
    days = {
        "allowance_days": employee["allowance_days"],
        "taken_days": plain(taken),
        "planned_days": plain(planned),
        "remaining_days": plain(employee["allowance_days"] - taken - planned),
    }
    return HTTPStatus.OK, {"year": year, **days}


async def next_payslip(asking: Asking) -> Answer:
    employee = await asking.records.employee(asking.email) or {}
    day = next_payday(asking.today)
    said = {
        "pay_date": day.isoformat(),
        "period": f"{day:%B %Y}",
        "available_on": (day - timedelta(days=2)).isoformat(),
        "net_amount": str(employee["monthly_net"]),
        "currency": "EUR",
    }
    return HTTPStatus.OK, said


async def open_ticket(asking: Asking) -> Answer:
    ticket = parsed(Ticket, asking)
    made = await asking.records.request(asking.email, "ticket", asking.key, ticket.model_dump_json())
    answer_by = made["created_at"].date() + timedelta(days=ANSWER_WITHIN_DAYS[ticket.urgency])
    return HTTPStatus.CREATED, {"ticket": f"IT-{made['number']}", "status": "open", "answer_by": answer_by.isoformat()}


async def request_equipment(asking: Asking) -> Answer:
    wanted = parsed(EquipmentRequest, asking)
    made = await asking.records.request(asking.email, "equipment", asking.key, wanted.model_dump_json())
    said = {"request": f"EQ-{made['number']}", "item": wanted.item, "status": "waits for your manager's approval"}
    return HTTPStatus.CREATED, said


ROUTES: Mapping[tuple[str, str], Callable[[Asking], Awaitable[Answer]]] = {
    ("GET", "/v1/employees/me/vacation"): vacation,
    ("GET", "/v1/employees/me/payslips/next"): next_payslip,
    ("POST", "/v1/tickets"): open_ticket,
    ("POST", "/v1/equipment-requests"): request_equipment,
}


def parsed(kind: type[M], asking: Asking) -> M:
    if not asking.key:
        raise Refused(HTTPStatus.BAD_REQUEST, "An Idempotency-Key is missing.")
    try:
        return kind.model_validate_json(asking.body)
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(map(str, wrong["loc"]))
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"{place}: {wrong['msg']}.") from None


def year_of(text: str) -> int:
    if not text.isdecimal() or not date.min.year <= int(text[:6]) <= date.max.year:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "year: must be a year, such as 2026.")
    return int(text)


def plain(days: Decimal) -> int | float:
    """Half days exist; whole ones are whole numbers."""
    return int(days) if days == int(days) else float(days)


async def body_of(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")
    return body
