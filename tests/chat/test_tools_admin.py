"""Tools in the console: superusers define them, try them, and read what was done."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chat.tools.models import Connector, ToolUse
from governance.access.models import User
from governance.audit.models import AuditEvent
from tests.cast import make_user
from tests.chat.systems import NOTHING, SUMMARY, System, make_connector, running_system

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["connector/", "connector/add/", "builtintool/", "tooluse/"]
FIELDS: dict[str, Any] = {
    "title": "Vacation balance",
    "name": "vacation_balance",
    "system": "HR system",
    "description": "Days.",
    "is_active": "on",
    "for_everyone": "on",
    "method": "GET",
    "url": "http://127.0.0.1:9/vacation",
    "arguments": json.dumps(NOTHING),
    "timeout_s": "5",
    "auth": "bearer",
    "new_secret": "s3cret",
}


@pytest.fixture
def system() -> Iterator[System]:
    with running_system() as running:
        yield running


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root@acme.example", "a-long-password-1"))
    return client


def posted(console: Client, **fields: Any) -> str:
    given = {name: value for name, value in (FIELDS | fields).items() if value is not None}
    return console.post("/admin/chat/connector/add/", given).content.decode()


def test_a_connector_is_made_and_its_secret_is_not_shown_again(console: Client) -> None:
    posted(console)
    connector = Connector.objects.get()
    assert connector.secret.open() == "s3cret"
    html = console.get(f"/admin/chat/connector/{connector.pk}/change/").content.decode()
    assert "s3cret" not in html
    assert "One is stored, encrypted" in html
    event = AuditEvent.objects.get(action="connector.create")
    assert event.target == "vacation_balance"
    assert "s3cret" not in json.dumps(event.details)


def test_a_secret_that_is_left_empty_is_kept(console: Client) -> None:
    posted(console)
    connector = Connector.objects.get()
    console.post(f"/admin/chat/connector/{connector.pk}/change/", FIELDS | {"title": "Vacation", "new_secret": ""})
    connector.refresh_from_db()
    assert (connector.title, connector.secret.open()) == ("Vacation", "s3cret")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "Vacation Balance"}, "Small letters and underscores only."),
        ({"arguments": '{"type": "array"}'}, "must be an object"),
        ({"arguments": "{"}, "Enter a valid JSON."),
        ({"url": "file:///etc/passwd"}, "must begin with https"),
        ({"url": "http://{host}/x"}, "behind the host only"),
        ({"url": "http://hr.example/{who}"}, "must require"),
        ({"changes_something": "on"}, "must be a POST"),
        ({"auth": "header"}, "Name the header"),
        ({"auth": "header", "auth_header": "X-Employee-Email"}, "no header that a secret"),
        ({"new_secret": ""}, "Enter the secret."),
        ({"for_everyone": None}, "Choose who may use it"),
        ({"timeout_s": "600"}, "less than or equal to 30"),
        ({"description": "x" * 901}, "at most 900 characters"),
    ],
)
def test_what_could_not_work_is_refused_at_once(console: Client, fields: dict[str, Any], words: str) -> None:
    assert words in posted(console, **fields)
    assert not Connector.objects.exists()


def test_trying_it_shows_the_raw_answer_and_is_on_record(console: Client, system: System) -> None:
    system.says({"remaining_days": 17, "year": 2026, "note": "<b>"})
    connector = make_connector(system.url)
    html = console.post(f"/admin/chat/connector/{connector.pk}/try/", {"arguments": "{}"}).content.decode()
    assert "&quot;remaining_days&quot;: 17" in html
    assert "&lt;b&gt;" in html
    assert "You have 17 vacation days left in 2026." in html
    assert system.heard[0].headers["x-employee-email"] == "root@acme.example"
    assert AuditEvent.objects.filter(action="connector.try").exists()
    assert ToolUse.objects.get().state == "done"


def test_trying_it_with_wrong_arguments_says_so(console: Client, system: System) -> None:
    connector = make_connector(system.url, arguments=SUMMARY)
    url = f"/admin/chat/connector/{connector.pk}/try/"
    assert "required property" in console.post(url, {"arguments": "{}"}).content.decode()
    assert "not valid JSON" in console.post(url, {"arguments": "{"}).content.decode()
    assert system.heard == []


@pytest.mark.parametrize("page", PAGES)
def test_superusers_see_the_pages(console: Client, page: str) -> None:
    assert console.get(f"/admin/chat/{page}").status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "connector/{pk}/change/", "connector/{pk}/try/"])
def test_staff_with_every_permission_do_not(client: Client, page: str) -> None:
    staff = make_user("staff@acme.example", is_staff=True)
    staff.user_permissions.set(Permission.objects.all())
    client.force_login(staff)
    url = f"/admin/chat/{page.format(pk=make_connector('http://hr.example').pk)}"
    assert client.get(url).status_code == 403


def test_what_was_done_is_read_only(console: Client, system: System) -> None:
    connector = make_connector(system.url)
    console.post(f"/admin/chat/connector/{connector.pk}/try/", {"arguments": "{}"})
    url = f"/admin/chat/tooluse/{ToolUse.objects.get().pk}/"
    assert console.get(f"{url}change/").status_code == 200
    assert console.post(f"{url}delete/", {"post": "yes"}).status_code == 403
