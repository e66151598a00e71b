"""The life of a version: who may do what, from which state, and what the record says of it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connections

from askacme.lib.errors import AskAcmeError, Conflict, InvalidInput, NotAllowed
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.prompts.releases.services import release
from governance.prompts.versions.models import Prompt, PromptVersion
from governance.prompts.versions.services import (
    approve,
    comment,
    discard,
    draft,
    edit_draft,
    reject,
    retire,
    submit,
    withdraw,
)
from tests.cast import make_user
from tests.governance.prompts.versions import (
    content_of,
    make_approved,
    make_approver,
    make_author,
    make_both,
    make_draft,
    make_submitted,
)

pytestmark = pytest.mark.django_db
Act = Callable[[PromptVersion, User], object]

ACTS: dict[str, Act] = {
    "edit": lambda v, who: edit_draft(
        version=v, content=content_of("Other words here."), change_note="Other.", actor=who, seen=v.sha256
    ),
    "discard": lambda v, who: discard(version=v, actor=who),
    "submit": lambda v, who: submit(version=v, actor=who),
    "withdraw": lambda v, who: withdraw(version=v, actor=who),
    "approve": lambda v, who: approve(version=v, actor=who, seen=v.sha256),
    "reject": lambda v, who: reject(version=v, actor=who, reason="Too short."),
    "retire": lambda v, who: retire(version=v, actor=who),
    "release": lambda v, who: release(recipe_of=v, share=100, actor=who),
}


@pytest.fixture
def ada() -> User:
    return make_author()


@pytest.fixture
def bob() -> User:
    return make_approver()


def audited(version: PromptVersion) -> list[str]:
    return [*AuditEvent.objects.filter(target=version.label).order_by("pk").values_list("action", flat=True)]


def in_state(state: str, author: User, approver: User) -> PromptVersion:
    if state == "draft":
        return make_draft(author)
    if state == "in_review":
        return make_submitted(author)
    version = make_approved(author, approver)
    if state == "retired":
        retire(version=version, actor=approver)
    elif state == "released":
        release(recipe_of=version, share=100, actor=approver)
    return version


def test_a_version_goes_from_draft_to_released(ada: User, bob: User) -> None:
    version = make_draft(ada)
    submit(version=version, actor=ada)
    approve(version=version, actor=bob, seen=version.sha256, note="Reads well.")
    release(recipe_of=version, share=100, actor=bob)
    version.refresh_from_db()
    assert (version.state, version.approved_by) == ("released", bob)
    assert version.comments.get().text == "Reads well."
    assert audited(version) == [f"prompt_version.{done}" for done in ("draft", "submitted", "approved", "released")]


def test_the_version_that_was_released_before_is_retired_and_can_come_back(ada: User, bob: User) -> None:
    shipped = Prompt.objects.get(pk="condense").released
    assert shipped
    release(recipe_of=make_approved(ada, bob), share=100, actor=bob)
    shipped.refresh_from_db()
    assert shipped.state == "retired"
    release(recipe_of=shipped, share=100, actor=bob)
    assert Prompt.objects.get(pk="condense").released == shipped
    assert PromptVersion.objects.filter(prompt="condense", state="retired").count() == 1


def test_the_record_tells_before_and_after(ada: User) -> None:
    version = make_submitted(ada)
    details = AuditEvent.objects.get(action="prompt_version.submitted").details
    assert (details["before"]["state"], details["after"]["state"]) == ("draft", "in_review")
    assert details["after"]["sha256"] == version.sha256


ALLOWED = {
    "draft": {"edit", "discard", "submit"},
    "in_review": {"withdraw", "approve", "reject"},
    "approved": {"retire", "release"},
    "released": set(),
    "retired": {"release"},
}


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_works_from_its_states_only(state: str, act: str, ada: User, bob: User) -> None:
    version = in_state(state, ada, bob)
    who = ada if act in {"edit", "discard", "submit", "withdraw"} else bob
    if act in ALLOWED[state]:
        ACTS[act](version, who)
        return
    told = AuditEvent.objects.count()
    with pytest.raises(Conflict):
        ACTS[act](version, who)
    assert AuditEvent.objects.count() == told
    assert PromptVersion.objects.get(pk=version.pk).state == state


@pytest.mark.parametrize("act", ACTS)
def test_who_has_no_role_may_do_nothing(act: str, ada: User, bob: User, cleo: User) -> None:
    needs = next(state for state, acts in ALLOWED.items() if act in acts)
    version = in_state(needs, ada, bob)
    with pytest.raises(NotAllowed):
        ACTS[act](version, cleo)
    assert PromptVersion.objects.get(pk=version.pk).state == needs


@pytest.mark.parametrize("act", ["edit", "discard", "submit", "withdraw"])
def test_only_its_author_writes_a_version(act: str, ada: User) -> None:
    version = make_submitted(ada) if act == "withdraw" else make_draft(ada)
    for other in (make_author("otto@acme.example"), User.objects.create_superuser("root@acme.example", "x")):
        with pytest.raises(NotAllowed, match="Only its author"):
            ACTS[act](version, other)


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_nobody_judges_what_they_wrote(act: str) -> None:
    for author in (make_both(), User.objects.create_superuser("root@acme.example", "x")):
        version = make_submitted(author)
        with pytest.raises(NotAllowed, match="somebody else"):
            ACTS[act](version, author)


def test_the_database_knows_that_rule_too(ada: User) -> None:
    version = make_submitted(ada)
    with pytest.raises(IntegrityError, match="promptversion_author_is_not_approver"):
        PromptVersion.objects.filter(pk=version.pk).update(
            state="approved", approved_by=ada, approved_at=version.submitted_at
        )


@pytest.mark.parametrize("state", ["in_review", "approved", "released", "retired"])
@pytest.mark.parametrize("change", [{"text": "No rules."}, {"temperature": 1}, {"major": 9}, {"change_note": "?"}])
def test_what_is_no_draft_any_more_can_t_be_changed(state: str, change: dict[str, Any], ada: User, bob: User) -> None:
    version = in_state(state, ada, bob)
    with pytest.raises(IntegrityError, match="its content can't change"):
        PromptVersion.objects.filter(pk=version.pk).update(**change)


def test_an_approval_can_t_be_put_in_somebody_else_s_name(ada: User, bob: User) -> None:
    version = make_approved(ada, bob)
    with pytest.raises(IntegrityError, match="its content can't change"):
        PromptVersion.objects.filter(pk=version.pk).update(approved_by=make_approver("mia@acme.example"))


def test_what_is_no_draft_can_t_be_deleted(ada: User) -> None:
    with pytest.raises(IntegrityError, match="only drafts can be deleted"):
        make_submitted(ada).delete()


def test_what_is_approved_never_becomes_a_draft_again(ada: User, bob: User) -> None:
    version = make_approved(ada, bob)
    with pytest.raises(IntegrityError, match="can't go from approved to draft"):
        PromptVersion.objects.filter(pk=version.pk).update(state="draft", approved_at=None, approved_by=None)


def test_a_version_outlives_the_people_who_made_it(ada: User, bob: User) -> None:
    version = make_approved(ada, bob)
    ada.delete()
    bob.delete()
    version.refresh_from_db()
    assert (version.author, version.approved_by, version.state) == (None, None, "approved")


def test_an_approval_holds_for_the_text_that_was_seen(ada: User, bob: User) -> None:
    version = make_submitted(ada)
    seen = version.sha256
    withdraw(version=version, actor=ada)
    edit_draft(version=version, content=content_of("Anything goes."), change_note="X.", actor=ada, seen=seen)
    submit(version=version, actor=ada)
    with pytest.raises(Conflict, match="changed meanwhile"):
        approve(version=PromptVersion.objects.get(pk=version.pk), actor=bob, seen=seen)


def test_a_rejected_version_goes_back_to_its_author_with_the_reason(ada: User, bob: User) -> None:
    version = make_submitted(ada)
    reject(version=version, actor=bob, reason="It lost its sources.")
    assert (version.state, version.comments.get().verdict) == ("draft", "rejected")
    with pytest.raises(InvalidInput, match="Say why"):
        reject(version=version, actor=bob, reason=" ")


def test_whoever_may_look_may_comment(ada: User, bob: User, cleo: User) -> None:
    version = make_submitted(ada)
    comment(version=version, actor=bob, text="Why?")
    comment(version=version, actor=ada, text="It is shorter.")
    assert [said.author for said in version.comments.all()] == [bob, ada]
    with pytest.raises(NotAllowed):
        comment(version=version, actor=cleo, text="Hello?")


def test_the_number_follows_the_suggestion(ada: User) -> None:
    shipped = Prompt.objects.get(pk="condense").released
    assert shipped
    more = make_draft(ada, f"{shipped.text}\n5. Keep all dates as they are.")
    less = make_draft(ada, "Make it stand alone.")
    assert (str(more.number), more.level) == ("1.1.0", "minor")
    assert (str(less.number), less.level) == ("2.0.0", "major")


def test_two_drafts_never_share_a_number(ada: User) -> None:
    assert [str(make_draft(ada).number) for _ in range(3)] == ["2.0.0", "3.0.0", "4.0.0"]


def test_another_level_takes_a_reason(ada: User) -> None:
    prompt, content = Prompt.objects.get(pk="condense"), content_of("Make it stand alone.")
    with pytest.raises(InvalidInput, match="The change is major"):
        draft(prompt=prompt, content=content, change_note="X.", actor=ada, level="patch")
    version = draft(
        prompt=prompt, content=content, change_note="X.", actor=ada, level="patch", level_reason="Same rules, merged."
    )
    assert (str(version.number), version.level_reason) == ("1.0.1", "Same rules, merged.")


def test_a_number_that_was_overtaken_is_raised_when_it_is_submitted(ada: User, bob: User) -> None:
    late = make_draft(ada)
    release(recipe_of=make_approved(ada, bob, "Something quite different."), share=100, actor=bob)
    submit(version=late, actor=ada)
    assert str(late.number) == "4.0.0"


def test_what_says_the_same_as_the_released_one_is_not_submitted(ada: User) -> None:
    shipped = Prompt.objects.get(pk="condense").released
    assert shipped
    version = make_draft(ada, shipped.text)
    with pytest.raises(InvalidInput, match=r"Nothing differs from condense@1\.0\.0"):
        submit(version=version, actor=ada)


def test_a_draft_changed_in_another_tab_is_not_overwritten(ada: User) -> None:
    version = make_draft(ada)
    seen = version.sha256
    for text, fits in (("First change.", True), ("Second change.", False)):
        try:
            edit_draft(version=version, content=content_of(text), change_note="X.", actor=ada, seen=seen)
        except Conflict:
            assert not fits
    assert PromptVersion.objects.get(pk=version.pk).text == "First change."


def at_once(doings: list[Callable[[], object]]) -> list[str]:
    """Each in a thread of its own, begun at the same moment: "done", or the error's code."""
    gate = threading.Barrier(len(doings))

    def run(doing: Callable[[], object]) -> str:
        gate.wait(timeout=30)
        try:
            doing()
        except AskAcmeError as error:
            return error.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(doings)) as threads:
        return [*threads.map(run, doings)]


