"""The prompts in force: what ships, and how a process follows a release."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from askacme.lib.errors import InvalidTemplate, NotFound
from askacme.lib.followed import Followed
from governance.prompts.kinds import KINDS
from governance.prompts.released import answer_prompt, prompt, released
from governance.prompts.releases.services import release
from governance.prompts.semver import Number
from governance.prompts.shipped import keep, ship, shipped
from governance.prompts.versions.models import Prompt, PromptVersion
from tests.governance.prompts.versions import make_approved, make_approver, make_author

pytestmark = pytest.mark.django_db(transaction=True)


def make_release(text: str, name: str = "condense") -> PromptVersion:
    approver = make_approver()
    version = make_approved(make_author(), approver, text, name)
    release(recipe_of=version, share=100, actor=approver)
    return version


def soon(condition: Callable[[], bool], within_s: float) -> bool:
    until, moment = time.monotonic() + within_s, threading.Event()
    while not condition() and time.monotonic() < until:
        moment.wait(0.01)
    return condition()


def test_the_shipped_prompts_are_released_at_once() -> None:
    assert {str(row) for row in PromptVersion.objects.filter(state="released")} == {f"{name}@1.0.0" for name in KINDS}
    assert answer_prompt().version == "answer@1.0.0"
    assert "reply with exactly NO_ANSWER" in answer_prompt().text


def test_values_stand_in_the_text() -> None:
    assert "At most 150 words" in prompt("summary", words="150").text
    with pytest.raises(InvalidTemplate):
        prompt("summary")


def test_a_prompt_that_nobody_knows_is_not_found() -> None:
    with pytest.raises(NotFound, match="greeting"):
        prompt("greeting")


async def test_the_event_loop_may_ask() -> None:
    released.stop()  # as in a process that has just begun
    assert prompt("condense").version == "condense@1.0.0"
    await sync_to_async(make_release)("Make it stand alone.")
    assert prompt("condense").text == "Make it stand alone."


def test_a_release_is_in_force_at_once_in_the_process_that_made_it() -> None:
    prompt("condense")
    version = make_release("Make it stand alone.")
    assert prompt("condense").version == version.label == "condense@2.0.0"


FOLLOWER = """
import sys, time, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from governance.prompts.released import prompt
print(prompt("condense").version, flush=True)
until = time.monotonic() + 30
while prompt("condense").version == "condense@1.0.0" and time.monotonic() < until:
    time.sleep(0.005)
print(prompt("condense").version, time.time(), flush=True)
"""


def test_another_process_follows_within_a_second() -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", FOLLOWER, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "condense@1.0.0"
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            assert soon(lambda: client.pubsub_numsub("followed:prompts")[0][1] >= 1, within_s=10)
        make_release("Make the question stand alone.")
        done = time.time()
        label, at = process.stdout.readline().split()
    assert label == "condense@2.0.0"
    assert float(at) - done < 1


def test_a_change_without_a_notice_is_found_by_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
    there = ["one"]
    followed = Followed(lambda: there[0], channel="test-deaf")
    assert followed.get() == "one"
    there[0] = "two"
    assert soon(lambda: followed.get() == "two", within_s=3)
    followed.stop()


def test_what_ships_later_takes_the_place_of_what_shipped_before_only() -> None:
    own = make_release("Make it stand alone.")
    for name in ("condense", "summary"):
        file = next(file for file in shipped() if file.prompt == name)
        keep(replace(file, number=Number(3, 0, 0)), PromptVersion.objects)
    assert Prompt.objects.get(pk="condense").released == own
    assert PromptVersion.objects.get(prompt="condense", major=3).state == "approved"
    assert str(Prompt.objects.get(pk="summary").released) == "summary@3.0.0"


def test_shipping_twice_changes_nothing() -> None:
    own = make_release("Make it stand alone.")
    ship()
    assert Prompt.objects.get(pk="condense").released == own
    assert PromptVersion.objects.count() == len(KINDS) + 1
