"""What people do with releases: the pointer moves, and never points at two things."""

import pytest
from django.db import IntegrityError

from askacme.lib.errors import Conflict, InvalidInput, NotAllowed
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from governance.prompts.releases.models import Recipe, RecipePrompt, Release
from governance.prompts.releases.services import explain, promote, release, roll_back, take_back
from governance.prompts.versions.models import Prompt, PromptVersion
from governance.prompts.versions.services import retire
from tests.cast import make_user
from tests.governance.prompts.versions import make_approved, make_approver, make_author, make_submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_author()


@pytest.fixture
def bob() -> User:
    return make_approver()


@pytest.fixture
def max_(db: None) -> User:
    return make_user("max@acme.example", ensure_roles()["Managers"], is_staff=True)


def full() -> Release:
    return Release.objects.get(state="full")


def version_in_force(name: str = "condense") -> str:
    return str(full().recipe.versions.get(prompt=name))


def test_what_ships_is_released_for_everybody() -> None:
    shipped = full()
    assert (shipped.share, shipped.released_by) == (100, None)
    assert set(shipped.recipe.versions.all()) == set(PromptVersion.objects.filter(state="released"))


def test_a_version_takes_the_place_of_its_prompt_s_in_the_recipe(ada: User, bob: User) -> None:
    before = full()
    release(recipe_of=make_approved(ada, bob), share=100, actor=bob)
    assert version_in_force() == "condense@2.0.0"
    assert version_in_force("answer") == str(before.recipe.versions.get(prompt="answer"))
    before.refresh_from_db()
    assert before.state == "replaced"
    assert full().previous == before


def test_a_canary_leaves_the_rest_as_it_is(ada: User, bob: User) -> None:
    version, before = make_approved(ada, bob), full()
    canary = release(recipe_of=version, share=10, actor=bob, note="Shorter questions.")
    version.refresh_from_db()
    assert (canary.state, version.state, full()) == ("canary", "approved", before)


def test_a_canary_is_promoted_for_everybody(ada: User, bob: User) -> None:
    version = make_approved(ada, bob)
    canary = release(recipe_of=version, share=10, actor=bob)
    promote(release=canary, actor=bob)
    version.refresh_from_db()
    assert (full(), full().share, version.state) == (canary, 100, "released")


def test_one_canary_is_out_at_a_time(ada: User, bob: User) -> None:
    release(recipe_of=make_approved(ada, bob), share=10, actor=bob)
    other = make_approved(ada, bob, "Quite another text.")
    for share in (10, 100):
        with pytest.raises(Conflict, match="Promote it or roll it back first"):
            release(recipe_of=other, share=share, actor=bob)


def test_what_is_in_force_can_t_be_released_again(ada: User, bob: User) -> None:
    version = make_approved(ada, bob)
    release(recipe_of=version, share=100, actor=bob)
    with pytest.raises(Conflict, match="in force for everybody already"):
        release(recipe_of=version, share=10, actor=bob)


def test_only_approved_versions_are_released(ada: User, bob: User) -> None:
    with pytest.raises(Conflict, match=r"condense@2\.0\.0 can't be released: it is in review"):
        release(recipe_of=make_submitted(ada), share=10, actor=bob)
    assert Release.objects.count() == 1


@pytest.mark.parametrize("share", [0, 101, -1])
def test_a_share_lies_between_1_and_100(share: int, ada: User, bob: User) -> None:
    with pytest.raises(InvalidInput):
        release(recipe_of=make_approved(ada, bob), share=share, actor=bob)


def test_a_rollback_is_the_same_move_and_asks_nothing(ada: User, bob: User, max_: User) -> None:
    before, version = full(), make_approved(ada, bob)
    bad = release(recipe_of=version, share=100, actor=bob)
    now = roll_back(release=bad, actor=max_)
    assert (now, now.recipe) == (full(), before.recipe)
    assert version_in_force() == "condense@1.0.0"
    version.refresh_from_db()
    assert (bad.state, bad.wants_a_reason, version.state) == ("rolled_back", True, "retired")


def test_the_reason_is_asked_after(ada: User, bob: User, max_: User) -> None:
    bad = release(recipe_of=make_approved(ada, bob), share=100, actor=bob)
    roll_back(release=bad, actor=max_)
    explain(release=bad, reason="Half the answers lost their sources.", actor=max_)
    bad.refresh_from_db()
    assert bad.reason == "Half the answers lost their sources."
    with pytest.raises(Conflict, match="on record already"):
        explain(release=bad, reason="Something else.", actor=bob)


