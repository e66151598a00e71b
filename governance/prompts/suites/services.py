"""
What people do with suites.

Whoever writes prompts may add cases and run them; to change one, to put it out of use, or to let a version pass in
spite of a red run is the approvers'. So nobody softens the test of their own words.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from askacme.lib.errors import Conflict, InvalidInput, NotAllowed, ServiceUnavailable
from governance.access.models import User
from governance.audit.services import record
from governance.prompts.suites.cases import CaseSpec
from governance.prompts.suites.gate import standing_in
from governance.prompts.suites.models import Suite, SuiteCase, SuiteOverride, SuiteRun
from governance.prompts.versions.models import PromptVersion

TASK = "chat.suites.tasks.run_suite"
LONGEST_REASON = 1_000

VIEW = "governance.view_suite"
ADD_CASE = "governance.add_suitecase"
CHANGE_CASE = "governance.change_suitecase"
RUN = "governance.add_suiterun"
OVERRIDE = "governance.add_suiteoverride"


def need(actor: User, permission: str) -> None:
    """Raises NotAllowed."""
    if not actor.has_perm(permission):
        raise NotAllowed(f"This takes the permission {permission}.")


@transaction.atomic
def install(*, name: str, title: str, prompts: Sequence[str], cases: Iterable[CaseSpec]) -> Suite:
    """A suite that ships: made once. What people made of it since, and of its cases, is left as it is."""
    suite, is_new = Suite.objects.get_or_create(name=name, defaults={"title": title, "prompts": list(prompts)})
    if is_new:
        rows = [row_of(case, suite, source=SuiteCase.Source.SHIPPED) for case in cases]
        SuiteCase.objects.bulk_create(rows)
        record(actor=None, action="suite.create", target=suite.name, cases=len(rows))
    return suite


def row_of(case: CaseSpec, suite: Suite, **more: Any) -> SuiteCase:
    told = case.as_json()
    lists = {name: list(told[name]) for name in ("statuses", "cites", "tags") if name in told}
    return SuiteCase(suite=suite, **(told | lists), **more)


def suite_of_answers() -> Suite:
    """Where a case about an answer goes; made with the first one."""
    found = Suite.objects.filter(prompts__contains=["answer"]).first()
    if found:
        return found
    return Suite.objects.get_or_create(name="feedback", defaults={"title": "From feedback", "prompts": ["answer"]})[0]


@transaction.atomic
def case_from_answer(*, request_id: str, question: str, reason: str, actor: User) -> SuiteCase:
    """
    The case of an answer that somebody disliked; the same answer gives the same case.

    It isn't in use before somebody says what a right answer holds. Its key is a fingerprint: it leads nowhere. Raises
    NotAllowed, and InvalidInput without a question.
    """
    need(actor, ADD_CASE)
    suite = suite_of_answers()
    if not question.strip():
        raise InvalidInput("The question is gone: its conversation was deleted.")
    key = f"thumbs-down-{hashlib.sha256(request_id.encode()).hexdigest()[:10]}"
    case, is_new = SuiteCase.objects.get_or_create(
        suite=suite,
        key=key,
        defaults={
            "question": question.strip()[:2_000],
            "must_cite": True,
            "is_active": False,
            "source": SuiteCase.Source.THUMBS_DOWN,
            "tags": [tag for tag in (reason,) if tag],
            "created_by": actor,
        },
    )
    if is_new:
        record(actor=actor, action="suite_case.create", target=key, source="thumbs_down", suite=suite.name)
    return case


def enqueue(run_id: int) -> None:
    """Raises ServiceUnavailable; the run is closed then."""
    try:
        current_app.send_task(TASK, [run_id])
    except (OperationalError, RedisError) as error:
        SuiteRun.objects.filter(pk=run_id).update(state=SuiteRun.State.FAILED)
        raise ServiceUnavailable("The queue can't be reached, so the run did not begin. Please try again.") from error


@transaction.atomic
def start_run(
    *, suite: Suite, version: PromptVersion, actor: User | None, later: Callable[[int], None] = enqueue
) -> SuiteRun:
    """
    Answer the suite's cases with this version, in the background: `later` sees to it once the run is on record.

    Raises NotAllowed, InvalidInput when there is nothing to ask or the suite isn't about this prompt, and Conflict
    while such a run is under way.
    """
    if actor is not None:
        need(actor, RUN)
    Suite.objects.select_for_update().get(pk=suite.pk)  # one after the other: two clicks begin one run
    if version.prompt_id not in suite.prompts:
        raise InvalidInput(f"“{suite}” says nothing about the prompt “{version.prompt_id}”.")
    total = suite.cases.active().count()
    if not total:
        raise InvalidInput(f"“{suite}” has no case in use.")
    if suite.runs.under_way().filter(version=version).exists():
        raise Conflict(f"“{suite}” is running with {version.label} already.")
    run = SuiteRun.objects.create(
        suite=suite,
        version=version,
        sha256=version.sha256,
        cases_sha256=suite.fingerprint,
        total=total,
        started_by=actor,
    )
    record(actor=actor, action="suite.run", target=version.label, suite=suite.name, run=run.pk, cases=total)
    transaction.on_commit(partial(later, run.pk))
    return run


@transaction.atomic
def override(*, version: PromptVersion, suite: Suite, reason: str, actor: User) -> SuiteOverride:
    """
    Let a version pass in spite of its red run: somebody else than its author, and than who approves it.

    Raises NotAllowed, InvalidInput without a reason, and Conflict when its last run isn't red or was overridden.
    """
    need(actor, OVERRIDE)
    if version.author_id == actor.pk:
        raise NotAllowed("You wrote this version: somebody else has to decide that its failures don't matter.")
    reason = reason.strip().replace("\x00", "")
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInput(f"Say why it may pass in spite of the failures, in at most {LONGEST_REASON:,} characters.")
    standing = standing_in(Suite.objects.select_for_update().get(pk=suite.pk), version)
    if standing.run is None or not standing.is_red:
        raise Conflict(f"There is nothing to override: {standing.words}")
    if standing.override:
        raise Conflict("Somebody has overridden this run already.")
    kept = SuiteOverride.objects.create(run=standing.run, by=actor, author=version.author, reason=reason)
    record(
        actor=actor,
        action="prompt_version.override_suite",
        target=version.label,
        suite=suite.name,
        run=standing.run.pk,
        failed=standing.run.failed,
        reason=reason,
    )
    return kept
