"""The gate before approval: a version passes with a green run of each suite that its prompt has, or an override."""

from dataclasses import dataclass

from askacme.lib.errors import NotAllowed, SuiteRed
from governance.access.models import User
from governance.prompts.suites.models import Suite, SuiteOverride, SuiteRun
from governance.prompts.versions.models import PromptVersion


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How a version stands in a suite. `run` is the last of what it says now, also while it is under way.

    `is_current`: the run asked what the suite asks today.
    """

    suite: Suite
    run: SuiteRun | None
    is_current: bool
    override: SuiteOverride | None

    @property
    def is_green(self) -> bool:
        return self.is_current and self.run is not None and self.run.is_green

    @property
    def is_red(self) -> bool:
        return self.is_current and self.run is not None and self.run.is_red

    @property
    def is_open(self) -> bool:
        return self.is_green or self.override is not None

    @property
    def words(self) -> str:
        """Why it is shut, or how it stands."""
        if self.run is None:
            return f"“{self.suite}” was not run with what this version says now."
        if self.run.is_under_way:
            return f"“{self.suite}” is running."
        if self.run.state != SuiteRun.State.DONE:
            return f"The run of “{self.suite}” broke off."
        if not self.is_current:
            return f"The cases of “{self.suite}” have changed since the run."
        if self.run.is_green:
            return f"“{self.suite}” is green."
        return f"“{self.suite}” is red: {self.run.failed} of {self.run.total} cases fail."


def standings_of(version: PromptVersion) -> list[Standing]:
    """One for each suite with cases in use that the prompt's versions have to pass; empty when there is none."""
    suites = Suite.objects.filter(prompts__contains=[version.prompt_id], cases__is_active=True).distinct()
    return [standing_in(suite, version) for suite in suites]


def standing_in(suite: Suite, version: PromptVersion) -> Standing:
    runs = suite.runs.filter(version=version, sha256=version.sha256).select_related("override", "suite")
    run = runs.first()
    is_current = run is not None and run.cases_sha256 == suite.fingerprint
    override = getattr(run, "override", None) if run and is_current else None
    return Standing(suite, run, is_current, override)


def let_pass(version: PromptVersion, approver: User) -> None:
    """
    For the transaction that approves: takes note of who approves in spite of an override.

    Raises SuiteRed when a suite stands in the way, NotAllowed when the approver is who overrode it.
    """
    standings = standings_of(version)
    if shut := [standing.words for standing in standings if not standing.is_open]:
        raise SuiteRed(f"{version.label} can't be approved: {' '.join(shut)}")
    needed = [standing.override for standing in standings if standing.override and not standing.is_green]
    if any(override.by_id == approver.pk for override in needed):
        raise NotAllowed("You let it pass in spite of a red suite: somebody else approves it.")
    SuiteOverride.objects.filter(pk__in=[override.pk for override in needed]).update(approver=approver)
