"""
What search looks into: chunks and their vectors, once per search index.

A search index is a way of embedding (model, dimension) and of chunking. One is live; another can be built beside it,
compared, and cut over to.
"""

import hashlib

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from pgvector.django import HalfVectorField

from knowledge.documents.models import Document, DocumentVersion


class SearchIndex(models.Model):
    """A way of chunking and embedding all documents. Searches use the live one."""

    class State(models.TextChoices):
        BUILDING = "building"
        STANDBY = "standby"
        LIVE = "live"
        DROPPED = "dropped", "being dropped"

    number = models.PositiveSmallIntegerField(primary_key=True)
    model = models.CharField(max_length=100)
    dimension = models.PositiveSmallIntegerField()
    max_tokens = models.PositiveSmallIntegerField(help_text="Largest chunk, its title and headings included.")
    state = models.CharField(max_length=10, choices=State, default=State.BUILDING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    live_since = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=500, blank=True, default="", db_default="", help_text="Why building stopped.")
    languages = ArrayField(models.CharField(max_length=20), default=list, editable=False, help_text="Stemmers in use.")
    chunk_count = models.PositiveIntegerField(default=0, editable=False, help_text="Chunks that can be found.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], name="search_index_one_is_live", condition=Q(state="live")),
            models.CheckConstraint(
                condition=Q(state__in=["building", "standby", "live", "dropped"]), name="search_index_state_known"
            ),
        ]
        ordering = ["number"]
        verbose_name_plural = "search indexes"

    def __str__(self) -> str:
        return f"Index {self.number} ({self.model})"


class Chunk(models.Model):
    """
    A piece of one version, small enough to embed.

    `version.text[start:end] == text`. `context` is the document's title and the heading path: it is embedded and
    indexed with the text, and outlives a later change of the title. `corrected` is what a person wrote in its place;
    a disabled chunk is never found.
    """

    index = models.ForeignKey(SearchIndex, models.CASCADE, related_name="chunks", db_index=False)
    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    heading = models.CharField(max_length=1000, blank=True)
    context = models.CharField(max_length=1400)
    text = models.TextField()
    corrected = models.TextField(blank=True)
    disabled = models.BooleanField(default=False)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True)
    tokens = models.PositiveIntegerField()
    search = SearchVectorField(help_text="Stems of the title (A), the headings (B) and the text (D).")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "index", "ordinal"], name="chunk_ordinal_unique"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="chunk_span_not_empty"),
        ]
        indexes = [GinIndex(fields=["search"], name="chunk_by_words", fastupdate=False)]  # search: rare words
        ordering = ["version_id", "ordinal"]

    def __str__(self) -> str:
        return f"{self.version} #{self.ordinal}"

    @property
    def passage(self) -> str:
        """What people read and models get: the text, or what a person put in its place."""
        return self.corrected or self.text


def content_hash(embedded: str) -> bytes:
    """Names a vector: the same text, embedded by the same model, has the same one. 16 bytes of SHA-256."""
    return hashlib.sha256(embedded.encode()).digest()[:16]


class Block(models.Model):
    """
    Neighbouring chunks of a version, and the mean of their vectors.

    Where an audience is neither small nor broad, the nearest blocks are found first, and only their chunks compared:
    what stands together in a document is mostly about the same.
    """

    index = models.ForeignKey(SearchIndex, models.CASCADE, related_name="blocks", db_index=False)
    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="+")
    centroid = HalfVectorField()

    def __str__(self) -> str:
        return f"Block {self.pk} of {self.version}"


class Vector(models.Model):
    """
    The embedding of a chunk: narrow rows, so that many can be compared in little time.

    `grants` repeats who may see the document, as numbers (see `Audience.grants`): the vector ranking filters by it,
    and what it finds is held against the documents themselves. A vector without a chunk belongs to an older version
    of the document: the same text is not embedded again. `words` are the vectors of its words, 48 bytes each.
    """

    index = models.ForeignKey(SearchIndex, models.CASCADE, related_name="vectors", db_index=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="vectors")
    version = models.ForeignKey(DocumentVersion, models.SET_NULL, null=True, related_name="vectors")
    block = models.ForeignKey(Block, models.SET_NULL, null=True, related_name="vectors")
    chunk = models.OneToOneField(Chunk, models.SET_NULL, null=True, related_name="vector")
    content_hash = models.BinaryField(max_length=16)
    grants = ArrayField(models.IntegerField(), default=list)
    embedding = HalfVectorField()
    words = models.BinaryField(default=bytes)

    class Meta:
        # Beside these: one HNSW index for each search index, see `indexes.py`.
        indexes = [models.Index(fields=["index", "content_hash"], name="vector_by_content")]  # embedding: known texts

    def __str__(self) -> str:
        return f"Vector of {self.chunk}"


class ChunkEdit(models.Model):
    """
    A passage that a person corrected or disabled.

    It belongs to the passage's text, not to a chunk: wherever `original` stands in a later version, it holds again.
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="chunk_edits")
    original = models.TextField()
    corrected = models.TextField(blank=True)
    disabled = models.BooleanField(default=False)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled=True) | ~Q(corrected=""), name="chunk_edit_corrects_or_disables"
            ),
        ]
        ordering = ["document_id", "id"]

    def __str__(self) -> str:
        return f"{'Disabled' if self.disabled else 'Corrected'}: {self.original[:40]}"
