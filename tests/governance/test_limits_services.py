"""Letting people's questions in: whose limit counts, and what is said to those who must wait."""

import asyncio
import logging
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from askacme.lib.errors import RateLimited
from askacme.lib.threads import in_thread
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.limits import services
from governance.gateway.limits.allowance import EACH_PERSON, EVERYONE_TOGETHER, Allowance, shares_of
from governance.gateway.limits.models import UsageLimit
from governance.gateway.limits.refusals import in_words
from governance.gateway.limits.services import Admission
from tests.cast import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

Scope = UsageLimit.Scope


def limit(scope: UsageLimit.Scope, **fields: object) -> UsageLimit:
    return UsageLimit.objects.create(scope=scope, **fields)


async def limited(scope: UsageLimit.Scope, **fields: object) -> None:
    await in_thread(limit, scope, **fields)


async def admit(user: User) -> Admission:
    audience = await in_thread(Audience.of, user)
    return await services.admit(user_id=user.pk, group_ids=audience.group_ids, run_id=str(uuid4()))


async def refusal_of(user: User) -> RateLimited:
    with pytest.raises(RateLimited) as refused:
        await admit(user)
    return refused.value


def own_allowance(user: User) -> Allowance:
    return shares_of(user.pk, Audience.of(user).group_ids)[0].allowance


# Whose limit counts


def test_without_rows_the_defaults_count(ana: User) -> None:
    own, everyone = shares_of(ana.pk, ())
    assert (own.allowance, everyone.allowance) == (EACH_PERSON, EVERYONE_TOGETHER)


def test_a_row_for_each_person_takes_the_default_s_place(ana: User) -> None:
    limit(Scope.EACH_PERSON, requests_per_day=7)
    assert own_allowance(ana) == Allowance(requests_per_day=7)


def test_of_several_groups_the_most_generous_counts_kind_by_kind(ana: User, team: Group) -> None:
    other = Group.objects.create(name="Team B")
    ana.groups.add(other)
    limit(Scope.EACH_PERSON, requests_per_minute=99)
    limit(Scope.GROUP, group=team, requests_per_minute=5, tokens_per_day=100, concurrent_runs=2)
    limit(Scope.GROUP, group=other, requests_per_minute=8, tokens_per_day=50)
    assert own_allowance(ana) == Allowance(requests_per_minute=8, tokens_per_day=100)


def test_a_person_s_own_row_counts_before_their_groups(ana: User, ben: User, team: Group) -> None:
    limit(Scope.GROUP, group=team, requests_per_minute=50)
    limit(Scope.PERSON, user=ana, requests_per_minute=1)
    assert (own_allowance(ana).requests_per_minute, own_allowance(ben).requests_per_minute) == (1, 50)


def test_the_limits_of_others_do_not_count(cleo: User, ana: User, team: Group) -> None:
    limit(Scope.PERSON, user=ana, requests_per_minute=1)
    limit(Scope.GROUP, group=team, requests_per_minute=2)
    limit(Scope.GROUP_TOGETHER, group=team, requests_per_minute=3)
    assert [share.key for share in shares_of(cleo.pk, ())] == [f"person:{cleo.pk}", "everyone"]
    assert own_allowance(cleo) == EACH_PERSON


# Letting in


async def test_what_cleo_uses_up_does_not_touch_ben(ben: User, cleo: User) -> None:
    await limited(Scope.EACH_PERSON, requests_per_minute=1)
    await admit(cleo)
    await refusal_of(cleo)
    assert (await admit(ben)).place == 0


async def test_a_group_s_share_is_drawn_on_by_all_its_members(ana: User, ben: User, cleo: User, team: Group) -> None:
    await limited(Scope.GROUP_TOGETHER, group=team, requests_per_day=1)
    await admit(ana)
    assert "The people of Team A have together asked 1 question in the last day." in str(await refusal_of(ben))
    await admit(cleo)


