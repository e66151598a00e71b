"""Suites, their cases, runs of them, and who let a version pass in spite of one."""

import hashlib
import json
from dataclasses import fields
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from governance.prompts.suites.cases import FLOOR, MOST_TIMES, CaseSpec, from_json
from governance.prompts.versions.models import PromptVersion

SILENT = timedelta(minutes=10)
"""A run that nothing was heard of for so long has broken off: another may begin."""


class Suite(models.Model):
    """Cases that belong together, and the prompts whose versions have to pass them."""

    name = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=100)
    prompts = ArrayField(models.CharField(max_length=40), help_text="Whose versions have to pass before approval.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title

    @property
    def fingerprint(self) -> str:
        """Of what is asked and expected now: a run of other cases says nothing about these."""
        told = json.dumps([case.spec.as_json() for case in self.cases.active()], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


class CaseQuerySet(models.QuerySet["SuiteCase"]):
    def active(self) -> Self:
        return self.filter(is_active=True).order_by("key")


class SuiteCase(models.Model):
    """A `CaseSpec` as people edit it. One that isn't active is not asked, and gates nothing."""

    class Kind(models.TextChoices):
        NORMAL = "normal", "to be answered"
        NO_ANSWER = "no_answer", "without an answer"
        ADVERSARIAL = "adversarial"

    class Source(models.TextChoices):
        SHIPPED = "shipped"
        THUMBS_DOWN = "thumbs_down", "thumbs down"
        PERSON = "person"

    suite = models.ForeignKey(Suite, models.CASCADE, related_name="cases")
    key = models.CharField(
        max_length=40,
        validators=[RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Small letters, digits, and - between them.")],
        help_text="A short name, such as parental-leave-weeks.",
    )
    question = models.TextField(max_length=2_000)
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.NORMAL)
    passages = models.JSONField(default=list, blank=True)
    history = models.JSONField(default=list, blank=True)
    statuses = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    must_contain = models.JSONField(default=list, blank=True)
    must_not_contain = models.JSONField(default=list, blank=True)
    must_cite = models.BooleanField("must cite a source", default=False)
    cites = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    max_words = models.PositiveIntegerField("longest answer", null=True, blank=True, help_text="In words.")
    json_schema = models.JSONField("JSON schema", null=True, blank=True)
    rubric = models.TextField(max_length=2_000, blank=True)
    floor = models.FloatField(default=FLOOR, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)])
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    times = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_TIMES)],
        help_text="How often it is asked in a run; more than half of the answers have to pass.",
    )
    is_active = models.BooleanField("in use", default=True)
    source = models.CharField(max_length=11, choices=Source, default=Source.PERSON, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "case"
        constraints = [
            models.UniqueConstraint(fields=["suite", "key"], name="suitecase_one_of_each_key"),
            models.CheckConstraint(
                condition=Q(kind__in=["normal", "no_answer", "adversarial"]), name="suitecase_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["shipped", "thumbs_down", "person"]), name="suitecase_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(times__range=(1, MOST_TIMES), floor__range=(0.0, 1.0)), name="suitecase_numbers_in_range"
            ),
        ]
        ordering = ["suite", "key"]

    def __str__(self) -> str:
        return self.key

    @property
    def spec(self) -> CaseSpec:
        return from_json({each.name: getattr(self, each.name) for each in fields(CaseSpec)})


class RunQuerySet(models.QuerySet["SuiteRun"]):
    def done(self) -> Self:
        return self.filter(state=SuiteRun.State.DONE)

    def under_way(self) -> Self:
        begun = self.filter(state__in=[SuiteRun.State.QUEUED, SuiteRun.State.RUNNING])
        return begun.filter(touched_at__gte=timezone.now() - SILENT)


class SuiteRun(models.Model):
    """
    A suite's cases, answered with one version of a prompt; the other prompts as they are released.

    `sha256` is what the version said then, `cases_sha256` what was asked: both must still hold for it to gate.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed", "broke off"

    suite = models.ForeignKey(Suite, models.CASCADE, related_name="runs")
    version = models.ForeignKey(PromptVersion, models.CASCADE, related_name="suite_runs")
    sha256 = models.CharField(max_length=64)
    cases_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField()
    passed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    not_judged = models.PositiveIntegerField(default=0)
    models_used = ArrayField(models.CharField(max_length=100), default=list)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed"]), name="suiterun_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=F("passed") + F("failed") + F("not_judged")), name="suiterun_counts_add_up"
            ),
        ]
        indexes = [
            # the gate's and the review page's: the last run of a version in a suite
            models.Index(fields=["version", "suite", "-started_at"], name="suiterun_last_of_version"),
        ]
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.suite}: {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("admin:governance_suiterun_change", args=[self.pk])

    @property
    def done(self) -> int:
        return self.passed + self.failed + self.not_judged

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING} and self.touched_at >= timezone.now() - SILENT

    @property
    def is_green(self) -> bool:
        """All that could be judged passed."""
        return self.state == self.State.DONE and self.failed == 0 and self.passed > 0

    @property
    def is_red(self) -> bool:
        return self.state == self.State.DONE and not self.is_green


class CaseResult(models.Model):
    """
    A case in a run. `tries` are its answers, each with its findings and whole trace; `case` is what was asked for then.

    `is_flaky`: some of the tries passed and some didn't.
    """

    class Verdict(models.TextChoices):
        PASSED = "passed"
        FAILED = "failed"
        NOT_JUDGED = "not_judged", "not judged"

    run = models.ForeignKey(SuiteRun, models.CASCADE, related_name="results")
    key = models.CharField(max_length=40)
    case = models.JSONField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    is_flaky = models.BooleanField(default=False)
    passes = models.PositiveSmallIntegerField()
    tries = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="caseresult_one_for_each_case"),
            models.CheckConstraint(
                condition=Q(verdict__in=["passed", "failed", "not_judged"]), name="caseresult_verdict_is_known"
            ),
        ]
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_verdict_display()}"


class SuiteOverride(models.Model):
    """
    Somebody's word that a version may be approved in spite of a red run.

    It takes three people: who wrote it, who overrides, and who approves; `author` and `approver` stand here for that.
    """

    run = models.OneToOneField(SuiteRun, models.CASCADE, related_name="override")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(max_length=1_000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("author")), name="suiteoverride_by_is_not_author"),
            models.CheckConstraint(condition=~Q(by=F("approver")), name="suiteoverride_by_is_not_approver"),
            models.CheckConstraint(condition=~Q(reason=""), name="suiteoverride_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.by or 'somebody who is gone'}: {self.reason}"
