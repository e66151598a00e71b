"""What the router learns from, what it has learned, and the rules by which a kind of question gets its model."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q


class Kind(models.TextChoices):
    """What answering takes."""

    LOOKUP = "lookup", "lookup"  # one fact or one procedure that a document holds
    COMPARISON = "comparison", "comparison"  # two or more things set side by side
    MULTI_STEP = "multi_step", "multi-step"  # several facts brought together: a plan, a calculation, a case
    PERSONAL = "personal", "personal"  # data about the asker, or an act for them, that no document holds
    SMALL_TALK = "small_talk", "small talk"


class Department(models.TextChoices):
    HR = "hr", "HR"
    IT = "it", "IT"
    FINANCE = "finance"
    LEGAL = "legal"
    FACILITIES = "facilities"
    SALES = "sales"
    OPERATIONS = "operations"
    OTHER = "other"


class RoutingExample(models.Model):
    """A question with its kind and department. Whoever edits these teaches the router."""

    text = models.CharField("question", max_length=500, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    department = models.CharField(max_length=10, choices=Department, default=Department.OTHER)
    is_shipped = models.BooleanField("shipped", default=False, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="routingexample_kind_known"),
            models.CheckConstraint(
                condition=Q(department__in=Department.values), name="routingexample_department_known"
            ),
        ]
        indexes = [models.Index(fields=["-updated_at"], name="routingexample_newest_change")]  # has anything changed?
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"


class RoutingRule(models.Model):
    """Which tier a question gets. The first active rule that fits decides; an empty field fits everything."""

    class Tier(models.TextChoices):
        FAST = "fast"
        STRONG = "strong"

    position = models.PositiveSmallIntegerField(default=10, help_text="The lowest is looked at first.")
    kind = models.CharField(max_length=10, choices=Kind, blank=True, help_text="Empty: every kind.")
    department = models.CharField(max_length=10, choices=Department, blank=True, help_text="Empty: every department.")
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, help_text="Only for people in this group. Empty: for everyone."
    )
    tier = models.CharField(max_length=6, choices=Tier)
    is_active = models.BooleanField("active", default=True)
    note = models.CharField(max_length=200, blank=True, help_text="Why this rule is there.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["", *Kind.values]), name="routingrule_kind_known"),
            models.CheckConstraint(
                condition=Q(department__in=["", *Department.values]), name="routingrule_department_known"
            ),
            models.CheckConstraint(condition=Q(tier__in=["fast", "strong"]), name="routingrule_tier_known"),
        ]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.when} → {self.tier}"

    @property
    def when(self) -> str:
        """What it fits, in words."""
        parts = [self.get_kind_display(), self.get_department_display(), str(self.group) if self.group_id else ""]
        return " · ".join(part for part in parts if part) or "everything else"

    def fits(self, *, kind: str, department: str, group_ids: frozenset[int]) -> bool:
        return (
            self.kind in {"", kind}
            and self.department in {"", department}
            and (self.group_id is None or self.group_id in group_ids)
        )


class ShippedRouting(models.Model):
    """What has come with a release once. What a person then changes or deletes stays changed or deleted."""

    key = models.CharField(max_length=600, unique=True)

    def __str__(self) -> str:
        return self.key


class TrainedRouter(models.Model):
    """
    What was learned from the examples, so that one process learns and all know.

    `fingerprint` names the examples, `basis` what numbers they were turned into; weights fit their own basis only.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    basis = models.CharField(max_length=120)
    weights = models.BinaryField()
    examples = models.PositiveIntegerField()
    kind_accuracy = models.FloatField(null=True, help_text="On held-back examples.")
    department_accuracy = models.FloatField(null=True, help_text="On held-back examples.")
    trained_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "trained_at"

    def __str__(self) -> str:
        return f"{self.examples} examples, {self.trained_at:%Y-%m-%d %H:%M}"
