"""Policies, reviews and alerts in the console."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from governance.guardrails.policies.dry_run import run
from governance.guardrails.policies.live import live
from governance.guardrails.policies.models import DryRun, GuardPolicy
from governance.guardrails.policies.services import draft
from governance.guardrails.policy import policy_for
from governance.guardrails.reviews.models import AbuseAlert, GuardReview
from governance.guardrails.values import Action
from tests.cast import make_user
from tests.governance.guards import Says

pytestmark = pytest.mark.django_db(transaction=True)
POLICIES = "/admin/governance/guardpolicy/"
REVIEWS = "/admin/governance/guardreview/"
ALERTS = "/admin/governance/abusealert/"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The worker does what it is given before the page is there."""
    delay = lambda pk: run(pk, guards=[Says()])  # noqa: E731
    monkeypatch.setattr("governance.guardrails.policies.services.dry_run.delay", delay)
    live.forget()
    yield
    live.forget()


@pytest.fixture
def sam(client: Client) -> Client:
    """Of the Security role, and nothing more."""
    client.force_login(make_user("sam@acme.example", ensure_roles()["Security"], is_staff=True))
    return client


def saved(policy: GuardPolicy, **changes: str) -> dict[str, str]:
    """The form of a draft as its page sends it; rules by their names."""
    data: dict[str, str] = {
        "note": policy.note,
        "is_reversible": "on",
        "max_answer_chars": "8000",
        "alert_after": "5",
        "alert_within_min": "10",
        "hidden": "",
        "allowed": "",
    }
    for place, about in enumerate(["question", "personal", "answer", "document"]):
        prefix = "rules" if place == 0 else f"rules-{place + 1}"
        rules = list(policy.rules.filter(about=about))
        data |= {f"{prefix}-TOTAL_FORMS": str(len(rules)), f"{prefix}-INITIAL_FORMS": str(len(rules))}
        for n, rule in enumerate(rules):
            data |= {
                f"{prefix}-{n}-id": str(rule.pk),
                f"{prefix}-{n}-policy": str(policy.pk),
                f"{prefix}-{n}-action": changes.get(rule.name, rule.action),
            }
            if about == "question":
                data[f"{prefix}-{n}-threshold"] = str(rule.threshold)
    return {**data, **{name: value for name, value in changes.items() if name in data}}


def test_a_draft_is_begun_edited_tried_and_made_live(sam: Client) -> None:
    sam.post(f"{POLICIES}draft/", {"group": "", "note": "Only warn of harm"})
    policy = GuardPolicy.objects.get()
    address = f"{POLICIES}{policy.pk}/"
    page = sam.get(f"{address}change/").content.decode()
    assert "harm and harassment" in page
    assert "card number" in page

    sam.post(f"{address}change/", saved(policy, harm="warn", max_answer_chars="3000"))
    assert AuditEvent.objects.filter(action="guard_policy.change", target="default@1").exists()
    assert "Run the dry run first" in sam.post(f"{address}live/", follow=True).content.decode()

    assert "0 questions of the last seven days" in sam.post(f"{address}dry-run/", follow=True).content.decode()
    assert "is live" in sam.post(f"{address}live/", follow=True).content.decode()
    live.forget()
    found = policy_for(frozenset())
    assert (found.version, found.inputs["harm"].action, found.max_answer_chars) == ("default@1", Action.WARN, 3000)


def test_an_edit_makes_the_dry_run_old(sam: Client, ana: User) -> None:
    policy = draft(actor=ana, group=None, note="An attempt")
    address = f"{POLICIES}{policy.pk}/"
    sam.post(f"{address}dry-run/")
    sam.post(f"{address}change/", saved(policy, harm="allow"))
    assert "Run the dry run first" in sam.post(f"{address}live/", follow=True).content.decode()


def test_what_is_live_is_only_read(sam: Client, ana: User) -> None:
    policy = draft(actor=ana, group=None, note="An attempt")
    GuardPolicy.objects.update(state="live", live_at=timezone.now())
    assert sam.post(f"{POLICIES}{policy.pk}/change/", saved(policy, harm="allow")).status_code == 403
    assert sam.post(f"{POLICIES}{policy.pk}/delete/", {"post": "yes"}).status_code == 403
    assert policy.rules.get(name="harm").action == "block"


