"""The trace of one answer: each stage, each attempt at a model, what was decided; for auditors only."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.errors import NotFound
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditedAnswer
from governance.audit.trace import Step, trace_of
from governance.audit.trace_page import WIDTH, bars
from governance.disclosure.services import break_glass
from tests.cast import bearer, make_user
from tests.governance.answers_on_record import make_answer, make_call

pytestmark = pytest.mark.django_db
WORDS = ("What may a hotel cost?", "120 euros a night", "merger plans")


@pytest.fixture
def auditor(db: None) -> User:
    return make_user("ada@acme.example", ensure_roles()["Auditors"], is_staff=True)


@pytest.fixture
def answer(ana: User) -> AuditedAnswer:
    return make_answer(ana, model="acme-1", prompt_version="hr@7", policy="default@3", verdict="block")


@pytest.fixture
def seen(client: Client, auditor: User) -> Client:
    client.force_login(auditor)
    return client


def page_of(client: Client, answer: AuditedAnswer) -> str:
    return client.get(f"/admin/governance/auditedanswer/trace/{answer.request_id}/").content.decode()


def test_each_stage_stands_with_its_verdicts(seen: Client, answer: AuditedAnswer) -> None:
    page = page_of(seen, answer)
    for told in ("screen", "retrieve", "respond", "injection.override", "0.97", "hr@7", "default@3", "Travel policy"):
        assert told in page
    assert "from 52 to 952 ms" in page


def test_calls_stand_among_the_stages_by_when_they_began(auditor: User, answer: AuditedAnswer) -> None:
    began = answer.asked_at + timedelta(milliseconds=100)
    make_call(answer.request_id, created_at=began, status="error", fault="timeout", http_status=504, waited_ms=30)
    make_call(answer.request_id, created_at=began + timedelta(milliseconds=300), attempt=2, reason="next")
    trace = trace_of(reader=auditor, request_id=answer.request_id)
    assert [step.name for step in trace.steps] == ["screen", "retrieve", "respond", "answer", "answer"]
    assert [(step.start_ms, step.ms) for step in trace.steps if step.call] == [(70, 330), (400, 300)]


def test_a_failed_attempt_says_how_it_failed_and_what_was_paid(seen: Client, answer: AuditedAnswer) -> None:
    make_call(answer.request_id, status="error", fault="timeout", http_status=504)
    make_call(answer.request_id, attempt=2, reason="next")
    page = page_of(seen, answer)
    assert "timeout (HTTP 504)" in page
    assert "2: next" in page
    assert "$0.004000" in page


def test_words_are_not_shown_until_the_glass_is_broken(
    seen: Client, auditor: User, ana: User, answer: AuditedAnswer
) -> None:
    page = page_of(seen, answer)
    assert not any(word in page for word in WORDS)
    assert f"/admin/governance/reading/open/?request_id={answer.request_id}" in page
    break_glass(actor=auditor, owner=ana, request_ids=[answer.request_id], reason="Complaint 4711 about hotels")
    page = page_of(seen, answer)
    assert all(word in page for word in WORDS)


def test_the_api_tells_the_same(auditor: User, ana: User, answer: AuditedAnswer) -> None:
    make_call(answer.request_id, waited_ms=5)
    client, address = Client(headers=bearer(auditor)), f"/api/v1/answers/{answer.request_id}/trace"
    told = client.get(address).json()
    assert told["user"] == "ana@acme.example"
    assert told["cost_usd"] == "0.00200000"
    assert told["steps"][0]["verdicts"][0]["code"] == "injection.override"
    assert [step["call"]["waited_ms"] for step in told["steps"] if step["kind"] == "call"] == [5]
    assert told["answer"]["passages"][0]["title"] == "Travel policy"
    assert not any(word in str(told) for word in WORDS)
    break_glass(actor=auditor, owner=ana, request_ids=[answer.request_id], reason="Complaint 4711 about hotels")
    told = client.get(address).json()
    assert all(word in str(told) for word in WORDS)


@pytest.mark.parametrize("who", ["ana", "ben", "cleo", "a manager", "nobody"])
def test_to_all_others_there_is_no_such_answer(
    client: Client, answer: AuditedAnswer, who: str, request: pytest.FixtureRequest
) -> None:
    """To the person who asked, too: their own answer is in their chat."""
    page, api = (
        f"/admin/governance/auditedanswer/trace/{answer.request_id}/",
        f"/api/v1/answers/{answer.request_id}/trace",
    )
    if who == "nobody":
        assert client.get(page).status_code == 302
        assert client.get(api).status_code == 401
        return
    manager = "a manager"
    user = (
        make_user("mia@acme.example", ensure_roles()["Managers"], is_staff=True)
        if who == manager
        else request.getfixturevalue(who)
    )
    client.force_login(user)
    assert client.get(page, follow=True).status_code == (404 if who == manager else 403)
    response = client.get(api)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_superusers_see_traces_too(client: Client, answer: AuditedAnswer) -> None:
    client.force_login(make_user("boss@acme.example", is_staff=True, is_superuser=True))
    assert "injection.override" in page_of(client, answer)


def test_of_an_unknown_number_there_is_nothing(seen: Client, auditor: User) -> None:
    unknown = uuid4()
    with pytest.raises(NotFound):
        trace_of(reader=auditor, request_id=unknown)
    assert seen.get(f"/admin/governance/auditedanswer/trace/{unknown}/").status_code == 404


def test_calls_without_an_answer_have_a_trace_as_well(seen: Client, ana: User) -> None:
    call = make_call(uuid4(), user=ana, purpose="evaluation")
    page = seen.get(f"/admin/governance/auditedanswer/trace/{call.request_id}/").content.decode()
    assert "No answer is on record under this id" in page
    assert "acme-1" in page


def test_the_person_may_be_gone(seen: Client, ana: User, answer: AuditedAnswer) -> None:
    User.objects.filter(pk=ana.pk).delete()
    assert "somebody who is gone" in page_of(seen, answer)


@given(
    spans=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1),
    total=st.integers(1, 10_000),
)
def test_every_bar_is_seen_and_stays_in_the_drawing(spans: list[tuple[int, int]], total: int) -> None:
    longest = max(total, *(start + ms for start, ms in spans))
    for bar in bars([Step("s", start, ms) for start, ms in spans], longest):
        assert bar.works > 0
        assert 0 <= bar.x <= bar.works_from + bar.works <= WIDTH
