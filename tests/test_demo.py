"""The demo company: complete, and left as people made it when it is loaded again."""

import json
from pathlib import Path

import pytest
from django.test import Client

from askacme.demo import load
from askacme.demo.hr_place import HrPlace
from askacme.demo.hr_tools import TOOLS
from askacme.demo.load import PEOPLE, load_demo
from chat.tools.arguments import check_schema
from chat.tools.connect import check_address
from chat.tools.models import Connector
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.services import AudienceChoice, change_audience, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_handbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        {"path": "leave.md", "title": "Leave", "owner": "hr@acme.example", "audience": []},
        {"path": "pay/bands.md", "title": "Salary bands", "owner": "manager@acme.example", "audience": ["Managers"]},
    ]
    for entry in entries:
        file = tmp_path / str(entry["path"])
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"# {entry['title']}\n\nWords.")
    (tmp_path / "index.json").write_text(json.dumps(entries))
    monkeypatch.setattr(load, "HANDBOOK", tmp_path)


def test_people_can_sign_in_with_the_printed_passwords(client: Client) -> None:
    hr = next(person for person in load_demo() if person.role == "HR")
    assert client.login(username=hr.email, password=hr.password)
    assert hr.password in str(hr)
    assert User.objects.get(email=hr.email).is_staff


def test_documents_have_owner_title_and_audience() -> None:
    load_demo()
    bands = Document.objects.get(path="pay/bands.md")
    assert (bands.title, bands.contact) == ("Salary bands", "Manuel Garcia (manager@acme.example)")
    assert (bands.for_everyone, bands.audience_names) == (False, ["Managers"])


def test_the_second_run_touches_nothing() -> None:
    load_demo()
    before = (AuditEvent.objects.count(), DocumentVersion.objects.count(), User.objects.count())
    load_demo()
    assert (AuditEvent.objects.count(), DocumentVersion.objects.count(), User.objects.count()) == before


def test_a_changed_password_stays(client: Client) -> None:
    load_demo()
    admin = User.objects.get(email="admin@acme.example")
    admin.set_password("my-own-password-1")
    admin.save()
    load_demo()
    assert client.login(username=admin.email, password="my-own-password-1")


def test_a_changed_audience_stays() -> None:
    load_demo()
    leave = Document.objects.get(path="leave.md")
    change_audience(document=leave, audience=AudienceChoice(), actor=None)
    load_demo()
    assert Document.objects.get(path="leave.md").audience_names == []


def test_a_deleted_document_stays_deleted() -> None:
    load_demo()
    withdraw(document=Document.objects.get(path="leave.md"), actor=None)
    load_demo()
    assert not Document.objects.filter(path="leave.md").exists()


def test_an_account_deleted_in_the_console_stays_deleted(client: Client) -> None:
    load_demo()
    client.force_login(User.objects.create_superuser("root@acme.example", "a-long-password-1"))
    admin = User.objects.get(email="admin@acme.example")
    client.post(f"/admin/governance/user/{admin.pk}/delete/", {"post": "yes"})
    assert "admin@acme.example" not in {person.email for person in load_demo()}
    assert not User.objects.filter(email="admin@acme.example").exists()


def test_the_shipped_handbook_is_whole() -> None:
    folder = Path(load.__file__).parent / "handbook"
    entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    emails = {person.email for person in PEOPLE}
    assert len(entries) >= 30
    assert [entry["path"] for entry in entries if not (folder / entry["path"]).is_file()] == []
    assert {entry["owner"] for entry in entries} <= emails
    assert {name for entry in entries for name in entry["audience"]} <= {"Managers", "Legal"}


def test_the_tools_of_the_hr_system_are_there_once_and_stay_as_people_made_them() -> None:
    load_demo(HrPlace(8001, "first"))
    Connector.objects.filter(name="next_payslip").update(title="Payday", url="https://hr.acme.example/pay")
    load_demo(HrPlace(9001, "second"))
    assert set(Connector.objects.values_list("name", flat=True)) == {tool["name"] for tool in TOOLS}
    ours, theirs = (Connector.objects.get(name=name) for name in ("vacation_balance", "next_payslip"))
    assert (ours.url, ours.secret.open()) == ("http://127.0.0.1:9001/v1/employees/me/vacation", "second")
    assert (theirs.title, theirs.url, theirs.secret.open()) == ("Payday", "https://hr.acme.example/pay", "first")


def test_a_tool_that_was_deleted_in_the_console_stays_deleted(client: Client) -> None:
    load_demo(HrPlace(8001, "key"))
    client.force_login(User.objects.create_superuser("root@acme.example", "a-long-password-1"))
    connector = Connector.objects.get(name="open_it_ticket")
    client.post(f"/admin/chat/connector/{connector.pk}/delete/", {"post": "yes"})
    load_demo(HrPlace(8001, "key"))
    assert not Connector.objects.filter(name="open_it_ticket").exists()


def test_the_demo_s_tools_pass_the_console_s_own_checks() -> None:
    load_demo(HrPlace(8001, "key"))
    connectors = list(Connector.objects.all())
    assert {"vacation_balance", "open_it_ticket"} <= {connector.name for connector in connectors}
    for connector in connectors:
        connector.full_clean(exclude=["secret"])
        check_schema(connector.arguments)
        check_address(connector.url)
