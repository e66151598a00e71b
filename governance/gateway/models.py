"""What each call to a model cost and how it went."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Inference(models.Model):
    """One attempt at one provider. Everything the money and quality figures are made of."""

    class Status(models.TextChoices):
        SUCCESS = "success"
        ERROR = "error"
        CANCELLED = "cancelled"

    request_id = models.UUIDField(editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    purpose = models.CharField(max_length=30, editable=False)
    provider = models.CharField(max_length=60, editable=False)
    model = models.CharField(max_length=120, editable=False)
    prompt_version = models.CharField(max_length=60, blank=True, editable=False)
    input_tokens = models.PositiveIntegerField(default=0, editable=False)
    output_tokens = models.PositiveIntegerField(default=0, editable=False)
    latency_ms = models.PositiveIntegerField(default=0, editable=False)
    ttft_ms = models.PositiveIntegerField(null=True, editable=False)
    cost_usd = models.DecimalField(
        max_digits=14,
        decimal_places=8,
        null=True,
        editable=False,
        help_text="Empty when the model has no price.",
    )
    status = models.CharField(max_length=10, choices=Status, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "model call"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["success", "error", "cancelled"]),
                name="inference_status_known",
            )
        ]
        indexes = [
            models.Index(fields=["request_id"], name="inference_of_request"),  # the trace of one answer
            models.Index(fields=["-created_at"], name="inference_newest_first"),  # the console: newest first
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model} {self.status}"
