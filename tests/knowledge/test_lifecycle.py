"""When a document applies, when it is to be reviewed, and what readers are told."""

from datetime import date, timedelta
from itertools import pairwise
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr

from askacme.lib.errors import InvalidInput
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document
from knowledge.documents.reminders import remind_owners
from knowledge.documents.services import Lifecycle, change_lifecycle, mark_reviewed
from knowledge.documents.standing import warning_of
from tests.cast import upload_text

pytestmark = pytest.mark.django_db

LIST = "/admin/knowledge/document/"
DAY = date(2026, 3, 2)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Reminders are on; what was sent."""
    monkeypatch.setitem(settings.ASKACME.__dict__, "email_url", SecretStr("smtp://mail.acme.example"))
    monkeypatch.setitem(settings.ASKACME.__dict__, "public_url", "https://ask.acme.example")
    return mail.outbox


def make(path: str = "travel.md", title: str = "Travel", **fields: Any) -> Document:
    document = upload_text(f"# {title}", path=path, title=title, owner=fields.pop("owner", None)).document
    Document.objects.filter(pk=document.pk).update(**fields)
    document.refresh_from_db()
    return document


# What readers are told


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({}, ""),
        ({"review_on": DAY}, "Its review was due on 2 March 2026."),
        ({"review_on": DAY + timedelta(days=1)}, ""),
        ({"valid_until": DAY}, ""),
        ({"valid_until": date(2026, 2, 28)}, "No longer in force since 1 March 2026."),
        ({"valid_from": date(2026, 4, 1), "review_on": DAY}, "Not in force before 1 April 2026."),
    ],
)
def test_readers_are_warned_in_words(fields: dict[str, Any], warning: str) -> None:
    assert warning_of(make(**fields), Audience.nobody(), DAY) == warning


def test_what_took_its_place_is_named_only_to_those_who_may_see_it(team: Group, ana: User, cleo: User) -> None:
    newer = upload_text("# New", path="new.md", title="Travel 2026", groups=(team,)).document
    older = make(superseded_by=newer)
    assert warning_of(older, Audience.of(ana), DAY) == "Superseded by “Travel 2026”."
    assert warning_of(older, Audience.of(cleo), DAY) == "Superseded by a newer document."


# Changes


def test_a_change_is_on_record(hr: User) -> None:
    document = make()
    change_lifecycle(document=document, lifecycle=Lifecycle(valid_from=DAY, review_on=DAY), actor=hr)
    assert (Document.objects.get().valid_from, Document.objects.get().review_on) == (DAY, DAY)
    assert AuditEvent.objects.get(action="document.lifecycle").details == {
        "before": {"valid_from": None, "review_on": None},
        "after": {"valid_from": "2026-03-02", "review_on": "2026-03-02"},
    }


def test_no_change_leaves_no_trace() -> None:
    change_lifecycle(document=make(), lifecycle=Lifecycle(), actor=None)
    assert not AuditEvent.objects.filter(action="document.lifecycle").exists()


def test_a_document_does_not_end_before_it_begins() -> None:
    with pytest.raises(InvalidInput, match="end before it begins"):
        change_lifecycle(document=make(), lifecycle=Lifecycle(DAY, DAY - timedelta(days=1)), actor=None)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_documents_do_not_take_each_other_s_place(length: int) -> None:
    chain = [make(f"{n}.md", f"Part {n}") for n in range(length)]
    for older, newer in pairwise(chain):
        change_lifecycle(document=older, lifecycle=Lifecycle(superseded_by=newer), actor=None)
    with pytest.raises(InvalidInput, match="cannot be superseded"):
        change_lifecycle(document=chain[-1], lifecycle=Lifecycle(superseded_by=chain[0]), actor=None)


def form(document: Document, **fields: Any) -> dict[str, Any]:
    fixed = {"title": document.title, "audience": "everyone", "versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    return {**fixed, **fields}


def test_the_console_changes_it_and_says_what_cannot_be(console: Client) -> None:
    older, newer = make(), make("new.md", "New")
    url = f"{LIST}{older.pk}/change/"
    console.post(url, form(older, review_on="2026-03-02", superseded_by=newer.pk))
    older.refresh_from_db()
    assert (older.review_on, older.superseded_by) == (DAY, newer)
    page = console.post(f"{LIST}{newer.pk}/change/", form(newer, superseded_by=older.pk)).content.decode()
    assert "cannot be superseded by “Travel”" in page
    wrong = form(older, valid_from="2026-03-02", valid_until="2026-03-01")
    assert "would end before it begins" in console.post(url, wrong).content.decode()


def test_reviewed_sets_the_next_review_and_is_on_record(console: Client, hr: User) -> None:
    document = make(review_on=DAY, reminded_on=DAY)
    url, next_year = f"{LIST}{document.pk}/reviewed/", timezone.localdate() + timedelta(days=365)
    assert str(next_year) in console.get(url).content.decode()
    assert "Choose a day to come" in console.post(url, {"next_review": str(timezone.localdate())}).content.decode()
    console.post(url, {"next_review": str(next_year)})
    document.refresh_from_db()
    assert (document.review_on, document.reminded_on) == (next_year, None)
    assert AuditEvent.objects.get(action="document.review").actor == hr


def test_a_review_in_the_past_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a day to come"):
        mark_reviewed(document=make(), next_review=timezone.localdate(), actor=None)


def test_the_overview_and_the_list_show_what_is_due(console: Client) -> None:
    make(review_on=timezone.localdate())
    make("later.md", "Later", review_on=timezone.localdate() + timedelta(days=1))
    figures = {figure.name: figure.value for figure in console.get("/admin/").context["figures"]}
    assert figures["Due for review"] == "1"
    shown = console.get(f"{LIST}?review=due").context["cl"].result_list
    assert [document.title for document in shown] == ["Travel"]


# Reminders


def test_an_owner_gets_one_mail_about_all_that_is_due(mails: list[Any], ana: User) -> None:
    make(owner=ana, review_on=DAY)
    make("b.md", "Expenses", owner=ana, review_on=DAY - timedelta(days=3))
    make("c.md", "Later", owner=ana, review_on=DAY + timedelta(days=1))
    assert remind_owners(DAY) == 1
    (sent,) = mails
    assert (sent.to, sent.subject) == (["ana@acme.example"], "Please review 2 documents")
    assert "Travel (due on 2 March 2026)\n  https://ask.acme.example/" in sent.body
    assert "Later" not in sent.body


def test_nobody_is_reminded_twice_of_the_same_review(mails: list[Any], ana: User) -> None:
    document = make(owner=ana, review_on=DAY)
    assert [remind_owners(DAY), remind_owners(DAY + timedelta(days=1))] == [1, 0]
    Document.objects.filter(pk=document.pk).update(review_on=DAY + timedelta(days=30))
    assert remind_owners(DAY + timedelta(days=30)) == 1
    assert len(mails) == 2


def test_those_who_work_in_the_console_are_led_there(mails: list[Any], hr: User) -> None:
    document = make(owner=hr, review_on=DAY)
    remind_owners(DAY)
    assert f"https://ask.acme.example{LIST}{document.pk}/change/" in mails[0].body


def test_who_has_left_or_cannot_be_reached_is_not_noted(
    mails: list[Any], ana: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(owner=ana, review_on=DAY)
    make("b.md", "B", owner=ben, review_on=DAY)
    User.objects.filter(pk=ben.pk).update(is_active=False)

    def unreachable(*_: object) -> int:
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken:
        broken.setattr("knowledge.documents.reminders.send_mail", unreachable)
        assert remind_owners(DAY) == 0
    assert remind_owners(DAY) == 1


def test_without_a_mail_server_nothing_is_sent(ana: User) -> None:
    make(owner=ana, review_on=DAY)
    assert remind_owners(DAY) == 0
    assert mail.outbox == []
