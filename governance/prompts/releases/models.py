"""Recipes, which of them is in force for whom, and how the answers of a canary's people went."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from governance.prompts.versions.models import Prompt, PromptVersion


class Recipe(models.Model):
    """
    Everything that a release can change about answers, as one: a version of every prompt.

    Never changed, never deleted: triggers of the database refuse (migration 0004). Two that hold the same are one row.
    """

    versions = models.ManyToManyField(PromptVersion, through="governance.RecipePrompt", related_name="recipes")
    sha256 = models.CharField(max_length=64, unique=True, editable=False, help_text="The fingerprint of its parts.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """How answers and the audit record name it."""
        return f"recipe@{self.pk}"


class RecipePrompt(models.Model):
    """The version of one prompt that a recipe holds."""

    recipe = models.ForeignKey(Recipe, models.PROTECT, related_name="parts", editable=False)
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="+", editable=False)
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="+", editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipe", "prompt"], name="recipeprompt_one_version_of_each")]
        ordering = ["prompt"]

    def __str__(self) -> str:
        return f"recipe@{self.recipe_id}: {self.version_id}"


class ReleaseQuerySet(models.QuerySet["Release"]):
    def in_force(self) -> Self:
        return self.filter(state__in=Release.LIVE)


class Release(models.Model):
    """
    A recipe put in force, for everybody or for a share of people, and how that ended.

    `previous` is the release that a roll-back returns to: the one whose place it took.
    """

    class State(models.TextChoices):
        CANARY = "canary"
        FULL = "full", "for everybody"
        TAKEN_BACK = "taken_back", "took itself back"
        ROLLED_BACK = "rolled_back", "rolled back"
        REPLACED = "replaced"

    LIVE = (State.CANARY, State.FULL)

    recipe = models.ForeignKey(Recipe, models.PROTECT, related_name="releases", editable=False)
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    state = models.CharField(max_length=11, choices=State, editable=False)
    share = models.PositiveSmallIntegerField("percent of people", editable=False)
    note = models.CharField(max_length=500, blank=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    at = models.DateTimeField(default=timezone.now, editable=False)
    promote_after_people = models.PositiveIntegerField(null=True, editable=False)
    promote_after_days = models.PositiveSmallIntegerField(null=True, editable=False)
    promoted_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    reason = models.CharField(
        max_length=1_000, blank=True, editable=False, help_text="Why it was taken or rolled back."
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="full"), name="release_one_for_everybody"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="canary"), name="release_one_canary"),
            models.CheckConstraint(
                condition=Q(state__in=["canary", "full", "taken_back", "rolled_back", "replaced"]),
                name="release_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(share__range=(1, 100))
                & (~Q(state="full") | Q(share=100))
                & (~Q(state="canary") | Q(share__lt=100)),
                name="release_share_fits_its_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["canary", "full"], ended_at=None)
                | Q(state__in=["taken_back", "rolled_back", "replaced"], ended_at__isnull=False),
                name="release_in_force_or_ended",
            ),
            models.CheckConstraint(
                condition=Q(promote_after_people=None, promote_after_days=None)
                | Q(promote_after_people__gte=1, promote_after_days__gte=1),
                name="release_promotion_takes_people_and_days",
            ),
        ]
        ordering = ["-pk"]
        permissions = [("roll_back_release", "Can roll back a release")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("admin:governance_release_change", args=[self.pk])

    @property
    def label(self) -> str:
        return f"release@{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def wants_a_reason(self) -> bool:
        """It was rolled back, and nobody has said why yet."""
        return self.state == self.State.ROLLED_BACK and not self.reason


class CanaryAnswer(models.Model):
    """One person's ended answer while a canary was out: in its arm, or in the rest. What the comparison counts."""

    class Arm(models.TextChoices):
        CANARY = "canary"
        REST = "rest"

    release = models.ForeignKey(Release, models.CASCADE, related_name="answers", editable=False)
    arm = models.CharField(max_length=6, choices=Arm, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False)
    request_id = models.UUIDField(unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=16, editable=False)
    is_reask = models.BooleanField(default=False, editable=False)
    confidence = models.FloatField(null=True, editable=False)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True, editable=False)
    latency_ms = models.PositiveIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(arm__in=["canary", "rest"]), name="canaryanswer_arm_is_known"),
        ]
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.arm}"
