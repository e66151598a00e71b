"""Tools: what there is beside the documents, who may use it, and the record of each use."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from askacme.lib.sealed import SealedField
from chat.conversations.models import Message
from chat.conversations.render import Cites, render
from governance.access.audience import Audience
from governance.access.models import User
from governance.guardrails.pii import PLACEHOLDER
from governance.guardrails.pii.shown import shown as chips
from governance.guardrails.pii.vault import values_of

BUILT_IN_NAMES = ("search_knowledge", "calculate", "dates")
MAX_TIMEOUT_S = 30
MAX_DESCRIPTION_CHARS = 900
"""The system's name is added to it, and OpenAI refuses what is longer than 1,024."""
LIFE = timedelta(hours=24)
"""How long a proposal can be confirmed."""
T = TypeVar("T", bound="Permitted")


class PermittedQuerySet(models.QuerySet[T]):
    def open_to(self, audience: Audience) -> Self:
        """Those that are switched on and that these people may use."""
        allowed = Q(for_everyone=True) | Q(groups__in=audience.group_ids)
        return self.filter(allowed, is_active=True).distinct()


class Permitted(models.Model):
    """Something that is switched on for everyone, for the members of groups, or for nobody."""

    is_active = models.BooleanField("switched on", default=True)
    for_everyone = models.BooleanField("for everyone", default=False)
    groups = models.ManyToManyField(Group, blank=True, related_name="+", help_text="Who may use it, if not everyone.")

    class Meta:
        abstract = True


class BuiltInTool(Permitted):
    """A restriction of a built-in tool; one without a row is for everyone."""

    class Name(models.TextChoices):
        SEARCH_KNOWLEDGE = "search_knowledge", "Search the documents"
        CALCULATE = "calculate", "Calculator"
        DATES = "dates", "Dates"

    name = models.CharField(max_length=30, choices=Name, unique=True)

    objects = PermittedQuerySet["BuiltInTool"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(name__in=BUILT_IN_NAMES), name="builtintool_name_known"),
        ]
        ordering = ["name"]
        verbose_name = "built-in tool"

    def __str__(self) -> str:
        return self.get_name_display()


class Connector(Permitted):
    """
    A tool that is an address on another system, asked on behalf of an employee.

    The employee's own e-mail address goes along as `X-Employee-Email`: from their account, never from the model.
    Whoever defines one decides where this server connects to: only superusers do.
    """

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"

    class Auth(models.TextChoices):
        NONE = "none", "None"
        BEARER = "bearer", "Bearer token"
        HEADER = "header", "Header"

    name = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z_]*$", "Small letters and underscores only.")],
        help_text="What the model calls it, such as vacation_balance.",
    )
    title = models.CharField(max_length=80, help_text="What people call it, such as “Vacation balance”.")
    system = models.CharField(max_length=80, help_text="The system that answers, such as “HR system”.")
    description = models.TextField(
        max_length=MAX_DESCRIPTION_CHARS, help_text="Tells the model what it does, and when to use it."
    )
    method = models.CharField(max_length=4, choices=Method, default=Method.GET)
    url = models.CharField(
        "address",
        max_length=1000,
        help_text="http(s)://…; {name} in it stands for an argument. Other arguments go into the query, or the JSON "
        "body of a POST.",
    )
    arguments = models.JSONField(
        default=dict,
        help_text="JSON schema (draft 2020-12) of an object; additionalProperties must be false. The title of a "
        "property is what people read.",
    )
    auth = models.CharField("sign-in", max_length=6, choices=Auth, default=Auth.NONE)
    auth_header = models.CharField(max_length=60, blank=True, help_text="The header that carries the secret.")
    secret = SealedField()
    timeout_s = models.PositiveSmallIntegerField(
        "time limit",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_TIMEOUT_S)],
        help_text="In seconds.",
    )
    changes_something = models.BooleanField(
        default=False, help_text="Then it runs only after the employee has confirmed exactly what will be done."
    )
    answer_template = models.TextField(
        blank=True,
        help_text="Words the answer where no language model does, such as “You have {remaining_days} days left in "
        "{year}.”; {next.pay_date} reaches into parts.",
    )
    example_questions = models.TextField(
        blank=True, help_text="One a line: by them the tool is found where no language model chooses it."
    )

    objects = PermittedQuerySet["Connector"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name__in=BUILT_IN_NAMES), name="connector_name_not_built_in"),
            models.CheckConstraint(condition=Q(name__regex=r"^[a-z][a-z_]*$"), name="connector_name_plain"),
            models.CheckConstraint(condition=Q(method__in=["GET", "POST"]), name="connector_method_known"),
            models.CheckConstraint(
                condition=Q(auth="none") | Q(auth="bearer") | Q(auth="header") & ~Q(auth_header=""),
                name="connector_auth_known",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("description"), MAX_DESCRIPTION_CHARS),
                name="connector_description_bounded",
            ),
            models.CheckConstraint(
                condition=Q(timeout_s__gte=1, timeout_s__lte=MAX_TIMEOUT_S), name="connector_timeout_bounded"
            ),
            models.CheckConstraint(
                condition=Q(changes_something=False) | Q(method="POST"), name="connector_change_is_a_post"
            ),
        ]
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.example_questions.splitlines() if line.strip())