async def test_everyone_s_share_is_drawn_on_by_all(ana: User, cleo: User) -> None:
    await limited(Scope.EVERYONE_TOGETHER, requests_per_minute=1)
    await admit(ana)
    assert str(await refusal_of(cleo)).startswith("All of you together have asked 1 question in the last minute.")


async def test_a_refused_question_uses_nothing_up(ana: User, ben: User, team: Group) -> None:
    await limited(Scope.GROUP_TOGETHER, group=team, requests_per_day=2)
    await limited(Scope.PERSON, user=ana, requests_per_day=1)
    await admit(ana)
    for _ in range(5):
        await refusal_of(ana)
    await admit(ben)


async def test_an_answer_s_tokens_are_counted_afterwards(ana: User) -> None:
    await limited(Scope.EACH_PERSON, tokens_per_day=1000)
    admission = await admit(ana)
    await admit(ana)
    await services.charge(admission, tokens=1500)
    refused = await refusal_of(ana)
    assert str(refused) == (
        "You have used up the 1,000 tokens (a measure of text) of one day. You can ask again in 13 hours."
    )


async def test_a_fifth_answer_at_the_same_time_must_wait_for_one_of_the_four(ana: User) -> None:
    first, *_ = [await admit(ana) for _ in range(4)]
    assert str(await refusal_of(ana)) == "You already have 4 answers running. Wait for one of them, or stop it."
    await services.leave(first)
    await admit(ana)


async def test_the_places_of_a_run_are_left_when_it_ends_badly(ana: User) -> None:
    await limited(Scope.EACH_PERSON, concurrent_runs=1)
    with pytest.raises(ZeroDivisionError):
        async with services.holding(await admit(ana)):
            raise ZeroDivisionError
    await admit(ana)


async def test_two_hundred_questions_at_once_against_fifty_let_in_exactly_fifty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "REDIS_PATIENCE_S", 60)  # a slow machine fails open, which is not the point here
    people = await in_thread(lambda: [make_user(f"person-{n}@acme.example") for n in range(10)])
    await limited(Scope.EACH_PERSON)
    await limited(Scope.EVERYONE_TOGETHER, requests_per_day=50)
    results = await asyncio.gather(*(admit(people[n % 10]) for n in range(200)), return_exceptions=True)
    assert sum(isinstance(result, Admission) for result in results) == 50
    assert sum(isinstance(result, RateLimited) for result in results) == 150


# What is said


async def test_the_sentence_says_how_much_and_when_again(ana: User) -> None:
    await limited(Scope.EACH_PERSON, requests_per_minute=3)
    for _ in range(3):
        await admit(ana)
    refused = await refusal_of(ana)
    assert str(refused) == "You have asked 3 questions in the last minute. You can ask again in 20 seconds."
    assert 19 < refused.retry_after_s <= 20.01


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (12, "12 seconds"),
        (60, "60 seconds"),
        (61, "2 minutes"),
        (3600, "60 minutes"),
        (3601, "2 hours"),
        (86400, "24 hours"),
    ],
)
def test_times_are_said_in_the_unit_that_people_use(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


# Off, or without Redis


async def test_off_turns_all_off(ana: User, settings: Settings) -> None:
    await limited(Scope.EACH_PERSON, requests_per_minute=1, concurrent_runs=1)
    settings.ASKACME = settings.ASKACME.model_copy(update={"rate_limits": "off"})
    admissions = [await admit(ana) for _ in range(5)]
    assert all(admission.claim.is_free for admission in admissions)


async def test_without_redis_everyone_is_let_in_and_the_log_says_so(
    ana: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with caplog.at_level(logging.WARNING, logger=services.__name__):
        assert (await admit(ana)).claim.is_free
    (line,) = caplog.messages
    assert "The limits do not count run" in line


async def test_a_redis_that_does_not_answer_holds_nobody_up(ana: User, settings: Settings) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        async with asyncio.timeout(5):
            assert (await admit(ana)).claim.is_free
