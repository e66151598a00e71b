"""Who may ask how much: the rows that administrators write. Where there is none, `allowance` has a default."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

KINDS = ("requests_per_minute", "requests_per_day", "tokens_per_minute", "tokens_per_day", "concurrent_runs")


class UsageLimitQuerySet(models.QuerySet["UsageLimit"]):
    def about(self, user_id: int, group_ids: Iterable[int]) -> Self:
        """The rows that count for a person in these groups."""
        for_all = Q(group=None, user=None)
        return self.filter(for_all | Q(group__in=list(group_ids)) | Q(user=user_id)).select_related("group")


class UsageLimit(models.Model):
    """What one person, each person, or people together may use. An empty field: as much as they like."""

    class Scope(models.TextChoices):
        EACH_PERSON = "each_person", "each person"
        GROUP = "group", "each member of a group"
        PERSON = "person", "one person"
        GROUP_TOGETHER = "group_together", "a group together"
        EVERYONE_TOGETHER = "everyone_together", "everyone together"

    scope = models.CharField("for", max_length=20, choices=Scope)
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="usage_limits")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="usage_limits",
        verbose_name="person",
    )
    requests_per_minute = models.PositiveIntegerField(
        "questions a minute", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    requests_per_day = models.PositiveIntegerField(
        "questions a day", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    tokens_per_minute = models.PositiveIntegerField(
        "tokens a minute", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    tokens_per_day = models.PositiveIntegerField(
        "tokens a day", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    concurrent_runs = models.PositiveIntegerField(
        "answers at the same time", null=True, blank=True, validators=[MinValueValidator(1)]
    )

    objects = UsageLimitQuerySet.as_manager()

    class Meta:
        verbose_name = "usage limit"
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["each_person", "group", "person", "group_together", "everyone_together"]),
                name="usagelimit_scope_known",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["group", "group_together"], group__isnull=False)
                | (~Q(scope__in=["group", "group_together"]) & Q(group__isnull=True)),
                name="usagelimit_names_a_group_if_for_one",
                violation_error_message="Choose a group for a group's limit, and only for that.",
            ),
            models.CheckConstraint(
                condition=Q(scope="person", user__isnull=False) | (~Q(scope="person") & Q(user__isnull=True)),
                name="usagelimit_names_a_person_if_for_one",
                violation_error_message="Choose a person for one person's limit, and only for that.",
            ),
            models.CheckConstraint(
                condition=Q(*[Q(**{kind: None}) | Q(**{f"{kind}__gte": 1}) for kind in KINDS]),
                name="usagelimit_at_least_one",
                violation_error_message="A limit is at least 1; leave it empty for no limit.",
            ),
            models.UniqueConstraint(
                fields=["scope"],
                condition=Q(group=None, user=None),
                name="usagelimit_one_for_all",
                violation_error_message="There is such a limit already: change that one.",
            ),
            models.UniqueConstraint(
                fields=["scope", "group"],
                condition=~Q(group=None),
                name="usagelimit_one_per_group",
                violation_error_message="This group has such a limit already: change that one.",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=~Q(user=None),
                name="usagelimit_one_per_person",
                violation_error_message="This person has a limit already: change that one.",
            ),
        ]
        ordering = ["scope", "group__name", "user__email"]

    def __str__(self) -> str:
        match self.scope:
            case self.Scope.GROUP:
                return f"Each member of {self.group}"
            case self.Scope.GROUP_TOGETHER:
                return f"{self.group} together"
            case self.Scope.PERSON:
                return str(self.user)
            case _:
                return self.get_scope_display().capitalize()
