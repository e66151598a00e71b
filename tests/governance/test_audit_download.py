"""The audit record taken away: the filtered rows as JSON Lines, without what people said; itself on record."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit import download, export
from governance.audit.models import AuditEvent
from governance.audit.services import record
from tests.cast import make_user
from tests.governance.answers_on_record import make_answer

pytestmark = pytest.mark.django_db(transaction=True)
EXPORT = "/admin/governance/auditevent/export/"


@pytest.fixture
def seen(client: Client) -> Client:
    client.force_login(make_user("ada@acme.example", ensure_roles()["Auditors"], is_staff=True))
    return client


def taken(client: Client, **asked: str) -> list[dict[str, Any]]:
    response = client.get(EXPORT, asked)
    assert isinstance(response, StreamingHttpResponse)
    return [json.loads(line) for line in async_to_sync(joined)(response).decode().splitlines()]


async def joined(response: StreamingHttpResponse) -> bytes:
    return b"".join([part async for part in response])


def test_what_is_filtered_is_taken_away_the_oldest_first(seen: Client, ana: User) -> None:
    record(actor=ana, action="budget.create", target="the company")
    make_answer(ana, status="filtered")
    make_answer(ana)
    assert [row["metadata"]["uid"].split("-")[0] for row in taken(seen, person="ana@acme.example")] == [
        "act",
        "answer",
        "answer",
    ]
    assert [row["status"] for row in taken(seen, status="filtered")] == ["filtered"]


def test_what_takes_several_parts_comes_whole_and_once(
    seen: Client, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "AT_ONCE", 2)
    monkeypatch.setattr(export, "AT_ONCE", 2)
    numbers = [record(actor=ana, action="test.act", target="one").pk for _ in range(5)]
    rows = taken(seen, kind="acts", action="test.act")
    assert [row["metadata"]["uid"] for row in rows] == [f"act-{number}" for number in numbers]


def test_no_words_go_along_but_verdicts_do(seen: Client, ana: User) -> None:
    make_answer(ana)
    (row,) = taken(seen, kind="answers")
    assert "injection.override" in str(row)
    assert "Travel policy" in str(row)
    assert not any(word in str(row) for word in ("hotel", "euros", "merger"))


def test_that_it_was_taken_is_on_record(seen: Client) -> None:
    taken(seen, kind="acts")
    event = AuditEvent.objects.get(action="audit.export")
    assert (event.actor_email, event.details) == ("ada@acme.example", {"filters": {"kind": "acts"}})


def test_what_words_found_is_not_exported(seen: Client, ana: User) -> None:
    make_answer(ana)
    assert seen.get(EXPORT, {"words": "hotel"}).status_code == 302


def test_too_much_at_once_is_refused_in_words(seen: Client, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MOST", 1)
    make_answer(ana)
    make_answer(ana)
    assert "More than 1 rows" in seen.get(EXPORT, follow=True).content.decode()


@pytest.mark.parametrize("role", ["HR", "Managers"])
def test_other_roles_take_nothing_away(client: Client, role: str) -> None:
    client.force_login(make_user("hana@acme.example", ensure_roles()[role], is_staff=True))
    assert client.get(EXPORT).status_code == 403


def test_cleo_takes_nothing_away(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    assert client.get(EXPORT, follow=True).status_code == 403