class ToolUseQuerySet(models.QuerySet["ToolUse"]):
    def visible_to(self, user: User) -> Self:
        """One's own, below answers that still exist."""
        return self.filter(user=user, message__conversation__user=user)

    def waiting(self) -> Self:
        return self.filter(state=ToolUse.State.PROPOSED)


class ToolUse(models.Model):
    """
    One call of a tool, on record: on whose behalf, with which arguments, and what came of it.

    Arguments never change once the row is there: what a person confirms is what is done. Rows outlive the
    conversation they belong to; `request_id` still leads to its model calls.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waits for confirmation"
        RUNNING = "running"
        DONE = "done"
        DECLINED = "declined"
        FAILED = "failed"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(editable=False)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, editable=False, related_name="tool_uses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    tool = models.CharField(max_length=60, editable=False)
    title = models.CharField(max_length=80, editable=False)
    system = models.CharField(max_length=80, editable=False)
    changes_something = models.BooleanField(default=False, editable=False)
    arguments = models.JSONField(default=dict, editable=False)
    shown = models.JSONField(default=list, editable=False, help_text="[title, value] of each argument, as shown.")
    fingerprint = models.CharField(max_length=64, blank=True, editable=False, help_text="Of what would be sent where.")
    state = models.CharField(max_length=8, choices=State, editable=False)
    result = models.TextField(blank=True, editable=False)
    outcome = models.TextField(blank=True, editable=False, help_text="The result in words, for the person.")
    error = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = ToolUseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "running", "done", "declined", "failed", "expired"]),
                name="tooluse_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "running"], finished_at=None)
                | Q(state__in=["done", "declined", "failed", "expired"], finished_at__isnull=False),
                name="tooluse_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "done"]) | Q(started_at__isnull=False),
                name="tooluse_ran_has_a_start",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="tooluse_failed_says_why"),
            models.CheckConstraint(
                condition=Q(changes_something=True) | ~Q(state__in=["proposed", "declined", "expired"]),
                name="tooluse_only_changes_wait",
            ),
        ]
        indexes = [
            models.Index(fields=["request_id"], name="tooluse_of_request"),  # the trace of one answer
            models.Index(fields=["-created_at"], name="tooluse_newest_first"),  # the console: newest first
            # the sweeper: what waits or runs
            models.Index(
                fields=["created_at"], name="tooluse_unfinished", condition=Q(state__in=["proposed", "running"])
            ),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether the person may still confirm it, or try again what failed."""
        waits = self.state in {ToolUse.State.PROPOSED, ToolUse.State.FAILED}
        return waits and self.created_at > timezone.now() - LIFE

    @property
    def shown_state(self) -> str:
        """The state as it is for people: one that waited too long has expired, also before that is on record."""
        return ToolUse.State.EXPIRED if self.state == ToolUse.State.PROPOSED and not self.is_open else self.state

    @property
    def outcome_html(self) -> SafeString:
        """The result in words. Another system said it: what is not plain Markdown is escaped."""
        return chips(render(self.outcome, Cites(self.request_id, frozenset())), self.values)

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The real values behind its placeholders, by which the person reads it; for nobody else."""
        texts = (self.result, self.outcome, self.error, *(str(value) for _title, value in self.shown))
        if self.message_id is None or not any(map(PLACEHOLDER.search, texts)):
            return {}
        conversation = Message.objects.values_list("conversation_id", flat=True).get(pk=self.message_id)
        return values_of(str(conversation))

    @property
    def latency_ms(self) -> int | None:
        """How long the call itself took; None for one that was not made, or is not over."""
        if not self.started_at or not self.finished_at:
            return None
        return round((self.finished_at - self.started_at).total_seconds() * 1000)
