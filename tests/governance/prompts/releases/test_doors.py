"""Releases through the console's pages and over HTTP: every move, and who is refused."""

from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.prompts.releases.models import Release
from governance.prompts.releases.services import release, roll_back, take_back
from governance.prompts.versions.models import PromptVersion
from tests.cast import bearer, make_user
from tests.governance.prompts.releases.answers import make_answers, make_people
from tests.governance.prompts.versions import make_approved, make_approver, make_author

pytestmark = pytest.mark.django_db
PAGE = "/admin/governance/release/"
API = "/api/v1/releases"


@pytest.fixture
def ada() -> User:
    return make_author()


@pytest.fixture
def bob() -> User:
    return make_approver()


@pytest.fixture
def mia(db: None) -> User:
    return make_user("mia@acme.example", ensure_roles()["Managers"], is_staff=True)


@pytest.fixture
def version(ada: User, bob: User) -> PromptVersion:
    return make_approved(ada, bob)


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person: User, path: str = "") -> str:
    return as_(person).get(f"{PAGE}{path}").content.decode()


def do(act: str, release: Release, person: User, **given: str) -> int:
    return as_(person).post(f"{PAGE}{release.pk}/do/{act}/", given).status_code


def full() -> Release:
    return Release.objects.get(state="full")


def test_an_approved_version_is_released_from_its_page(version: PromptVersion, bob: User) -> None:
    assert f'action="{PAGE}begin/{version.pk}/"' in as_(bob).get(version.get_absolute_url()).content.decode()
    as_(bob).post(f"{PAGE}begin/{version.pk}/", {"share": "10", "note": "Look at the thumbs."})
    canary = Release.objects.get(state="canary")
    assert (canary.share, canary.note, canary.released_by) == (10, "Look at the thumbs.", bob)
    assert "a canary for 10 % of people" in page(bob)


def test_its_author_sees_no_release_button_and_can_t_post_one(version: PromptVersion, ada: User) -> None:
    assert f"{PAGE}begin/" not in as_(ada).get(version.get_absolute_url()).content.decode()
    assert as_(ada).post(f"{PAGE}begin/{version.pk}/", {"share": "10"}).status_code == 403


@pytest.mark.parametrize("share", ["", "0", "101", "ten", "1e1", "-5", "9" * 40])
def test_a_wrong_share_is_refused_with_words(share: str, version: PromptVersion, bob: User) -> None:
    answer = as_(bob).post(f"{PAGE}begin/{version.pk}/", {"share": share}, follow=True)
    assert answer.status_code == 200
    assert Release.objects.count() == 1


def test_one_click_rolls_back_and_then_the_page_asks_why(version: PromptVersion, bob: User, mia: User) -> None:
    first = full().recipe
    bad = release(recipe_of=version, share=100, actor=bob)
    assert f"Roll back to {first}" in page(mia)
    do("roll-back", bad, mia)
    assert full().recipe == first
    assert f"Why was {bad.recipe} rolled back?" in page(mia)
    do("explain", bad, mia, reason="Answers lost their sources.")
    shown = page(mia)
    assert "Answers lost their sources." in shown
    assert "Why was" not in shown


def test_a_second_click_on_an_old_page_changes_nothing(version: PromptVersion, bob: User) -> None:
    bad = release(recipe_of=version, share=100, actor=bob)
    do("roll-back", bad, bob)
    now = full()
    do("roll-back", bad, bob)
    assert full() == now


def test_a_canary_s_figures_stand_on_the_page_in_words(version: PromptVersion, bob: User) -> None:
    canary = release(recipe_of=version, share=10, actor=bob)
    make_answers(canary, "canary", make_people("c", 60), good=0.3)
    make_answers(canary, "rest", make_people("r", 200), good=0.8)
    shown = page(bob, f"{canary.pk}/figures/")
    assert "points worse" in shown
    assert f'hx-get="{PAGE}{canary.pk}/figures/"' in shown


