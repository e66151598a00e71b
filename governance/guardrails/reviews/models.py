"""What people say was filtered wrongly, what became of it; attacks that were blocked, and alerts about them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.access.models import User

MAX_COMMENT_CHARS = 1000
MAX_NOTE_CHARS = 500


class GuardReviewQuerySet(models.QuerySet["GuardReview"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def open(self) -> Self:
        return self.filter(outcome="")


class GuardReview(models.Model):
    """
    "This was wrong", said by the person whose question or answer was filtered.

    The question is kept as it was asked, personal data masked: the form says so to whoever sends it.
    """

    class Outcome(models.TextChoices):
        UPHELD = "upheld"
        OVERTURNED = "overturned"

    request_id = models.UUIDField(editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False)
    guard = models.CharField(max_length=40, editable=False)
    code = models.CharField("reason", max_length=80, editable=False)
    policy = models.CharField(max_length=80, blank=True, editable=False)
    question = models.TextField(editable=False)
    comment = models.CharField(max_length=MAX_COMMENT_CHARS, blank=True, editable=False)
    created_at = models.DateTimeField("sent", default=timezone.now, editable=False)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, editable=False)
    note = models.CharField(
        max_length=MAX_NOTE_CHARS, blank=True, help_text="The person who asked reads it, under their answer."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField("decided", null=True, editable=False)

    objects = GuardReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "guard review"
        constraints = [
            # also the index behind the answers that are shown
            models.UniqueConstraint(fields=["request_id", "user"], name="guardreview_one_for_each_answer"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "upheld", "overturned"]), name="guardreview_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="guardreview_decided_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["outcome", "-created_at"], name="guardreview_queue")
        ]  # what waits, newest first
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.code}, {self.created_at:%d %b %Y %H:%M}"


class BlockedAttack(models.Model):
    """A question that a guard against attacks or harm blocked: what an alert counts."""

    request_id = models.UUIDField(unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False)
    guard = models.CharField(max_length=40, editable=False)
    code = models.CharField(max_length=80, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="blockedattack_latest_of_user")
        ]  # one account's, in a window
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.code}, {self.at:%d %b %Y %H:%M}"


class AbuseAlertQuerySet(models.QuerySet["AbuseAlert"]):
    def open(self) -> Self:
        return self.filter(acknowledged_at=None)


class AbuseAlert(models.Model):
    """One account attacks again and again. One is open for each account; somebody acknowledges it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False)
    raised_at = models.DateTimeField("raised", default=timezone.now, editable=False)
    attacks = models.PositiveIntegerField(editable=False, help_text="Since it was raised, with those that raised it.")
    latest_at = models.DateTimeField("latest attack", editable=False)
    codes = models.JSONField("reasons", default=list, editable=False)
    acknowledged_at = models.DateTimeField("acknowledged", null=True, editable=False)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )

    objects = AbuseAlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(acknowledged_at=None), name="abusealert_one_open_for_user"
            ),
            models.CheckConstraint(condition=Q(attacks__gte=1), name="abusealert_has_attacks"),
        ]
        ordering = ["-raised_at"]

    def __str__(self) -> str:
        return f"{self.user}, {self.raised_at:%d %b %Y %H:%M}"
