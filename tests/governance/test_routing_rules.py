"""Which tier a question gets, and why."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from askacme.lib.errors import InvalidInput
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.gateway.routing.models import RoutingExample, RoutingRule
from governance.gateway.routing.services import Imported, Route, import_examples, route

pytestmark = pytest.mark.django_db(transaction=True)
COMPARISON = "What is the difference between parental leave and maternity leave?"
LOOKUP = "How many vacation days do we get per year?"


def routed(question: str, **given: Any) -> Route:
    return route(**{"question": question, "caller_group_ids": (), "forced_strong": False, "degraded": False, **given})


def test_a_comparison_gets_the_strong_tier() -> None:
    assert routed(COMPARISON) == Route("strong", "comparison", "hr", "rule: comparison → strong")


def test_everything_else_gets_the_fast_tier() -> None:
    assert routed(LOOKUP) == Route("fast", "lookup", "hr", "rule: everything else → fast")


def test_after_a_thumbs_down_the_strong_tier_goes_before_the_rules() -> None:
    found = routed(LOOKUP, forced_strong=True)
    assert (found.tier, found.reason) == ("strong", "asked again after a thumbs-down")


@pytest.mark.parametrize("forced_strong", [False, True])
def test_a_budget_for_the_fast_tier_goes_before_everything(forced_strong: bool) -> None:
    found = routed(COMPARISON, degraded=True, forced_strong=forced_strong)
    assert (found.tier, found.reason) == ("fast", "budget: fast only")


def test_the_first_rule_that_fits_decides() -> None:
    RoutingRule.objects.create(position=1, department="hr", tier="fast")
    assert routed(COMPARISON).reason == "rule: HR → fast"


def test_a_rule_that_is_off_decides_nothing() -> None:
    RoutingRule.objects.filter(kind="comparison").update(is_active=False)
    assert routed(COMPARISON).tier == "fast"


def test_a_rule_for_a_group_is_for_its_people() -> None:
    board = Group.objects.create(name="Board")
    RoutingRule.objects.create(position=1, group=board, kind="lookup", tier="strong")
    assert routed(LOOKUP, caller_group_ids=[board.pk]).reason == "rule: lookup · Board → strong"
    assert routed(LOOKUP).tier == "fast"


def test_without_rules_the_fast_tier_answers() -> None:
    RoutingRule.objects.all().delete()
    assert routed(COMPARISON).reason == "no rule fits"


def test_lines_become_examples(ana: User) -> None:
    text = "lookup | it | Where is the quokka?\n\n personal|HR| a | b?"
    text += f"\nlookup | legal | {LOOKUP}\nsmall_talk | other | hi"
    assert import_examples(text=text, actor=ana) == Imported(added=2, changed=1, same=1)
    assert RoutingExample.objects.get(text="a | b?").created_by == ana
    assert RoutingExample.objects.get(text=LOOKUP).department == "legal"
    assert AuditEvent.objects.get().details == {"added": 2, "changed": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at least one line"),
        ("lookup | it", "Line 1"),
        ("lookup | it | fine?\nlook | it | fine?", "Line 2: “look” is no kind"),
        ("lookup | zoo | fine?", "“zoo” is no department"),
        (f"lookup | it | {'x' * 501}", "500 characters"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_kept(text: str, said: str, ana: User) -> None:
    before = RoutingExample.objects.count()
    with pytest.raises(InvalidInput, match=said):
        import_examples(text=text, actor=ana)
    assert RoutingExample.objects.count() == before
