"""The questions that an empty chat suggests."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.test import Client

from askacme.demo.starters import STARTERS, add_starters
from chat.starters.models import Starter
from chat.starters.services import starters_for
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from tests.cast import make_user

pytestmark = pytest.mark.django_db


def make_starters(*texts: str, group: Group | None = None) -> None:
    for position, text in enumerate(texts):
        Starter.objects.create(text=text, group=group, position=position)


def test_a_group_s_starters_come_first_and_those_for_everyone_fill_up(ana: User, cleo: User, team: Group) -> None:
    make_starters("One?", "Two?", "Three?", "Four?")
    make_starters("Ours?", "One?", group=team)
    assert starters_for(ana) == ["Ours?", "One?", "Two?", "Three?"]
    assert starters_for(cleo) == ["One?", "Two?", "Three?", "Four?"]


def test_the_empty_chat_shows_them_and_a_begun_one_asks_for_none(client: Client, cleo: User, team: Group) -> None:
    make_starters("When is <lunch>?")
    make_starters("What does the team's secret cost?", group=team)
    client.force_login(cleo)
    html = client.get("/").content.decode()
    assert 'value="When is &lt;lunch&gt;?"' in html
    assert "secret" not in html


def test_without_any_there_is_no_list(client: Client, ana: User) -> None:
    client.force_login(ana)
    assert 'class="example"' not in client.get("/").content.decode()


def test_a_question_stands_once_in_each_group(team: Group) -> None:
    make_starters("One?", group=team)
    make_starters("One?")
    with pytest.raises(IntegrityError, match="starter_once_per_group"):
        make_starters("One?")


def test_hr_edits_them_at_the_console_and_it_is_on_record(client: Client) -> None:
    hr = make_user("hr@acme.example", ensure_roles()["HR"], is_staff=True)
    client.force_login(hr)
    fields = {"text": "How do I get a badge?", "group": "", "position": "1"}
    assert client.post("/admin/chat/starter/add/", fields).status_code == 302
    assert "How do I get a badge?" in client.get("/admin/chat/starter/").content.decode()
    assert AuditEvent.objects.filter(action="starter.create", actor=hr, target="How do I get a badge?").exists()


def test_the_demo_company_has_them_and_leaves_them_as_people_made_them() -> None:
    groups = {**ensure_roles(), "Legal": Group.objects.create(name="Legal")}
    add_starters(groups)
    Starter.objects.filter(text=STARTERS["Legal"][0]).delete()
    Starter.objects.filter(text=STARTERS["HR"][0]).update(text="Mine now?")
    add_starters(groups)
    texts = set(Starter.objects.values_list("text", flat=True))
    assert STARTERS["Legal"][0] not in texts
    assert STARTERS["HR"][0] not in texts
    assert starters_for(make_user("legal@acme.example", groups["Legal"]))[0] == STARTERS["Legal"][1]
