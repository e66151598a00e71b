"""Who gets which recipe, in this process and in every other one."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from governance.access.models import User
from governance.prompts.releases.current import in_force, is_chosen, recipe_at, recipe_for, tried_with
from governance.prompts.releases.services import promote, release, roll_back
from tests.governance.prompts.test_released import soon
from tests.governance.prompts.versions import make_approved, make_approver, make_author, make_draft

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[4]


@pytest.fixture
def bob() -> User:
    return make_approver()


def test_a_share_of_people_is_chosen_and_stays_so() -> None:
    chosen = {user for user in range(10_000) if is_chosen(user, 7, 10)}
    assert 900 < len(chosen) < 1_100
    assert chosen == {user for user in range(10_000) if is_chosen(user, 7, 10)}
    assert chosen <= {user for user in range(10_000) if is_chosen(user, 7, 30)}


def test_another_release_draws_anew() -> None:
    first, second = ({user for user in range(10_000) if is_chosen(user, release, 10)} for release in (1, 2))
    assert 60 < len(first & second) < 150


def test_a_canary_s_people_get_it_and_the_rest_keep_what_they_have(bob: User) -> None:
    before = recipe_for(1).label
    canary = release(recipe_of=make_approved(make_author(), bob), share=30, actor=bob)
    arms = {user: recipe_for(user) for user in range(200)}
    for user, found in arms.items():
        is_in = is_chosen(user, canary.pk, 30)
        assert (found.arm, found.label) == (("canary", canary.recipe.label) if is_in else ("rest", before))
        assert found.prompt("condense").version == ("condense@2.0.0" if is_in else "condense@1.0.0")
    assert {found.release_id for found in arms.values()} == {canary.pk}
    roll_back(release=canary, actor=bob)
    assert {recipe_for(user).arm for user in range(200)} == {"full"}


def test_what_nobody_asked_is_made_by_the_rest_s_recipe_and_counts_nowhere(bob: User) -> None:
    release(recipe_of=make_approved(make_author(), bob), share=99, actor=bob)
    found = in_force()
    assert (found.prompt("condense").version, found.release_id, found.arm) == ("condense@1.0.0", None, "full")


def test_a_run_that_is_taken_over_goes_on_with_its_recipe(bob: User) -> None:
    begun = recipe_for(1)
    canary = release(recipe_of=make_approved(make_author(), bob), share=10, actor=bob)
    promote(release=canary, actor=bob)
    assert recipe_for(1).prompt("condense").version == "condense@2.0.0"
    again = recipe_at(begun.label, user_id=1)
    assert (again.label, again.prompt("condense").version) == (begun.label, "condense@1.0.0")


@pytest.mark.parametrize("label", ["", "recipe@999999", "recipe@x", "something"])
def test_a_label_that_names_nothing_gives_what_is_in_force(label: str) -> None:
    assert recipe_at(label, user_id=1) == recipe_for(1)


def test_a_draft_can_be_tried_without_a_release() -> None:
    found = tried_with(make_draft(make_author(), "Quite another text."))
    assert (found.prompt("condense").text, found.release_id) == ("Quite another text.", None)
    assert recipe_for(1).prompt("condense").version == "condense@1.0.0"


FOLLOWER = """
import sys, time, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from governance.prompts.releases.current import recipe_for
last = ""
until = time.monotonic() + 60
while time.monotonic() < until:
    found = recipe_for(1)
    now = found.prompt("condense").version + " " + found.label
    if now != last:
        print(now, time.time(), flush=True)
        last = now
    time.sleep(0.002)
"""


def test_another_process_follows_a_release_and_a_rollback_within_a_second(bob: User) -> None:
    command = [sys.executable, "-c", FOLLOWER, str(connection.settings_dict["NAME"])]
    version = make_approved(make_author(), bob)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        first, first_recipe, _ = process.stdout.readline().split()
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            assert soon(lambda: client.pubsub_numsub("followed:prompts")[0][1] >= 1, within_s=20)
        made = release(recipe_of=version, share=100, actor=bob)
        done = time.time()
        new, new_recipe, at = process.stdout.readline().split()
        assert (new, new_recipe) == ("condense@2.0.0", made.recipe.label)
        assert float(at) - done < 1
        roll_back(release=made, actor=bob)
        done = time.time()
        back, back_recipe, at = process.stdout.readline().split()
        process.terminate()
    assert (back, back_recipe) == (first, first_recipe)
    assert float(at) - done < 1
