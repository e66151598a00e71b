"""Whose spending one may see: people stand in groups, for all but auditors and superusers."""

from collections import defaultdict

from django.db.models import BooleanField, Case, Q, Value, When

from governance.access.models import User
from governance.audit.anonymity import sees_people, showable
from governance.gateway.money.models import Budget, BudgetQuerySet


def seen_by(viewer: User, budgets: BudgetQuerySet) -> BudgetQuerySet:
    """
    The budgets that may be listed, each with `is_hidden`: whether its spending would tell of too few people.

    Budgets of one person are left out for those who see people only in groups.
    """
    if sees_people(viewer):
        return budgets.annotate(is_hidden=Value(value=False))
    is_hidden = When(Q(scope=Budget.Scope.GROUP) & ~Q(group__in=groups_with_figures()), then=Value(value=True))
    listed = budgets.exclude(scope=Budget.Scope.PERSON)
    return listed.annotate(is_hidden=Case(is_hidden, default=Value(value=False), output_field=BooleanField()))


def groups_with_figures() -> set[int]:
    """The groups with budgets whose spending may be shown, beside each other's and what the company spends."""
    members: dict[int, set[int]] = defaultdict(set)
    rows = User.groups.through.objects.filter(group__budgets__isnull=False, user__is_active=True).distinct()
    for group_id, user_id in rows.values_list("group_id", "user_id"):
        members[group_id].add(user_id)
    return showable(members, set(User.objects.filter(is_active=True).values_list("pk", flat=True)))


def is_about_few(budget: Budget) -> bool:
    """Whether its spending tells of a person, or of too few."""
    if budget.scope == Budget.Scope.GROUP:
        return budget.group_id not in groups_with_figures()
    return budget.scope == Budget.Scope.PERSON
