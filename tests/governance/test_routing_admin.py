"""The router in the console."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from governance.gateway.routing.models import RoutingExample, RoutingRule
from tests.cast import make_user

pytestmark = pytest.mark.django_db(transaction=True)
RULES = "/admin/governance/routingrule/"
EXAMPLES = "/admin/governance/routingexample/"


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root@acme.example", "a-long-password-1"))
    return client


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make_user("mia@acme.example", ensure_roles()["Managers"], is_staff=True))
    return client


def test_a_question_can_be_tried_on_the_rules_page(root: Client) -> None:
    page = root.get(RULES, {"try": "Compare the two travel policies"}).content.decode()
    assert "rule: comparison → strong" in page
    assert "saved in 30 days" in page


def test_a_question_without_sense_or_with_markup_is_no_error(root: Client) -> None:
    page = root.get(RULES, {"try": "<b>\x00</b>"})
    assert page.status_code == 200
    assert "<b></b>" not in page.content.decode()


def test_managers_look_and_change_nothing(manager: Client) -> None:
    assert "comparison" in manager.get(RULES).content.decode()
    assert manager.get(EXAMPLES).status_code == 200
    rule = RoutingRule.objects.all()[0]
    assert manager.post(f"{RULES}{rule.pk}/delete/", {"post": "yes"}).status_code == 403
    assert manager.get(f"{EXAMPLES}import/").status_code == 403


def test_cleo_sees_neither(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    assert {client.get(page, follow=True).status_code for page in (RULES, EXAMPLES)} == {403}


def test_an_example_is_added_searched_and_put_on_record(root: Client) -> None:
    given: dict[str, Any] = {"text": "Where is the quokka?", "kind": "lookup", "department": "facilities"}
    root.post(f"{EXAMPLES}add/", given)
    assert RoutingExample.objects.get(text=given["text"]).created_by is not None
    assert "quokka" in root.get(EXAMPLES, {"q": "quokka"}).content.decode()
    assert AuditEvent.objects.filter(action="routing_example.create").exists()


def test_a_question_that_is_there_is_refused_in_words(root: Client) -> None:
    text = RoutingExample.objects.all()[0].text
    page = root.post(f"{EXAMPLES}add/", {"text": text, "kind": "lookup", "department": "it"})
    assert "already exists" in page.content.decode()


def test_lines_are_pasted(root: Client) -> None:
    page = root.post(f"{EXAMPLES}import/", {"text": "lookup | it | Where is the quokka?"}, follow=True)
    assert "1 added, 0 changed" in page.content.decode()


def test_a_wrong_line_is_shown_with_what_was_pasted(root: Client) -> None:
    page = root.post(f"{EXAMPLES}import/", {"text": "lookup | zoo | quokka?"}).content.decode()
    assert "is no department" in page
    assert "quokka?" in page


def test_a_rule_is_made_for_a_group(root: Client) -> None:
    board = Group.objects.create(name="Board")
    root.post(f"{RULES}add/", {"group": board.pk, "tier": "strong", "position": 1, "is_active": "on"})
    assert str(RoutingRule.objects.get(group=board)) == "Board → strong"
