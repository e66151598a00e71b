"""`manage.py create_user` and `create_api_key`, and the console's pages about people and the record."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.test import Client

from governance.access.models import ApiKey, User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from tests.cast import make_user

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def root(client: Client) -> User:
    root = User.objects.create_superuser("root@acme.example", "a-long-password-1")
    client.force_login(root)
    return root


def test_a_made_up_password_is_the_last_word_and_works(client: Client) -> None:
    password = run("create_user", "Dora@Acme.example").split()[-1]
    assert client.login(username="dora@acme.example", password=password)


def test_a_role_that_works_in_the_console_opens_it() -> None:
    run("create_user", "dora@acme.example", "--password", "a-long-password-1", "--group", "HR", "--name", "Dora")
    dora = User.objects.get(email="dora@acme.example")
    assert (dora.is_staff, dora.is_superuser, dora.name) == (True, False, "Dora")
    assert dora.has_perm("knowledge.add_document")


def test_a_superuser_has_all_rights() -> None:
    run("create_user", "dora@acme.example", "--password", "a-long-password-1", "--superuser")
    assert User.objects.get(email="dora@acme.example").has_perm("governance.delete_user")


def test_json_keeps_a_given_password_to_itself() -> None:
    said = json.loads(run("create_user", "dora@acme.example", "--json", "--password", "a-long-password-1"))
    assert said == {"email": "dora@acme.example", "groups": []}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ana@acme.example"], "There is a user ana@acme.example already"),
        (["ANA@acme.example"], "already"),
        (["no-address"], "is no e-mail address"),
        (["dora@acme.example", "--group", "Nobody"], "There is no group Nobody. There are: Auditors, HR, Managers"),
    ],
)
def test_a_wrong_argument_ends_with_one_line(ana: User, arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run("create_user", *arguments)
    assert User.objects.count() == 1


def test_the_key_is_the_last_word_printed(ana: User) -> None:
    key = run("create_api_key", ana.email).split()[-1]
    assert ApiKey.objects.live().get(digest=ApiKey.digest_of(key)).user == ana


def test_the_key_as_json(ana: User) -> None:
    key = json.loads(run("create_api_key", ana.email, "--json", "--name", "nightly"))["key"]
    assert ApiKey.objects.get(digest=ApiKey.digest_of(key)).name == "nightly"


def test_a_key_for_nobody_ends_with_one_line(db: None) -> None:
    with pytest.raises(CommandError, match="There is no active user"):
        run("create_api_key", "ghost@acme.example")


def test_the_console_shows_a_new_key_once(client: Client, root: User, ana: User) -> None:
    page = client.post("/admin/governance/apikey/add/", {"user": ana.pk, "name": "ci"}, follow=True).content.decode()
    issued = ApiKey.objects.get()
    key = next(word for word in page.split() if word.startswith("aa_"))
    assert ApiKey.digest_of(key) == issued.digest
    again = client.get(f"/admin/governance/apikey/{issued.pk}/change/").content.decode()
    assert key not in again
    assert issued.digest not in again
    assert AuditEvent.objects.filter(action="api_key.create").count() == 1


def test_a_revoked_key_stops_working(client: Client, root: User, ana: User) -> None:
    key = ApiKey.issue(ana)
    chosen = {"action": "revoke", "_selected_action": [ApiKey.objects.get().pk]}
    client.post("/admin/governance/apikey/", chosen)
    assert not ApiKey.objects.live().exists()
    assert Client().get("/api/v1/documents", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert AuditEvent.objects.filter(action="api_key.revoke").exists()


def test_giving_the_hr_role_in_the_console_opens_the_console(client: Client, root: User, ana: User) -> None:
    fields = {"email": ana.email, "name": "Ana", "is_active": "on", "groups": [ensure_roles()["HR"].pk]}
    assert client.post(f"/admin/governance/user/{ana.pk}/change/", fields).status_code == 302
    ana.refresh_from_db()
    assert ana.is_staff
    assert AuditEvent.objects.get(action="user.change").target == ana.email


def test_a_person_is_added_with_a_password(client: Client, root: User) -> None:
    password = "a-long-password-1"
    fields = {"email": "Dora@acme.example", "password1": password, "password2": password}
    assert client.post("/admin/governance/user/add/", fields).status_code == 302
    assert client.login(username="dora@acme.example", password=password)


def test_the_right_to_change_users_is_not_the_right_to_all(client: Client, root: User, team: Group) -> None:
    helper = make_user("helper@acme.example", is_staff=True)
    permissions = Permission.objects.filter(content_type__app_label="governance", codename__endswith="_user")
    helper.user_permissions.set(permissions)
    client.force_login(helper)
    assert client.post(f"/admin/governance/user/{root.pk}/password/", {}).status_code == 403
    fields = {"email": helper.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    client.post(f"/admin/governance/user/{helper.pk}/change/", fields)
    helper.refresh_from_db()
    assert not helper.is_superuser


def test_the_record_is_only_read(client: Client, root: User) -> None:
    event = AuditEvent.objects.create(action="document.upload", target="a.md", details={"audience": ["Everyone"]})
    assert "a.md" in client.get("/admin/governance/auditevent/").content.decode()
    assert client.get("/admin/governance/auditevent/add/").status_code == 403
    assert client.post(f"/admin/governance/auditevent/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/governance/inference/").status_code == 200


def test_the_console_uses_the_site_s_own_sign_in(client: Client, cleo: User) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/sign-in/?next=/admin/"
    client.force_login(cleo)
    assert client.get("/admin/", follow=True).status_code == 403
