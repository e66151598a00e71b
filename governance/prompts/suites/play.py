"""
A run, played to its end.

Answering is handed in: suites stand below the pipeline that answers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from askacme.lib.errors import AskAcmeError
from askacme.lib.threads import in_thread
from governance.prompts.suites.cases import CaseSpec, Said
from governance.prompts.suites.checks import Finding, findings
from governance.prompts.suites.judge import judged
from governance.prompts.suites.models import CaseResult, SuiteRun

logger = logging.getLogger(__name__)

AT_ONCE = 4
"""Cases that are answered side by side: enough to be done in minutes, few enough to leave room for people."""
Verdict = CaseResult.Verdict
State = SuiteRun.State

Answer = Callable[[CaseSpec], Awaitable[Said]]
"""Answers with the version under test."""
Judge = Callable[[CaseSpec, Said], Awaitable[list[Finding]]]


@dataclass(frozen=True, slots=True)
class Try:
    """One answer to a case, and what was found of it."""

    said: Said
    findings: tuple[Finding, ...]

    @property
    def is_passed(self) -> bool:
        return all(finding.is_ok is not False for finding in self.findings)

    @property
    def is_judged(self) -> bool:
        return all(finding.is_ok is not None for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        said = asdict(self.said)
        plain = {name: str(said[name]) for name in ("request_id", "cost_usd") if said[name] is not None}
        found = [finding.as_json() for finding in self.findings]
        return said | {"request_id": "", "cost_usd": None} | plain | {"findings": found, "is_passed": self.is_passed}


async def play(run_id: int, *, answer: Answer, judge: Judge = judged) -> None:
    """
    Answer each case that has no result yet: also what a worker that died has left.

    Does nothing for a run that has ended, or is gone.
    """
    cases = await in_thread(begin, run_id)
    try:
        places = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(played(run_id, case, answer, judge, places) for case in cases))
        await in_thread(end, run_id, State.DONE)
    except Exception:  # the task's top: the page says that it broke off
        logger.exception("Suite run %s broke off", run_id)
        await in_thread(end, run_id, State.FAILED)


async def played(run_id: int, case: CaseSpec, answer: Answer, judge: Judge, places: asyncio.Semaphore) -> None:
    async with places:
        tries = [await tried(case, answer, judge) for _ in range(case.times)]
    await in_thread(keep, run_id, case, tries)


async def tried(case: CaseSpec, answer: Answer, judge: Judge) -> Try:
    said = await answer(case)
    found = findings(case, said)
    try:
        found += await judge(case, said)
    except AskAcmeError as error:
        found.append(Finding("judge", is_ok=False, wanted="a score", got=str(error)))
    return Try(said, tuple(found))


def begin(run_id: int) -> list[CaseSpec]:
    """
    The cases that are still to be answered.

    None of a run whose draft or cases were changed before it began: it would be of something else than it says.
    """
    runs = SuiteRun.objects.filter(pk=run_id, state__in=[State.QUEUED, State.RUNNING])
    if not runs.update(state=State.RUNNING, touched_at=timezone.now()):
        return []
    run = runs.select_related("suite", "version").get()
    if (run.version.sha256, run.suite.fingerprint) != (run.sha256, run.cases_sha256):
        end(run_id, State.FAILED)
        return []
    known = set(run.results.values_list("key", flat=True))
    return [case.spec for case in run.suite.cases.active() if case.key not in known]


def keep(run_id: int, case: CaseSpec, tries: Sequence[Try]) -> None:
    """The result and the run's counts, in one transaction: a case counts once, whoever answers it again."""
    verdict, passes = verdict_of(tries), sum(each.is_passed for each in tries)
    told = [each.as_json() for each in tries]
    with transaction.atomic():
        run = SuiteRun.objects.select_for_update().get(pk=run_id)
        fields = {"case": case.as_json(), "verdict": verdict, "is_flaky": 0 < passes < len(tries)}
        _, is_new = CaseResult.objects.get_or_create(
            run=run, key=case.key, defaults=fields | {"passes": passes, "tries": told}
        )
        if is_new:
            used = sorted({*run.models_used, *(each.said.model for each in tries if each.said.model)})
            counted = {verdict.value: F(verdict.value) + 1}
            SuiteRun.objects.filter(pk=run_id).update(touched_at=timezone.now(), models_used=used, **counted)


def verdict_of(tries: Sequence[Try]) -> CaseResult.Verdict:
    """More than half of the tries have to pass; what nobody could judge doesn't count as passed."""
    passes = sum(each.is_passed for each in tries)
    if passes * 2 <= len(tries):
        return Verdict.FAILED
    return Verdict.PASSED if any(each.is_passed and each.is_judged for each in tries) else Verdict.NOT_JUDGED


def end(run_id: int, state: SuiteRun.State) -> None:
    now = timezone.now()
    runs = SuiteRun.objects.filter(pk=run_id, state=State.RUNNING)
    runs.update(state=state, finished_at=now, touched_at=now)