def test_a_version_like_an_old_one(sam: Client, ana: User, team: Group) -> None:
    policy = draft(actor=ana, group=team, note="An attempt")
    GuardPolicy.objects.update(state="retired", live_at=timezone.now())
    sam.post(f"{POLICIES}draft/", {"like": str(policy.pk), "note": "Back"})
    assert GuardPolicy.objects.get(state="draft").label == "team-a@2"


def test_a_draft_without_a_reason_is_refused_in_words(sam: Client) -> None:
    assert "what changes" in sam.post(f"{POLICIES}draft/", {"note": ""}, follow=True).content.decode()
    assert not GuardPolicy.objects.exists()


def test_others_neither_see_nor_do_anything(client: Client, cleo: User, ana: User) -> None:
    policy = draft(actor=ana, group=None, note="An attempt")
    client.force_login(cleo)
    for address in (POLICIES, REVIEWS, ALERTS):
        assert client.get(address, follow=True).status_code == 403
    for address in ("draft/", f"{policy.pk}/dry-run/", f"{policy.pk}/live/", f"{policy.pk}/retire/"):
        assert client.post(f"{POLICIES}{address}", {"note": "x"}, follow=True).status_code == 403
    assert GuardPolicy.objects.get().state == "draft"
    assert not DryRun.objects.exists()


def test_whoever_may_only_look_does_nothing(client: Client, ana: User) -> None:
    policy = draft(actor=ana, group=None, note="An attempt")
    looker = make_user("lou@acme.example", is_staff=True)
    looker.user_permissions.add(permission("view_guardpolicy"))
    client.force_login(looker)
    assert client.get(f"{POLICIES}{policy.pk}/change/").status_code == 200
    assert client.get(f"{POLICIES}{policy.pk}/dry-run/").status_code == 200
    assert client.post(f"{POLICIES}{policy.pk}/dry-run/").status_code == 403


def permission(codename: str) -> Any:
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=codename)


def review_of(user: User, **fields: Any) -> GuardReview:
    given = {"guard": "injection", "code": "injection.override", "question": "How do I <b>override</b> a booking?"}
    return GuardReview.objects.create(request_id=uuid4(), user=user, **{**given, **fields})


def test_a_review_is_decided_with_a_note(sam: Client, ana: User) -> None:
    review = review_of(ana, comment="It is a booking.")
    page = sam.get(f"{REVIEWS}{review.pk}/change/").content.decode()
    assert "It is a booking." in page
    assert "&lt;b&gt;override" in page
    assert ana.email not in page
    sam.post(f"{REVIEWS}{review.pk}/decide/", {"outcome": "overturned", "note": "You were right."})
    review.refresh_from_db()
    assert (review.outcome, review.note) == ("overturned", "You were right.")
    assert (
        "decided this already"
        in sam.post(f"{REVIEWS}{review.pk}/decide/", {"outcome": "upheld"}, follow=True).content.decode()
    )


def test_overturned_ones_are_exported(sam: Client, ana: User) -> None:
    now = timezone.now()
    rows = [review_of(ana, outcome="overturned", decided_at=now), review_of(ana)]
    response = sam.post(REVIEWS, {"action": "export_examples", "_selected_action": [str(review.pk) for review in rows]})
    assert response["Content-Type"].startswith("application/jsonl")
    assert response.content.decode().count("\n") == 1
    assert AuditEvent.objects.filter(action="guard_review.export").exists()


def test_an_alert_s_page_acknowledges_it(sam: Client, ana: User) -> None:
    alert = AbuseAlert.objects.create(user=ana, attacks=5, latest_at=timezone.now(), codes=["injection.override"])
    page = sam.get(f"{ALERTS}{alert.pk}/change/").content.decode()
    assert "injection.override" in page
    assert "Acknowledge" in page


def test_an_alert_is_acknowledged(sam: Client, ana: User) -> None:
    alert = AbuseAlert.objects.create(user=ana, attacks=5, latest_at=timezone.now(), codes=["injection.override"])
    assert ana.email in sam.get(ALERTS).content.decode() or str(ana) in sam.get(ALERTS).content.decode()
    sam.post(ALERTS, {"action": "acknowledge_selected", "_selected_action": [str(alert.pk)]})
    alert.refresh_from_db()
    assert alert.acknowledged_by is not None
    assert AuditEvent.objects.filter(action="abuse.acknowledge").exists()
