"""A run played to its end: verdicts, tries, what is left over by a worker that died."""

from dataclasses import replace

import pytest

from askacme.lib.errors import ModelUnavailable
from askacme.lib.threads import in_thread
from governance.prompts.suites.cases import CaseSpec, Said
from governance.prompts.suites.checks import Finding
from governance.prompts.suites.models import CaseResult, SuiteRun
from governance.prompts.suites.play import Judge, Try, keep, play, tried, verdict_of
from tests.governance.prompts.suites import COLOUR, WEEKS, make_run, make_suite, verdicts_of
from tests.governance.prompts.versions import make_author, make_draft

pytestmark = pytest.mark.django_db(transaction=True)


class Answers:
    """Says the next of these to each question, the last for ever; keeps what was asked."""

    def __init__(self, *said: Said) -> None:
        self.said = list(said)
        self.asked: list[str] = []

    async def __call__(self, case: CaseSpec) -> Said:
        self.asked.append(case.key)
        return self.said.pop(0) if len(self.said) > 1 else self.said[0]


RIGHT, WRONG = Said("16 weeks. [1]", "success", model="sim small"), Said("18 weeks. [1]", "success")


def begun(*cases: CaseSpec) -> SuiteRun:
    return make_run(make_suite(*cases), make_draft(make_author()))


async def played(run: SuiteRun, answer: Answers) -> SuiteRun:
    await play(run.pk, answer=answer)
    return await in_thread(SuiteRun.objects.get, pk=run.pk)


async def test_each_case_has_a_result_and_the_run_its_counts() -> None:
    run = await played(await in_thread(begun, WEEKS, COLOUR), Answers(RIGHT))
    assert await in_thread(verdicts_of, run) == {"weeks": "passed", "colour": "failed"}
    assert (run.state, run.passed, run.failed, run.is_red) == ("done", 1, 1, True)
    assert run.models_used == ["sim small"]
    result = await in_thread(CaseResult.objects.get, key="colour")
    assert result.case["question"] == COLOUR.question
    assert result.tries[0]["text"] == RIGHT.text
    assert [found["is_ok"] for found in result.tries[0]["findings"]] == [False]


@pytest.mark.parametrize(("said", "verdict"), [([RIGHT, WRONG, RIGHT], "passed"), ([RIGHT, WRONG, WRONG], "failed")])
async def test_a_flaky_case_says_so_and_most_of_its_answers_decide(said: list[Said], verdict: str) -> None:
    await played(await in_thread(begun, replace(WEEKS, times=3)), Answers(*said))
    result = await in_thread(CaseResult.objects.get)
    assert (result.verdict, result.is_flaky, len(result.tries)) == (verdict, True, 3)


async def test_a_rubric_is_not_judged_without_a_language_model() -> None:
    run = await played(await in_thread(begun, WEEKS, replace(WEEKS, key="kind", rubric="It is kind.")), Answers(RIGHT))
    assert (run.passed, run.failed, run.not_judged, run.is_green) == (1, 0, 1, True)
    result = await in_thread(CaseResult.objects.get, key="kind")
    assert "no language model" in result.tries[0]["findings"][-1]["got"]


async def test_a_run_of_which_nothing_could_be_judged_is_not_green() -> None:
    run = await played(await in_thread(begun, replace(WEEKS, rubric="It is kind.")), Answers(RIGHT))
    assert not run.is_green


async def judged_by(judge: Judge) -> str:
    tried_once = await tried(WEEKS, Answers(RIGHT), judge)
    return verdict_of([tried_once])


async def test_a_judge_below_the_floor_or_out_of_reach_fails_the_case() -> None:
    async def strict(_case: CaseSpec, _said: Said) -> list[Finding]:
        return [Finding("judge", is_ok=False, wanted="0.70", got="0.20: rude")]

    async def away(_case: CaseSpec, _said: Said) -> list[Finding]:
        raise ModelUnavailable("nobody answers")

    assert await judged_by(strict) == "failed"
    assert await judged_by(away) == "failed"


async def test_what_a_dead_worker_left_is_answered_by_the_next() -> None:
    run = await in_thread(begun, WEEKS, COLOUR)
    await in_thread(keep, run.pk, WEEKS, [Try(RIGHT, ())])
    answers = Answers(Said("I don't know.", "no_answer"))
    again = await played(run, answers)
    assert answers.asked == ["colour"]
    assert (again.state, again.passed) == ("done", 2)


async def test_a_case_that_two_workers_answered_counts_once() -> None:
    run = await in_thread(begun, WEEKS, COLOUR)
    for _ in range(2):
        await in_thread(keep, run.pk, WEEKS, [Try(RIGHT, ())])
    assert (await in_thread(SuiteRun.objects.get, pk=run.pk)).passed == 1


async def test_a_run_that_has_ended_is_not_played_again() -> None:
    run = await played(await in_thread(begun, WEEKS), Answers(RIGHT))
    answers = Answers(WRONG)
    assert (await played(run, answers)).passed == 1
    assert answers.asked == []


async def test_a_run_breaks_off_when_its_cases_were_changed_before_it_began() -> None:
    run = await in_thread(begun, WEEKS)
    await in_thread(run.suite.cases.update, question="How many months?")
    assert (await played(run, Answers(RIGHT))).state == "failed"


async def test_a_run_whose_answers_break_off_says_so() -> None:
    class Broken(Answers):
        async def __call__(self, case: CaseSpec) -> Said:
            raise RuntimeError("out of order")

    assert (await played(await in_thread(begun, WEEKS), Broken(RIGHT))).state == "failed"
