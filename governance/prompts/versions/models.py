"""Prompts, their versions, and what people say when they review one."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from governance.prompts.content import HOTTEST, MOST_OUTPUT_TOKENS, Content
from governance.prompts.kinds import KINDS, Kind
from governance.prompts.semver import Number


class Prompt(models.Model):
    """One that the code asks for by name (`kinds.py`); what it says are its versions."""

    name = models.CharField(max_length=40, primary_key=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.kind.title

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def released(self) -> "PromptVersion | None":
        return self.versions.filter(state=PromptVersion.State.RELEASED).first()


class PromptVersion(models.Model):
    """
    A text, and the settings that it is sent with.

    Once it is no draft its content can't change: a trigger of the database refuses (migration 0003).
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in_review", "in review"
        APPROVED = "approved"
        RELEASED = "released"
        RETIRED = "retired"

    class Tier(models.TextChoices):
        ROUTED = "routed", "as the router decides"
        FAST = "fast"
        STRONG = "strong"

    class Level(models.TextChoices):
        MAJOR = "major"
        MINOR = "minor"
        PATCH = "patch"

    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="versions", editable=False)
    major = models.PositiveIntegerField(editable=False)
    minor = models.PositiveIntegerField(editable=False)
    patch = models.PositiveIntegerField(editable=False)
    text = models.TextField()
    variables = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    tier = models.CharField(max_length=6, choices=Tier)
    temperature = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(HOTTEST)]
    )
    max_output_tokens = models.PositiveIntegerField(
        "longest answer",
        validators=[MinValueValidator(1), MaxValueValidator(MOST_OUTPUT_TOKENS)],
        help_text="In tokens.",
    )
    sha256 = models.CharField(max_length=64, editable=False)
    level = models.CharField("part of the number", max_length=5, choices=Level)
    level_reason = models.CharField(max_length=300, blank=True)
    change_note = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "major", "minor", "patch"], name="promptversion_one_of_each_number"
            ),
            models.UniqueConstraint(
                fields=["prompt"], condition=Q(state="released"), name="promptversion_one_released"
            ),
            models.CheckConstraint(condition=~Q(approved_by=F("author")), name="promptversion_author_is_not_approver"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review", "approved", "released", "retired"]),
                name="promptversion_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(tier__in=["routed", "fast", "strong"], level__in=["major", "minor", "patch"]),
                name="promptversion_choices_are_known",
            ),
            models.CheckConstraint(
                condition=Q(temperature__range=(0, 2), max_output_tokens__range=(1, MOST_OUTPUT_TOKENS)),
                name="promptversion_settings_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review"], approved_at=None, approved_by=None)
                | Q(state__in=["approved", "released", "retired"], approved_at__isnull=False),
                name="promptversion_approved_before_released",
            ),
        ]
        ordering = ["prompt", "-major", "-minor", "-patch"]
        permissions = [
            ("approve_promptversion", "Can approve or reject a version of a prompt"),
            ("release_promptversion", "Can release a version of a prompt"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("admin:governance_promptversion_change", args=[self.pk])

    @property
    def number(self) -> Number:
        return Number(self.major, self.minor, self.patch)

    @property
    def label(self) -> str:
        """How answers, calls and the audit record name it."""
        return f"{self.prompt_id}@{self.number}"

    @property
    def content(self) -> Content:
        return Content(self.text, self.tier, self.temperature, self.max_output_tokens)


class ReviewComment(models.Model):
    """What somebody said about a version; a verdict's reason is one too."""

    class Verdict(models.TextChoices):
        NONE = "", "comment"
        APPROVED = "approved"
        REJECTED = "rejected"

    version = models.ForeignKey(PromptVersion, models.CASCADE, related_name="comments", editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True, editable=False)
    text = models.TextField(max_length=2_000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=["", "approved", "rejected"]), name="reviewcomment_verdict_is_known"
            ),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.author or 'somebody who is gone'} on {self.version_id}"
