"""A run on its page, and how a version stands in its suites on the page where it is reviewed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.access.models import User
from governance.prompts.suites import services
from governance.prompts.suites.gate import Standing, standings_of
from governance.prompts.suites.models import CaseResult, SuiteRun
from governance.prompts.versions.models import PromptVersion

Verdict = CaseResult.Verdict
ORDER = {Verdict.FAILED: 0, Verdict.NOT_JUDGED: 2, Verdict.PASSED: 3}
FLAKY = 1
COLOURS = {"passed": "success", "failed": "danger", "not_judged": "warning"}


@dataclass(frozen=True, slots=True)
class Row:
    """
    A case's result. `released` is what the released version said to it in its last run, if it did.

    `change`: "worse" or "better" than that; empty when they agree, or there is none.
    """

    result: CaseResult
    released: CaseResult | None

    @property
    def colour(self) -> str:
        return COLOURS[self.result.verdict]

    @property
    def change(self) -> str:
        if self.released is None or self.released.verdict == self.result.verdict:
            return ""
        return "worse" if self.result.verdict == Verdict.FAILED else "better" if self.passed_now else ""

    @property
    def passed_now(self) -> bool:
        return self.result.verdict == Verdict.PASSED

    @property
    def wrong(self) -> list[Mapping[str, Any]]:
        """The checks that failed, of the first answer that has some."""
        return next((found for each in self.result.tries if (found := failed_in(each))), [])

    @property
    def said_then(self) -> str:
        return str(self.released.tries[0]["text"]) if self.released else ""

    @property
    def times(self) -> int:
        return len(self.result.tries)


@dataclass(frozen=True, slots=True)
class RunPage:
    """`rows` with what needs eyes first; `against` is the released version's last run in this suite."""

    run: SuiteRun
    rows: list[Row]
    against: SuiteRun | None

    @property
    def worse(self) -> int:
        return sum(row.change == "worse" for row in self.rows)

    @property
    def better(self) -> int:
        return sum(row.change == "better" for row in self.rows)

    @property
    def flaky(self) -> int:
        return sum(row.result.is_flaky for row in self.rows)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How one version stands in one suite, and what the person at hand may do about it."""

    standing: Standing
    page: RunPage | None
    may_run: bool
    may_override: bool


def run_page(run: SuiteRun) -> RunPage:
    against = last_of_released(run)
    theirs = {result.key: result for result in against.results.all()} if against else {}
    rows = [Row(result, theirs.get(result.key)) for result in run.results.all()]
    return RunPage(run, sorted(rows, key=urgency), against)


def urgency(row: Row) -> tuple[int, str]:
    verdict = Verdict(row.result.verdict)
    return (FLAKY if row.result.is_flaky and verdict is not Verdict.FAILED else ORDER[verdict]), row.result.key


def last_of_released(run: SuiteRun) -> SuiteRun | None:
    """None when the run is the released version's own, or that was never run."""
    now = run.version.prompt.released
    if now is None or now.pk == run.version_id:
        return None
    return run.suite.runs.done().filter(version=now).first()


def evidence_of(version: PromptVersion, person: User) -> list[Evidence]:
    return [evidence_in(standing, version, person) for standing in standings_of(version)]


def evidence_in(standing: Standing, version: PromptVersion, person: User) -> Evidence:
    is_waiting = version.state in {PromptVersion.State.DRAFT, PromptVersion.State.IN_REVIEW}
    is_free = version.author_id != person.pk and standing.override is None
    return Evidence(
        standing=standing,
        page=run_page(standing.run) if standing.run else None,
        may_run=person.has_perm(services.RUN) and not (standing.run and standing.run.is_under_way),
        may_override=is_waiting and is_free and standing.is_red and person.has_perm(services.OVERRIDE),
    )


def failed_in(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [finding for finding in answer["findings"] if finding["is_ok"] is False]
