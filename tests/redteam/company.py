"""Whom garak asks, and under which policies."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from django.utils import timezone

from governance.access.models import ApiKey
from governance.guardrails.policies.models import GuardPolicy
from governance.guardrails.policies.services import draft
from governance.guardrails.values import Action
from tests.bench.corpus import demo
from tests.bench.ingesting import take_in_and_read
from tests.redteam.site import Floors


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    short: str
    floors: Floors
    policy: Callable[[], AbstractContextManager[None]]


def stages() -> Sequence[Stage]:
    return (
        Stage("before: guards allow everything", "before", Floors.NONE, guards_allow_everything),
        Stage("after: default policy", "after", Floors.TOPIC, nullcontext),
        Stage("as shipped", "shipped", Floors.ALL, nullcontext),
    )


def found() -> str:
    """The demo company, its handbook read; gives the key of somebody who asks there."""
    company = demo()
    take_in_and_read(company)
    return ApiKey.issue(company.reader())


@contextmanager
def guards_allow_everything() -> Iterator[None]:
    policy = draft(actor=None, group=None, note="For the red team: what the model does without guards.")
    policy.rules.update(action=Action.ALLOW)
    row = GuardPolicy.objects.filter(pk=policy.pk)
    row.update(state=GuardPolicy.State.LIVE, live_at=timezone.now())
    try:
        yield
    finally:
        row.update(state=GuardPolicy.State.RETIRED)
