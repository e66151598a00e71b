"""Prompts over HTTP."""

from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.prompts.versions.models import PromptVersion
from tests.cast import bearer
from tests.governance.prompts.versions import (
    make_approved,
    make_approver,
    make_author,
    make_both,
    make_draft,
    make_submitted,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/prompts"
DRAFT = {"text": "Make the question stand alone.", "change_note": "Shorter.", "max_output_tokens": 300}


@pytest.fixture
def ada() -> User:
    return make_author()


@pytest.fixture
def bob() -> User:
    return make_approver()


def call(person: User, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    ask = getattr(Client(), method)
    return ask(f"{API}{path}", data=body or {}, content_type="application/json", headers=bearer(person))


def path_of(version: PromptVersion, act: str = "") -> str:
    return f"/{version.prompt_id}/versions/{version.number}{act}"


def test_the_list_tells_what_is_released_and_what_a_text_may_use(ada: User) -> None:
    found = {prompt["name"]: prompt for prompt in Client().get(API, headers=bearer(ada)).json()}
    assert found["summary"]["released"] == "1.0.0"
    assert found["summary"]["required"] == ["words"]


def test_a_draft_goes_through_review_over_http(ada: User, bob: User) -> None:
    made = call(ada, "post", "/condense/versions", DRAFT)
    assert (made.status_code, made.json()["version"], made.json()["state"]) == (201, "2.0.0", "draft")
    edit = {**DRAFT, "text": "Put in what is missing.", "sha256": made.json()["sha256"]}
    assert call(ada, "put", "/condense/versions/2.0.0", edit).json()["text"] == edit["text"]
    submitted = call(ada, "post", "/condense/versions/2.0.0/submit").json()
    approved = call(bob, "post", "/condense/versions/2.0.0/approve", {"sha256": submitted["sha256"]}).json()
    assert (approved["state"], approved["approved_by"]) == ("approved", bob.email)
    assert AuditEvent.objects.filter(target="condense@2.0.0").count() == 4


def test_what_is_wrong_with_a_text_is_a_problem_with_a_code(ada: User) -> None:
    answer = call(ada, "post", "/condense/versions", {**DRAFT, "text": "{{ a.b }}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_template")
    assert "Line 1, column 1" in answer.json()["detail"]


def test_an_approval_of_something_else_is_a_conflict(ada: User, bob: User) -> None:
    answer = call(bob, "post", path_of(make_submitted(ada), "/approve"), {"sha256": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


STEPS: dict[str, tuple[str, str, dict[str, str]]] = {
    "edit": ("draft", "put", {}),
    "discard": ("draft", "delete", {}),
    "submit": ("draft", "post", {}),
    "withdraw": ("in_review", "post", {}),
    "approve": ("in_review", "post", {"sha256": "x"}),
    "reject": ("in_review", "post", {"reason": "x"}),
    "retire": ("approved", "post", {}),
}


@pytest.mark.parametrize("act", STEPS)
def test_each_step_takes_its_role(act: str, ada: User, bob: User, cleo: User) -> None:
    state, method, body = STEPS[act]
    make = {"draft": make_draft, "in_review": make_submitted}.get(state)
    version = make(ada) if make else make_approved(ada, bob)
    body = {**DRAFT, "sha256": "x"} if act == "edit" else body  # type: ignore[dict-item]
    address = path_of(version, "" if act in {"edit", "discard"} else f"/{act}")
    wrong = ada if act in {"approve", "reject", "retire"} else bob
    assert {call(who, method, address, body).status_code for who in (wrong, cleo)} == {403}
    assert PromptVersion.objects.get(pk=version.pk).state == state


def test_nobody_approves_their_own_over_http_not_even_a_superuser() -> None:
    for author in (make_both(), User.objects.create_superuser("root@acme.example", "x")):
        version = make_submitted(author)
        answer = call(author, "post", path_of(version, "/approve"), {"sha256": version.sha256})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_cleo_sees_nothing(cleo: User, ada: User) -> None:
    version = make_draft(ada)
    paths = ("", "/condense/versions", path_of(version))
    assert {Client().get(f"{API}{path}", headers=bearer(cleo)).status_code for path in paths} == {403}


def test_what_is_not_there_is_404(ada: User) -> None:
    paths = ("/greeting/versions", "/condense/versions/9.9.9")
    assert {Client().get(f"{API}{path}", headers=bearer(ada)).status_code for path in paths} == {404}