def test_two_rollbacks_go_two_releases_back(ada: User, bob: User) -> None:
    first = full().recipe
    release(recipe_of=make_approved(ada, bob, "The first new text."), share=100, actor=bob)
    release(recipe_of=make_approved(ada, bob, "Something quite different again."), share=100, actor=bob)
    roll_back(release=full(), actor=bob)
    assert version_in_force() == "condense@2.0.0"
    roll_back(release=full(), actor=bob)
    assert full().recipe == first
    with pytest.raises(Conflict, match="nothing to go back to"):
        roll_back(release=full(), actor=bob)
    assert full().recipe == first


def test_a_rollback_of_a_canary_touches_nobody_else(ada: User, bob: User, max_: User) -> None:
    before = full()
    canary = release(recipe_of=make_approved(ada, bob), share=10, actor=bob)
    assert roll_back(release=canary, actor=max_) == before
    assert canary.state == "rolled_back"


def test_a_canary_ends_with_the_release_it_was_made_beside(ada: User, bob: User) -> None:
    release(recipe_of=make_approved(ada, bob, "The first new text."), share=100, actor=bob)
    canary = release(recipe_of=make_approved(ada, bob, "Something quite different."), share=10, actor=bob)
    roll_back(release=full(), actor=bob)
    canary.refresh_from_db()
    assert canary.state == "rolled_back"
    assert "was rolled back" in canary.reason


def test_who_looks_at_an_old_page_is_told(ada: User, bob: User) -> None:
    bad = release(recipe_of=make_approved(ada, bob), share=100, actor=bob)
    roll_back(release=bad, actor=bob)
    for act in (roll_back, promote):
        with pytest.raises(Conflict, match="Look again"):
            act(release=bad, actor=bob)


def test_a_version_in_a_canary_can_t_be_retired(ada: User, bob: User) -> None:
    version = make_approved(ada, bob)
    release(recipe_of=version, share=10, actor=bob)
    with pytest.raises(Conflict, match="10 % of people have it"):
        retire(version=version, actor=bob)


def test_who_may_what(ada: User, bob: User, max_: User, cleo: User) -> None:
    """Authors watch, approvers release, managers roll back."""
    version = make_approved(ada, bob)
    for who in (ada, max_, cleo):
        with pytest.raises(NotAllowed):
            release(recipe_of=version, share=10, actor=who)
    canary = release(recipe_of=version, share=10, actor=bob)
    for who in (ada, max_, cleo):
        with pytest.raises(NotAllowed):
            promote(release=canary, actor=who)
    for who in (ada, cleo):
        with pytest.raises(NotAllowed):
            roll_back(release=canary, actor=who)
        with pytest.raises(NotAllowed):
            explain(release=canary, reason="No.", actor=who)
    roll_back(release=canary, actor=max_)


def test_each_move_is_on_record_with_before_and_after(ada: User, bob: User) -> None:
    first = release(recipe_of=make_approved(ada, bob), share=10, actor=bob)
    promote(release=first, actor=bob)
    roll_back(release=first, actor=bob)
    acts = AuditEvent.objects.filter(action__startswith="release.").order_by("pk")
    assert [act.action for act in acts] == ["release.begin", "release.promote", "release.begin", "release.roll_back"]
    assert [acts[1].details[side]["state"] for side in ("before", "after")] == ["canary", "full"]
    assert "condense@2.0.0" in acts[1].details["after"]["versions"]


def test_a_canary_that_is_taken_back_leaves_a_reason(ada: User, bob: User) -> None:
    canary = release(recipe_of=make_approved(ada, bob), share=10, actor=bob)
    take_back(release=canary, reason="Thumbs: between 3 and 14 points worse.")
    assert (canary.state, canary.ended_by) == ("taken_back", None)
    assert AuditEvent.objects.get(action="release.take_back").actor is None


def test_a_recipe_can_t_be_changed_by_anybody() -> None:
    recipe = full().recipe
    with pytest.raises(IntegrityError, match="a recipe can't be changed"):
        Recipe.objects.filter(pk=recipe.pk).update(sha256="0" * 64)


def test_a_released_recipe_gets_no_other_part(ada: User, bob: User) -> None:
    recipe = full().recipe
    Prompt.objects.create(name="other")
    with pytest.raises(IntegrityError, match="can't get another part"):
        RecipePrompt.objects.create(recipe=recipe, prompt_id="other", version=make_approved(ada, bob))


def test_what_has_ended_never_comes_back(ada: User, bob: User) -> None:
    bad = release(recipe_of=make_approved(ada, bob), share=10, actor=bob)
    roll_back(release=bad, actor=bob)
    with pytest.raises(IntegrityError, match="can't go from rolled_back to canary"):
        Release.objects.filter(pk=bad.pk).update(state="canary", ended_at=None)
