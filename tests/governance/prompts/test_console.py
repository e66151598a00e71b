"""Prompts in the console: what each person sees, and every step through the pages."""

from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.prompts.versions.models import Prompt, PromptVersion
from governance.prompts.versions.services import reject
from tests.governance.prompts.versions import (
    make_approved,
    make_approver,
    make_author,
    make_both,
    make_draft,
    make_submitted,
)

pytestmark = pytest.mark.django_db
VERSIONS = "/admin/governance/promptversion/"
TEXT = "Make the question stand alone."
FILLED: dict[str, Any] = {
    "text": TEXT,
    "tier": "fast",
    "temperature": "0",
    "max_output_tokens": "300",
    "change_note": "Shorter.",
    "level": "",
    "level_reason": "",
}


@pytest.fixture
def ada() -> User:
    return make_author()


@pytest.fixture
def bob() -> User:
    return make_approver()


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(version: PromptVersion, person: User) -> str:
    return as_(person).get(f"{VERSIONS}{version.pk}/change/").content.decode()


def do(act: str, version: PromptVersion, person: User, **given: str) -> int:
    return as_(person).post(f"{VERSIONS}{version.pk}/do/{act}/", given).status_code


def state_of(version: PromptVersion) -> str:
    return PromptVersion.objects.get(pk=version.pk).state


def test_the_lists_show_what_is_in_force_and_what_waits(ada: User) -> None:
    version = make_submitted(ada)
    prompts = as_(ada).get("/admin/governance/prompt/").content.decode()
    assert "Makes a question that leans on the conversation stand alone" in prompts
    versions = as_(ada).get(VERSIONS, {"prompt__name__exact": "condense"}).content.decode()
    assert version.label in versions
    assert "answer@1.0.0" not in versions


def test_a_draft_is_written_submitted_and_approved_through_the_pages(ada: User, bob: User) -> None:
    as_(ada).post(f"{VERSIONS}add/?prompt=condense", FILLED)
    version = PromptVersion.objects.get(state="draft")
    assert (version.author, version.label, version.text) == (ada, "condense@2.0.0", TEXT)
    do("submit", version, ada)
    assert do("approve", version, bob, seen=version.sha256, text="Fine.") == 302
    assert state_of(version) == "approved"


def test_the_editor_begins_with_the_released_text_or_with_another(ada: User) -> None:
    other = make_draft(ada)
    client = as_(ada)
    assert "Put in what words like" in client.get(f"{VERSIONS}add/?prompt=condense").content.decode()
    assert TEXT in client.get(f"{VERSIONS}add/?prompt=condense&from={other.pk}").content.decode()
    assert client.get(f"{VERSIONS}add/").headers["Location"] == "/admin/governance/prompt/"


def test_what_is_wrong_stands_at_the_text_and_nothing_is_kept(ada: User) -> None:
    page = as_(ada).post(f"{VERSIONS}add/?prompt=condense", {**FILLED, "text": "One\n{{ secret.key }}"})
    assert "Line 2, column 1" in page.content.decode()
    assert not PromptVersion.objects.filter(state="draft").exists()


def test_the_editor_says_while_one_writes_what_the_text_is_worth(ada: User) -> None:
    live = f"{VERSIONS}live/summary/"
    missing = as_(ada).post(live, {**FILLED, "change_note": ""}).content.decode()
    assert "needs {{ words }}" in missing
    good = as_(ada).post(live, {**FILLED, "text": "In {{ words }} words.", "change_note": ""}).content.decode()
    assert "The change is <strong>major</strong>" in good
    assert "Tokens" in good


def test_a_draft_is_changed_by_its_author_only(ada: User) -> None:
    version = make_draft(ada)
    edit = f"{VERSIONS}{version.pk}/edit/"
    as_(ada).post(edit, {**FILLED, "text": "Other words.", "seen": version.sha256})
    assert PromptVersion.objects.get(pk=version.pk).text == "Other words."
    for other in (make_author("otto@acme.example"), User.objects.create_superuser("root@acme.example", "x")):
        assert as_(other).post(edit, {**FILLED, "seen": version.sha256}).status_code == 403


