"""What is done about what the guards find: policies with versions, and what they would have done last week."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from governance.guardrails.policy import DEFAULT
from governance.guardrails.values import Action

LEAST_CHARS, MOST_CHARS = 200, 100_000
ACTIONS = [(str(action), str(action)) for action in Action]


class GuardPolicyQuerySet(models.QuerySet["GuardPolicy"]):
    def live(self) -> Self:
        return self.filter(state=GuardPolicy.State.LIVE)


class GuardPolicy(models.Model):
    """
    One version of the policy of a group, or of everyone. Only drafts change; what was live stays as it was.

    Somebody in several groups that have one is held to that of the group whose name comes first.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        LIVE = "live"
        RETIRED = "retired"

    group = models.ForeignKey(
        Group,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="for",
        help_text="Whom it holds for. Empty: everyone whose groups have no policy of their own.",
    )
    number = models.PositiveIntegerField(editable=False)
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT, editable=False)
    note = models.CharField(max_length=200, help_text="What changes, and why. It stays with the version.")
    is_reversible = models.BooleanField(
        "placeholders are filled in for the asker",
        default=DEFAULT.is_reversible,
        help_text="Whoever wrote an address or a number sees it in their own answer; models and logs never do.",
    )
    max_answer_chars = models.PositiveIntegerField(
        "longest answer",
        default=DEFAULT.max_answer_chars,
        validators=[MinValueValidator(LEAST_CHARS), MaxValueValidator(MOST_CHARS)],
        help_text="In characters. A longer one is cut after a sentence, and says so.",
    )
    alert_after = models.PositiveSmallIntegerField(
        "alert after",
        default=DEFAULT.alert_after,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Blocked attacks by one account …",
    )
    alert_within_min = models.PositiveSmallIntegerField(
        "within",
        default=DEFAULT.alert_within_min,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text="… within so many minutes raise an abuse alert.",
    )
    hidden = models.TextField(
        "words to hide", blank=True, help_text="One on each line: code names, customers. Masked like personal data."
    )
    allowed = models.TextField(
        "words that are no secret",
        blank=True,
        help_text="One on each line: addresses or domains of the company's, never masked.",
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="Of the policy or one of its rules: a dry run before it is old."
    )
    live_at = models.DateTimeField(null=True, editable=False)

    objects = GuardPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = "guard policy"
        verbose_name_plural = "guard policies"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "number"], nulls_distinct=False, name="guardpolicy_number_unique_for_group"
            ),
            # also the index of what each process reads every second
            models.UniqueConstraint(
                fields=["group"], condition=Q(state="live"), nulls_distinct=False, name="guardpolicy_one_live_for_group"
            ),
            models.CheckConstraint(condition=Q(state__in=["draft", "live", "retired"]), name="guardpolicy_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(live_at__isnull=False), name="guardpolicy_was_live_at"
            ),
            models.CheckConstraint(
                condition=Q(max_answer_chars__range=(LEAST_CHARS, MOST_CHARS)), name="guardpolicy_answer_length"
            ),
            models.CheckConstraint(
                condition=Q(alert_after__gte=1, alert_within_min__gte=1), name="guardpolicy_alert_positive"
            ),
        ]
        ordering = ["group__name", "-number"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """How answers and the audit record name it."""
        name = slugify(self.group.name)[:40] or f"group-{self.group.pk}" if self.group else "default"
        return f"{name}@{self.number}"

    @property
    def whom(self) -> str:
        return self.group.name if self.group else "everyone"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class GuardRule(models.Model):
    """What a policy does about one thing that a guard finds."""

    class About(models.TextChoices):
        QUESTION = "question"  # an input guard, by its name
        PERSONAL = "personal"  # a type of personal data, or of secrets, in what people write
        ANSWER = "answer"  # what the output screen looks for
        DOCUMENT = "document"  # what ingest looks for

    policy = models.ForeignKey(GuardPolicy, models.CASCADE, related_name="rules")
    about = models.CharField(max_length=8, choices=About, editable=False)
    name = models.CharField("what", max_length=40, editable=False)
    action = models.CharField(max_length=5, choices=ACTIONS)
    threshold = models.FloatField(
        default=0.5, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)], help_text="Score from which it acts."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "about", "name"], name="guardrule_one_for_each_thing"),
            models.CheckConstraint(
                condition=Q(about__in=["question", "personal", "answer", "document"]), name="guardrule_about_known"
            ),
            models.CheckConstraint(
                condition=Q(action__in=["allow", "warn", "mask", "block"]), name="guardrule_action_known"
            ),
            models.CheckConstraint(condition=Q(threshold__range=(0.0, 1.0)), name="guardrule_threshold_is_a_score"),
        ]
        ordering = ["about", "name"]

    def __str__(self) -> str:
        return f"{self.get_about_display()}: {self.name}"


class DryRun(models.Model):
    """
    What a draft would have made of last week's questions, beside what the live policy makes of them.

    `changes` are the questions whose verdict would be another, by request id: their texts are looked up when they are
    shown, and those that were erased meanwhile are gone.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    policy = models.ForeignKey(GuardPolicy, models.CASCADE, related_name="dry_runs")
    against = models.CharField(max_length=60, help_text="The label of the policy that is live.")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    counts_now = models.JSONField(default=dict)
    counts_then = models.JSONField(default=dict)
    changes = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed"]), name="dryrun_state_known"
            ),
            # a double click starts one
            models.UniqueConstraint(
                fields=["policy"], condition=Q(state__in=["queued", "running"]), name="dryrun_one_running_for_policy"
            ),
        ]
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"Dry run of {self.policy}, {self.started_at:%d %b %Y %H:%M}"