def test_what_took_itself_back_says_why(version: PromptVersion, bob: User) -> None:
    canary = release(recipe_of=version, share=10, actor=bob)
    take_back(release=canary, reason="Thumbs up: between 3 and 14 points worse.")
    for shown in (page(bob), page(bob, f"{canary.pk}/change/")):
        assert "between 3 and 14 points worse" in shown


def test_a_manager_rolls_back_and_releases_nothing(version: PromptVersion, bob: User, mia: User) -> None:
    canary = release(recipe_of=version, share=10, actor=bob)
    shown = page(mia)
    assert "Roll back the canary" in shown
    assert "Promote to everybody" not in shown
    assert do("promote", canary, mia) == 403
    assert as_(mia).post(f"{PAGE}begin/{version.pk}/", {"share": "100"}).status_code == 403
    assert do("roll-back", canary, mia) == 302


def test_cleo_sees_and_does_nothing(version: PromptVersion, bob: User, cleo: User) -> None:
    canary = release(recipe_of=version, share=10, actor=bob)
    cleo.is_staff = True
    cleo.save()
    for path in ("", f"{canary.pk}/change/", f"{canary.pk}/figures/"):
        assert as_(cleo).get(f"{PAGE}{path}").status_code == 403
    for act in ("promote", "roll-back", "explain"):
        assert do(act, canary, cleo, reason="No.") == 403
    canary.refresh_from_db()
    assert canary.state == "canary"


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_django_s_own_forms_touch_no_release(verb: str, admin_client: Client) -> None:
    admin_client.post(f"{PAGE}{full().pk}/{verb}/", {"state": "replaced", "post": "yes"})
    admin_client.post(f"{PAGE}add/", {"share": 50})
    assert [found.state for found in Release.objects.all()] == ["full"]


# Over HTTP


def call(person: User, path: str, **given: Any) -> tuple[int, Any]:
    answer = Client().post(f"{API}{path}", given, content_type="application/json", headers=bearer(person))
    return answer.status_code, answer.json()


def read(person: User, path: str) -> tuple[int, Any]:
    answer = Client().get(f"{API}{path}", headers=bearer(person))
    return answer.status_code, answer.json()


def test_the_whole_way_over_http(version: PromptVersion, bob: User, mia: User) -> None:
    status, canary = call(bob, "", prompt="condense", version="2.0.0", share=10)
    assert (status, canary["state"], canary["share"]) == (201, "canary", 10)
    assert {row["state"] for row in read(mia, "/current")[1]} == {"canary", "full"}
    assert call(bob, f"/{canary['id']}/promote")[1]["state"] == "full"
    status, now = call(mia, f"/{canary['id']}/roll-back")
    assert (status, now["state"], "condense@1.0.0" in now["versions"]) == (200, "full", True)
    assert call(mia, f"/{canary['id']}/explain", reason="No sources.")[1]["reason"] == "No sources."
    assert call(mia, f"/{canary['id']}/roll-back")[0] == 409


def test_figures_over_http(version: PromptVersion, bob: User) -> None:
    canary = release(recipe_of=version, share=10, actor=bob)
    make_answers(canary, "canary", make_people("c", 10))
    status, figures = read(bob, f"/{canary.pk}/figures")
    assert (status, figures[0]["name"], figures[0]["canary_people"]) == (200, "answered", 10)


def test_who_may_not_is_refused_over_http(version: PromptVersion, ada: User, bob: User, mia: User, cleo: User) -> None:
    for person in (ada, mia, cleo):
        assert call(person, "", prompt="condense", version="2.0.0", share=10)[0] == 403
    canary = release(recipe_of=version, share=10, actor=bob)
    for person in (ada, mia, cleo):
        assert call(person, f"/{canary.pk}/promote")[0] == 403
    for person in (ada, cleo):
        assert call(person, f"/{canary.pk}/roll-back")[0] == 403
    for path in ("", "/current", f"/{canary.pk}", f"/{canary.pk}/figures"):
        assert read(cleo, path)[0] == 403
    roll_back(release=canary, actor=bob)
    assert call(ada, f"/{canary.pk}/explain", reason="No.")[0] == 403
