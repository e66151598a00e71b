"""Suites, cases and runs, made by hand."""

from collections.abc import Sequence

from governance.prompts.suites.cases import CaseSpec, Said
from governance.prompts.suites.checks import Finding
from governance.prompts.suites.models import CaseResult, Suite, SuiteRun
from governance.prompts.suites.play import Try, keep
from governance.prompts.suites.services import install, start_run
from governance.prompts.versions.models import PromptVersion

WEEKS = CaseSpec("weeks", "How many weeks?", must_contain=(("16",),))
COLOUR = CaseSpec("colour", "What is the CEO's favourite colour?", kind="no_answer")


def make_suite(*cases: CaseSpec, prompts: Sequence[str] = ("condense",)) -> Suite:
    return install(name="acme", title="Acme", prompts=prompts, cases=cases or (WEEKS, COLOUR))


def make_run(suite: Suite, version: PromptVersion) -> SuiteRun:
    """On record, and played by nobody."""
    return start_run(suite=suite, version=version, actor=None, later=lambda _: None)


def make_ended(suite: Suite, version: PromptVersion, *, failing: Sequence[str] = ()) -> SuiteRun:
    run = make_run(suite, version)
    for case in suite.cases.active():
        is_ok = case.key not in failing
        found = Finding("must contain", is_ok, "“16”", "“16”" if is_ok else "none")
        keep(run.pk, case.spec, [Try(Said("You get 16 weeks.", "success"), (found,))])
    SuiteRun.objects.filter(pk=run.pk).update(state=SuiteRun.State.DONE)
    run.refresh_from_db()
    return run


def verdicts_of(run: SuiteRun) -> dict[str, str]:
    return dict(CaseResult.objects.filter(run=run).values_list("key", "verdict"))
