"""What was noticed about a version when it was read: its health card's findings."""

from django.db import models
from django.db.models import Q

from knowledge.documents.models import Document, DocumentVersion


class Finding(models.Model):
    """One thing about a version that a person should know."""

    class Kind(models.TextChoices):
        HIDDEN_TEXT = "hidden_text", "Hidden text"
        INSTRUCTIONS = "instructions", "Instructions to a model"
        PERSONAL_DATA = "personal_data", "Personal data"
        SECRET = "secret", "Secrets"
        NEAR_DUPLICATE = "near_duplicate", "Nearly the same as another document"
        CONFLICT = "conflict", "Says something else than another document"
        EMPTY_PAGES = "empty_pages", "Pages without text"
        RECOGNISED = "recognised", "Text recognised in pictures"

    class Severity(models.TextChoices):
        NOTE = "note"
        WARNING = "warning"
        QUARANTINE = "quarantine"

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=20, choices=Kind)
    severity = models.CharField(max_length=10, choices=Severity)
    message = models.CharField(max_length=500)
    excerpt = models.CharField(max_length=500, blank=True, help_text="The words it is about.")
    other_excerpt = models.CharField(max_length=500, blank=True, help_text="The words in the other document.")
    other = models.ForeignKey(Document, models.CASCADE, null=True, related_name="+", help_text="The other document.")
    page = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__in=["note", "warning", "quarantine"]), name="finding_severity_known"
            ),
        ]
        ordering = ["version_id", "id"]

    def __str__(self) -> str:
        return self.message
