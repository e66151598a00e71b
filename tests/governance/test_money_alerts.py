"""Those in charge hear once per period that a budget is nearly spent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.mail import EmailMessage
from pydantic import SecretStr
from pytest_django import Settings

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from governance.gateway.money.alerts import alert_where_due
from governance.gateway.money.services import settle
from governance.gateway.money.tasks import alert_budgets, sweep_holds
from tests.cast import make_user
from tests.governance.money import make_budget, must_hold

pytestmark = pytest.mark.django_db
NOVEMBER = datetime(2026, 11, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def mail_is_set_up(settings: Settings) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update={"email_url": SecretStr("smtp://mail.example")})


def spend(dollars: str, now: datetime = NOVEMBER) -> None:
    settle(must_hold(dollars, now=now), Decimal(dollars))


def told() -> list[str]:
    return [event.target for event in AuditEvent.objects.filter(action="budget.alert")]


def test_administrators_and_managers_are_told_at_the_set_share(
    ana: User, ben: User, mailoutbox: list[EmailMessage]
) -> None:
    manager, admin = make_user("mia@acme.example", ensure_roles()["Managers"]), make_user("adam@acme.example")
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    make_budget("100")
    spend("79.99")
    assert alert_where_due(now=NOVEMBER) == 0
    spend("0.01")
    assert alert_where_due(now=NOVEMBER) == 1
    assert sorted(mail.to[0] for mail in mailoutbox) == [admin.email, manager.email]
    assert mailoutbox[0].subject == "80 % of the budget for the company is spent"
    assert "($100.00 a month), $80.00 is spent since 1 November." in mailoutbox[0].body
    assert told() == ["the company, $100.00 a month"]


def test_they_are_told_once_per_period(mailoutbox: list[EmailMessage]) -> None:
    make_user("adam@acme.example", is_superuser=True)
    make_budget("100")
    spend("90")
    next_month = NOVEMBER + timedelta(days=30)
    assert [alert_where_due(now=NOVEMBER) for _ in range(3)] == [1, 0, 0]
    spend("90", next_month)
    assert [alert_where_due(now=next_month) for _ in range(2)] == [1, 0]
    assert len(mailoutbox) == 2


def test_a_day_that_ended_just_now_is_still_told_of_and_an_old_one_is_not() -> None:
    make_budget("100", period="day")
    spend("90", datetime(2026, 11, 10, 23, 59, tzinfo=UTC))
    assert alert_where_due(now=datetime(2026, 11, 11, 2, 0, tzinfo=UTC)) == 0
    assert alert_where_due(now=datetime(2026, 11, 11, 0, 1, tzinfo=UTC)) == 1


def test_without_mail_it_stands_in_the_record(settings: Settings, mailoutbox: list[EmailMessage]) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update={"email_url": SecretStr("")})
    make_user("adam@acme.example", is_superuser=True)
    make_budget("100")
    spend("80")
    assert alert_where_due(now=NOVEMBER) == 1
    assert (mailoutbox, len(told())) == ([], 1)


def test_a_mail_server_that_fails_stops_nobody(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_user("adam@acme.example", is_superuser=True)
    make_budget("100")
    spend("80")
    assert alert_where_due(now=NOVEMBER) == 1
    assert "could not be sent" in caplog.text


def test_the_tasks_run() -> None:
    make_budget("100")
    spend("90", datetime.now(UTC))
    sweep_holds()
    alert_budgets()
    assert len(told()) == 1
