"""The console's overview of questions that were handed over, and which group gets which."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from chat.escalation import services
from chat.escalation.models import Escalation, Inbox
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from tests.cast import make_user
from tests.chat.handed import hand_over

pytestmark = pytest.mark.django_db
LIST = "/admin/chat/escalation/"


@pytest.fixture
def hr(db: None) -> Group:
    return ensure_roles()["HR"]


@pytest.fixture
def hanna(hr: Group) -> User:
    return make_user("hanna@acme.example", hr, is_staff=True)


@pytest.fixture
def console(client: Client, hanna: User) -> Client:
    client.force_login(hanna)
    return client


@pytest.fixture
def handed(ana: User, ben: User) -> Escalation:
    return hand_over(ana, ben, note="Between us.")


def page(client: Client, address: str = LIST) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_overview_tells_who_and_how_it_goes_but_nothing_of_what_they_wrote(
    console: Client, ben: User, handed: Escalation
) -> None:
    services.reply(user=ben, escalation_id=handed.pk, text="Six weeks.")
    for shown in (page(console), page(console, f"{LIST}{handed.pk}/change/")):
        assert "Ana" in shown
        assert "Ben" in shown
        assert "Answered" in shown
        for words in ("sabbatical", "Between us.", "Six weeks."):
            assert words not in shown


def test_what_nobody_answers_stands_out(console: Client, handed: Escalation) -> None:
    assert "late" not in page(console).lower().split("result_list")[1]
    Escalation.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert "Open, late" in page(console)


@pytest.mark.parametrize("lookup", ["question__startswith=Is", "note__contains=us", "reply__contains=x"])
def test_the_list_is_no_way_to_guess_what_they_wrote(console: Client, handed: Escalation, lookup: str) -> None:
    assert console.get(f"{LIST}?{lookup}").status_code == 400


def test_without_the_role_there_is_no_overview(client: Client, handed: Escalation) -> None:
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{handed.pk}/change/").status_code == 403
    assert client.get("/admin/chat/inbox/").status_code == 403


def test_hr_says_which_group_gets_a_department_s_questions(console: Client, hr: Group, team: Group) -> None:
    console.post("/admin/chat/inbox/add/", {"department": "it", "group": team.pk})
    assert Inbox.objects.get().group == team
    assert AuditEvent.objects.get(action="inbox.create").target == "IT → Team A"
    shown = page(console, "/admin/chat/inbox/")
    assert "Team A" in shown


def test_a_department_has_one_inbox(console: Client, hr: Group, team: Group) -> None:
    Inbox.objects.create(department="", group=hr)
    again = console.post("/admin/chat/inbox/add/", {"department": "", "group": team.pk}).content.decode()
    assert "already exists" in again
    assert Inbox.objects.get().group == hr
