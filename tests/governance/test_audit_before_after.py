"""What the console puts on record: who, what, before and after; and no secret."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.changes import HIDDEN
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.gateway.models import ModelProvider
from governance.gateway.money.models import Price
from tests.cast import make_user


@pytest.fixture
def chief(db: None, client: Client) -> User:
    user = make_user("chief@acme.example", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def latest(action: str) -> AuditEvent:
    return AuditEvent.objects.filter(action=action).latest("pk")


def person_form(user: User, **changed: object) -> dict[str, object]:
    rights = {"is_active": "on"} if user.is_active else {}
    return {"email": user.email, "name": user.name, "groups": [], **rights, **changed}


def test_a_changed_person_is_on_record_as_before_and_after(client: Client, chief: User, ana: User) -> None:
    url = reverse("admin:governance_user_change", args=[ana.pk])
    client.post(url, person_form(ana, name="Ana B."))
    act = latest("user.change")
    assert act.actor == chief
    assert act.details["before"] == {"name": "Ana", "groups": ["Team A"]}
    assert act.details["after"] == {"name": "Ana B."}


def test_a_secret_is_only_said_to_have_changed(client: Client, chief: User) -> None:
    fields = {"name": "acme", "kind": "openai", "base_url": "http://127.0.0.1:9/v1", "fast_model": "small"}
    provider = ModelProvider.objects.create(**fields, api_key="sk-old-key")
    form = {**fields, "position": 0, "timeout_s": 30, "streams": "on", "is_active": "on"}
    url = reverse("admin:governance_modelprovider_change", args=[provider.pk])
    client.post(url, {**form, "fast_model": "tiny", "new_api_key": "sk-new-key"})
    details = latest("model_provider.change").details
    assert details["before"] == {"fast_model": "small"}
    assert details["after"] == {"fast_model": "tiny", "new_api_key": HIDDEN}


def test_a_deleted_row_is_on_record_as_it_was(client: Client, chief: User) -> None:
    price = Price.objects.create(model="small", input_usd=Decimal("0.15"), output_usd=Decimal("0.6"))
    client.post(reverse("admin:governance_price_delete", args=[price.pk]), {"post": "yes"})
    before = latest("price.delete").details["before"]
    assert (before["model"], Decimal(before["input_usd"])) == ("small", Decimal("0.15"))


def test_a_new_password_is_on_record_without_the_password(client: Client, chief: User, ana: User) -> None:
    url = reverse("admin:auth_user_password_change", args=[ana.pk])
    client.post(url, {"password1": "correct-horse-77", "password2": "correct-horse-77", "usable_password": "true"})
    act = latest("user.change")
    assert act.target == ana.email
    assert "correct-horse" not in str(act.details)
    ana.refresh_from_db()
    assert ana.password not in str(act.details)


def test_django_s_own_history_holds_no_values(client: Client, chief: User, ana: User) -> None:
    from django.contrib.admin.models import LogEntry

    client.post(reverse("admin:governance_user_change", args=[ana.pk]), person_form(ana, name="Renamed"))
    assert "Renamed" not in LogEntry.objects.latest("pk").change_message
