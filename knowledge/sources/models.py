"""Where documents come from again and again: a folder, or pages of the web."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from knowledge.audience.models import Collection
from knowledge.documents.models import Document


class Source(models.Model):
    """
    A folder or a list of web addresses that documents are kept in step with.

    `address` is the folder, or the sitemap's address; a list of addresses stands in `urls`, one a line.
    """

    class Kind(models.TextChoices):
        FOLDER = "folder"
        SITEMAP = "sitemap"
        URLS = "urls", "List of addresses"

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.CharField(max_length=1000, blank=True)
    urls = models.TextField(blank=True, help_text="One address a line.")
    collection = models.ForeignKey(Collection, models.PROTECT, null=True, blank=True, related_name="sources")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    every_hours = models.PositiveIntegerField(null=True, blank=True, help_text="Left empty, only when asked to.")
    synced_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="urls") & ~Q(urls="") | Q(kind__in=["folder", "sitemap"]) & ~Q(address=""),
                name="source_has_an_address",
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_due(self) -> bool:
        """Whether the time has come to sync it again; never for one that is synced only when asked to."""
        if self.every_hours is None:
            return False
        return self.synced_at is None or self.synced_at + timedelta(hours=self.every_hours) <= timezone.now()


class SourceItem(models.Model):
    """
    One file or page of a source, and what is known of it since the last time.

    `address` is what it is known by; a card number or key in it is masked, so a page is not fetched by it.

    `etag` tells whether it has changed: what the server calls its state, a hash where the server has no name for it,
    or a file's size and time. An item that has one but no document is out because a person deleted the document.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="items")
    address = models.CharField(max_length=2000)
    document = models.ForeignKey(Document, models.SET_NULL, null=True, related_name="source_items")
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=500, blank=True)
    gone_since = models.DateTimeField(null=True, help_text="When the site first said that the page is gone.")
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "address"], name="source_item_address_unique")]
        ordering = ["source_id", "address"]
        verbose_name = "file or page"
        verbose_name_plural = "files and pages"

    def __str__(self) -> str:
        return self.address
