"""Which models there are, and what each call to one cost and how it went."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from askacme.lib.sealed import SealedField


class ModelProvider(models.Model):
    """A server that answers for models. Providers are tried in the order of their positions."""

    class Kind(models.TextChoices):
        OPENAI = "openai", "OpenAI-compatible"
        ANTHROPIC = "anthropic", "Anthropic"
        READER = "reader", "Built-in reader"

    name = models.SlugField(max_length=60, unique=True, help_text="How it is called in lists and figures.")
    kind = models.CharField(max_length=10, choices=Kind)
    base_url = models.CharField(
        "base URL",
        blank=True,
        max_length=300,
        validators=[URLValidator(["http", "https"])],
        help_text="The part before /chat/completions or /v1/messages; empty is Anthropic's own address.",
    )
    api_key = SealedField()
    api_version = models.CharField("API version", max_length=30, blank=True, help_text="Only for Azure.")
    fast_model = models.CharField(max_length=120, blank=True, help_text="The provider's own name of its cheap model.")
    strong_model = models.CharField(max_length=120, blank=True, help_text="For questions that need more thought.")
    backup_model = models.CharField(max_length=120, blank=True, help_text="Asked only when all the others fail.")
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest is tried first.")
    is_active = models.BooleanField("active", default=True)
    streams = models.BooleanField(default=True, help_text="Off for servers that can only answer in one piece.")
    timeout_s = models.FloatField(
        "patience",
        default=30,
        validators=[MinValueValidator(0.1)],
        help_text="Seconds to wait for the first word, and between words.",
    )
    hedge_after_s = models.FloatField(
        "ask a second one after",
        null=True,
        blank=True,
        validators=[MinValueValidator(0.05)],
        help_text="Seconds without a first word after which the next model is asked too; empty never does.",
    )
    context_tokens = models.PositiveIntegerField(
        "context window", null=True, blank=True, help_text="Tokens; empty if unknown."
    )
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="What the provider allows; calls are paced to stay below."
    )
    tokens_per_minute = models.PositiveIntegerField(null=True, blank=True)
    max_concurrent = models.PositiveIntegerField("calls at once", null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="reader") | ~(Q(fast_model="") & Q(strong_model="") & Q(backup_model="")),
                name="modelprovider_has_a_model",
            ),
            models.CheckConstraint(
                condition=~Q(kind="openai") | ~Q(base_url=""), name="modelprovider_openai_has_an_address"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.kind != self.Kind.READER and not (self.fast_model or self.strong_model or self.backup_model):
            raise ValidationError({"fast_model": "Name at least one model."})
        if self.kind == self.Kind.OPENAI and not self.base_url:
            raise ValidationError({"base_url": "An OpenAI-compatible server needs its address."})


class Inference(models.Model):
    """One attempt at one model: a span of the trace that `request_id` names. All figures are made of these."""

    class Status(models.TextChoices):
        SUCCESS = "success"
        ERROR = "error"
        CANCELLED = "cancelled"

    class Reason(models.TextChoices):
        """Why this attempt was made."""

        FIRST = "first"
        RETRY = "retry"  # the same model once more
        NEXT = "next"  # the one before is down, limited or broke
        LARGER_WINDOW = "larger_window"
        STRONGER = "stronger"  # the one before refused
        HEDGE = "hedge"  # the one before is slow

    request_id = models.UUIDField(editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    purpose = models.CharField(max_length=30, editable=False)
    attempt = models.PositiveSmallIntegerField(default=1, editable=False, help_text="Counted within one call.")
    reason = models.CharField(max_length=15, choices=Reason, default=Reason.FIRST, editable=False)
    provider = models.CharField(max_length=60, editable=False)
    model = models.CharField(max_length=120, editable=False)
    tier = models.CharField(max_length=8, default="fast", editable=False)
    prompt_version = models.CharField(max_length=60, blank=True, editable=False)
    input_tokens = models.PositiveIntegerField(default=0, editable=False)
    cached_input_tokens = models.PositiveIntegerField(default=0, editable=False)
    output_tokens = models.PositiveIntegerField(default=0, editable=False)
    is_estimated = models.BooleanField(default=False, editable=False, help_text="The provider sent no usage.")
    waited_ms = models.PositiveIntegerField(default=0, editable=False, help_text="In line, before the call.")
    latency_ms = models.PositiveIntegerField(default=0, editable=False)
    ttft_ms = models.PositiveIntegerField(null=True, editable=False)
    cost_usd = models.DecimalField(
        max_digits=14,
        decimal_places=8,
        null=True,
        editable=False,
        help_text="Empty when the model has no price.",
    )
    all_strong_usd = models.DecimalField(
        max_digits=14,
        decimal_places=8,
        null=True,
        editable=False,
        help_text="What the first strong model would have cost for the same tokens.",
    )
    status = models.CharField(max_length=10, choices=Status, editable=False)
    fault = models.CharField(max_length=20, blank=True, editable=False)
    http_status = models.PositiveSmallIntegerField(null=True, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    rate_limits = models.JSONField(default=dict, editable=False, help_text="The provider's rate-limit headers.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "model call"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["success", "error", "cancelled"]), name="inference_status_known"
            ),
            models.CheckConstraint(
                condition=Q(cached_input_tokens__lte=F("input_tokens")), name="inference_cached_within_input"
            ),
        ]
        indexes = [
            models.Index(fields=["request_id"], name="inference_of_request"),  # the trace of one answer
            models.Index(fields=["-created_at"], name="inference_newest_first"),  # the console: newest first
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model} {self.status}"
