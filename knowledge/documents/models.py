"""Documents, their immutable versions, and the chunks that search finds."""

import uuid
from datetime import timedelta
from pathlib import PurePath
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from pgvector.django import HalfVectorField, HnswIndex

from governance.access.audience import Audience

EMBEDDING_DIMENSION = 384
STALLED_AFTER = timedelta(seconds=90)
"""Longer than the longest time that may pass without a sign of life: reading one file (`parse_timeout_s`)."""


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, audience: Audience) -> Self:
        """Documents for everyone, for one of the audience's groups, or owned by the person."""
        in_group = Exists(
            Document.groups.through.objects.filter(document_id=OuterRef("pk"), group_id__in=audience.group_ids)
        )
        mine = Q(owner_id=audience.user_id) if audience.user_id is not None else Q(pk__in=[])
        return self.filter(Q(for_everyone=True) | in_group | mine)


class Document(models.Model):
    """One document as people know it: a title, an owner, an audience. What it says is in its versions."""

    title = models.CharField(max_length=300)
    path = models.CharField(
        max_length=500,
        unique=True,
        help_text="Where it came from: the file's name or its path below the import.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_documents",
        help_text="The person to ask when the document does not answer.",
    )
    for_everyone = models.BooleanField(default=False, help_text="Every signed-in person may see it.")
    groups = models.ManyToManyField(Group, blank=True, related_name="documents", help_text="Who may see it.")
    current = models.ForeignKey(
        "DocumentVersion",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The version that search and answers use.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def audience_names(self) -> list[str]:
        return ["Everyone"] if self.for_everyone else sorted(group.name for group in self.groups.all())

    @property
    def contact(self) -> str:
        """The person to ask about this document, as words."""
        return f"{self.owner} ({self.owner.email})" if self.owner else ""


class VersionQuerySet(models.QuerySet["DocumentVersion"]):
    def visible_to(self, audience: Audience) -> Self:
        return self.filter(document__in=Document.objects.visible_to(audience))

    def unfinished(self) -> Self:
        return self.filter(state__in=DocumentVersion.UNFINISHED)

    def stalled(self) -> Self:
        """Versions whose work was begun or queued, and of which nothing was heard for a while."""
        return self.unfinished().filter(heartbeat_at__lt=timezone.now() - STALLED_AFTER)


def upload_path(version: "DocumentVersion", filename: str) -> str:
    """A random folder per version: no name given by a person ever becomes a path of ours."""
    return f"documents/{uuid.uuid4().hex}/file{PurePath(filename).suffix.lower()[:10]}"


class DocumentVersion(models.Model):
    """One file of a document, as it was uploaded, and the text read from it. Never changed once ready."""

    class State(models.TextChoices):
        QUEUED = "queued"
        PARSING = "parsing"
        EMBEDDING = "embedding"
        READY = "ready"
        FAILED = "failed"

    UNFINISHED = (State.QUEUED, State.PARSING, State.EMBEDDING)

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to=upload_path, max_length=200)
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    error = models.CharField(max_length=500, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    blocks = models.JSONField(default=list, help_text="[kind, start, end, level, page] of each block of the text.")
    page_count = models.PositiveIntegerField(null=True)
    empty_pages = ArrayField(models.PositiveIntegerField(), default=list)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_number_unique"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "parsing", "embedding", "ready", "failed"]),
                name="document_version_state_known",
            ),
            models.CheckConstraint(condition=~Q(state="ready") | ~Q(text=""), name="document_version_ready_has_text"),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="document_version_failed_has_reason"
            ),
        ]
        indexes = [
            # the sweeper: unfinished versions by last sign of life
            models.Index(
                fields=["heartbeat_at"],
                name="document_version_unfinished",
                condition=Q(state__in=["queued", "parsing", "embedding"]),
            ),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.document} v{self.number}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    def page_at(self, position: int) -> int | None:
        """The page on which the character at `position` of the text stands; None in a document without pages."""
        pages = [page for _, start, end, _, page in self.blocks if start <= position < end]
        return pages[0] if pages else None

    def back_to_queue(self) -> bool:
        """Free an unfinished version for another worker; False if it moved on since it was read."""
        return bool(
            DocumentVersion.objects.filter(pk=self.pk, state=self.state, heartbeat_at=self.heartbeat_at).update(
                state=self.State.QUEUED, heartbeat_at=timezone.now()
            )
        )


class Chunk(models.Model):
    """
    A piece of one version, small enough to embed.

    `version.text[start:end] == text`. `context` is the document's title and the heading path: it is embedded and
    indexed with the text, and outlives a later change of the title.
    """

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    heading = models.CharField(max_length=1000, blank=True)
    context = models.CharField(max_length=1400)
    text = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True)
    tokens = models.PositiveIntegerField()
    embedding = HalfVectorField(dimensions=EMBEDDING_DIMENSION)
    search = models.GeneratedField(
        expression=SearchVector("context", weight="A", config="english")
        + SearchVector("text", weight="D", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "ordinal"], name="chunk_ordinal_unique"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="chunk_span_not_empty"),
        ]
        indexes = [
            GinIndex(fields=["search"], name="chunk_by_words"),  # search: the keyword ranking
            # search: the vector ranking
            HnswIndex(
                fields=["embedding"],
                name="chunk_by_meaning",
                m=16,
                ef_construction=64,
                opclasses=["halfvec_cosine_ops"],
            ),
        ]
        ordering = ["version_id", "ordinal"]

    def __str__(self) -> str:
        return f"{self.version} #{self.ordinal}"