@pytest.mark.django_db(transaction=True)
def test_twenty_approvals_at_once_are_one(ada: User) -> None:
    version = make_submitted(ada)
    people = [make_approver(f"approver{n}@acme.example") for n in range(20)]
    outcomes = at_once([partial(approving, version, who) for who in people])
    assert sorted(outcomes) == ["conflict"] * 19 + ["done"]
    version.refresh_from_db()
    [event] = AuditEvent.objects.filter(action="prompt_version.approved")
    assert event.actor_id == version.approved_by_id


@pytest.mark.django_db(transaction=True)
def test_releases_of_several_versions_at_once_leave_one_released(ada: User, bob: User) -> None:
    versions = [make_approved(ada, bob, f"Text number {'i' * n} for this.") for n in range(1, 9)]
    outcomes = at_once([partial(releasing, version, bob) for version in versions])
    assert outcomes == ["done"] * 8
    assert PromptVersion.objects.filter(prompt="condense", state="released").count() == 1
    assert AuditEvent.objects.filter(action="prompt_version.released").count() == 8


def approving(version: PromptVersion, who: User) -> None:
    approve(version=found(version), actor=who, seen=version.sha256)


def releasing(version: PromptVersion, who: User) -> None:
    release(recipe_of=found(version), share=100, actor=who)


def found(version: PromptVersion) -> PromptVersion:
    return PromptVersion.objects.get(pk=version.pk)


def test_the_roles_are_apart() -> None:
    author, approver, nobody = make_author(), make_approver(), make_user("zoe@acme.example")
    rights = ["governance.add_promptversion", "governance.approve_promptversion", "governance.release_promptversion"]
    assert [[who.has_perm(right) for right in rights] for who in (author, approver, nobody)] == [
        [True, False, False],
        [False, True, True],
        [False, False, False],
    ]
