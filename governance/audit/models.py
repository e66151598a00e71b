"""What was done, by whom, to what."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One administrative act. Rows are only ever added."""

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    actor_email = models.CharField(max_length=254, blank=True, editable=False)
    action = models.CharField(max_length=60, editable=False)
    target = models.CharField(max_length=200, editable=False)
    details = models.JSONField(default=dict, editable=False)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="audit_newest_first")]  # the audit screen: newest first
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.actor_email or 'system'} {self.action} {self.target}"