def test_a_draft_that_changed_meanwhile_is_not_overwritten(ada: User) -> None:
    version = make_draft(ada)
    page = as_(ada).post(f"{VERSIONS}{version.pk}/edit/", {**FILLED, "text": "Mine.", "seen": "older"})
    assert "changed meanwhile" in page.content.decode()
    assert PromptVersion.objects.get(pk=version.pk).text == TEXT


def test_what_is_no_draft_has_no_editor(ada: User) -> None:
    version = make_submitted(ada)
    assert as_(ada).get(f"{VERSIONS}{version.pk}/edit/").status_code == 403


def test_the_review_shows_what_changes(ada: User, bob: User) -> None:
    page = page_of(make_submitted(ada), bob)
    assert "condense@1.0.0 · released" in page
    assert "<del>" in page
    assert "<ins>" in page
    assert "a rule is gone" in page
    assert ">Approve<" in page


def test_markup_in_a_prompt_or_comment_stays_text(ada: User, bob: User) -> None:
    version = make_submitted(ada, "<script>alert(1)</script> Make it stand alone.")
    do("comment", version, bob, text="<img src=x>")
    page = page_of(version, bob)
    assert "<script>alert" not in page
    assert "&lt;img src=x&gt;" in page


@pytest.mark.parametrize("by", ["author_and_approver", "superuser"])
def test_the_author_can_t_approve_neither_by_button_nor_by_address(by: str) -> None:
    author = make_both() if by == "author_and_approver" else User.objects.create_superuser("root@acme.example", "x")
    version = make_submitted(author)
    page = page_of(version, author)
    assert ">Approve<" not in page
    assert "You wrote this version" in page
    assert do("approve", version, author, seen=version.sha256) == 403
    assert do("reject", version, author, text="No.") == 403
    assert state_of(version) == "in_review"


STEPS = {
    "submit": "draft",
    "discard": "draft",
    "withdraw": "in_review",
    "approve": "in_review",
    "reject": "in_review",
    "retire": "approved",
    "comment": "in_review",
}


def version_in(state: str, author: User, approver: User) -> PromptVersion:
    make = {"draft": make_draft, "in_review": make_submitted}.get(state)
    return make(author) if make else make_approved(author, approver)


@pytest.mark.parametrize(("act", "state"), STEPS.items())
def test_cleo_and_hr_can_do_nothing(act: str, state: str, ada: User, bob: User, cleo: User) -> None:
    version = version_in(state, ada, bob)
    clerk = User.objects.create_user("hr@acme.example", "a-long-password-1", is_staff=True)
    for nobody in (cleo, clerk):
        assert do(act, version, nobody, seen=version.sha256, text="x") in {302, 403}
        assert as_(nobody).get(f"{VERSIONS}{version.pk}/change/", follow=True).status_code == 403
    assert state_of(version) == state
    assert not version.comments.exists()


@pytest.mark.parametrize(("act", "state"), STEPS.items())
def test_the_wrong_role_gets_no_further(act: str, state: str, ada: User, bob: User) -> None:
    version = version_in(state, ada, bob)
    if act == "comment":
        return
    wrong = ada if act in {"approve", "reject", "retire"} else bob
    assert do(act, version, wrong, seen=version.sha256, text="x") == 403
    assert state_of(version) == state


def test_django_s_own_pages_change_nothing(ada: User) -> None:
    root = as_(User.objects.create_superuser("root@acme.example", "x"))
    version = make_submitted(ada)
    root.post(f"{VERSIONS}{version.pk}/change/", {"state": "released", "text": "Mine"})
    assert root.post(f"{VERSIONS}{version.pk}/delete/", {"post": "yes"}).status_code == 403
    version.refresh_from_db()
    assert (version.state, version.text) == ("in_review", TEXT)


def test_a_rejection_takes_a_reason_and_shows_it(ada: User, bob: User) -> None:
    version = make_submitted(ada)
    do("reject", version, bob, text="")
    assert state_of(version) == "in_review"
    reject(version=version, actor=bob, reason="It lost its sources.")
    assert "It lost its sources." in page_of(version, ada)


def test_the_page_of_the_released_version_shows_its_text(ada: User) -> None:
    shipped = Prompt.objects.get(pk="condense").released
    assert shipped
    page = page_of(shipped, ada)
    assert "Change nothing else." in page
    assert "AskAcme" in page
