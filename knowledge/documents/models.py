"""Documents and their immutable versions."""

import uuid
from datetime import date, timedelta
from pathlib import PurePath
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from governance.access.audience import EVERYONE, Audience
from governance.access.models import User
from knowledge.audience.models import Collection

STALLED_AFTER = timedelta(seconds=30)
"""Six times the longest time that a living worker lets pass without a sign of life."""


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, audience: Audience) -> Self:
        """Documents whose own audience, or whose collection's, holds the person, and those the person owns."""
        in_group = Exists(
            Document.groups.through.objects.filter(document_id=OuterRef("pk"), group_id__in=audience.group_ids)
        )
        own = Q(inherits_audience=False) & (Q(for_everyone=True) | in_group)
        inherited = Q(inherits_audience=True, collection__in=Collection.objects.visible_to(audience))
        mine = Q(owner_id=audience.user_id) if audience.user_id is not None else Q(pk__in=[])
        return self.filter(own | inherited | mine)

    def in_force(self, day: date | None = None) -> Self:
        """Documents that apply on `day` (default: today) and that no other document has taken the place of."""
        day = day or timezone.localdate()
        begun = Q(valid_from=None) | Q(valid_from__lte=day)
        not_over = Q(valid_until=None) | Q(valid_until__gte=day)
        return self.filter(begun, not_over, superseded_by=None)

    def due_for_review(self, day: date | None = None) -> Self:
        return self.filter(review_on__lte=day or timezone.localdate())


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
    collection = models.ForeignKey(Collection, models.PROTECT, null=True, blank=True, related_name="documents")
    inherits_audience = models.BooleanField(default=False, help_text="Who may see it is decided by its collection.")
    for_everyone = models.BooleanField(default=False, help_text="Every signed-in person may see it.")
    groups = models.ManyToManyField(Group, blank=True, related_name="documents", help_text="Who may see it.")
    valid_from = models.DateField(null=True, blank=True, help_text="The first day on which it applies.")
    valid_until = models.DateField(null=True, blank=True, help_text="The last day on which it applies.")
    review_on = models.DateField(null=True, blank=True, help_text="From this day on its owner should look it through.")
    reminded_on = models.DateField(null=True, editable=False, help_text="When the owner was last asked to.")
    superseded_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="supersedes",
        help_text="The document that has taken its place.",
    )
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
        constraints = [
            models.CheckConstraint(
                condition=Q(inherits_audience=False) | Q(collection__isnull=False, for_everyone=False),
                name="document_inherits_from_a_collection",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="document_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by=None) | ~Q(superseded_by=F("id")), name="document_not_superseded_by_itself"
            ),
        ]
        indexes = [
            # search: is the audience small? Documents for everyone, before the others
            models.Index(fields=["for_everyone"], name="document_for_everyone", condition=Q(for_everyone=True)),
            # what is due for review, for the reminders
            models.Index(fields=["review_on"], name="document_due", condition=Q(review_on__isnull=False)),
        ]
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def audience_holder(self) -> "Document | Collection":
        """Whose `for_everyone` and `groups` decide who may see it (its owner always may)."""
        return self.collection if self.inherits_audience and self.collection else self

    @property
    def grants(self) -> list[int]:
        """Who may see it, as numbers that meet `Audience.grants`; its owner's among them."""
        holder = self.audience_holder
        groups = sorted(group.pk for group in holder.groups.all())
        owner = [-self.owner_id] if self.owner_id is not None else []
        return [*([EVERYONE] if holder.for_everyone else []), *groups, *owner]

    @property
    def audience_names(self) -> list[str]:
        holder = self.audience_holder
        return ["Everyone"] if holder.for_everyone else sorted(group.name for group in holder.groups.all())

    def is_in_force(self, day: date | None = None) -> bool:
        """The same for one document as `in_force` for many."""
        day = day or timezone.localdate()
        begun = self.valid_from is None or self.valid_from <= day
        over = self.valid_until is not None and self.valid_until < day
        return begun and not over and self.superseded_by_id is None

    @property
    def contact(self) -> str:
        """The person to ask about this document, as words; empty when there is none, or none who is still here."""
        return f"{self.owner} ({self.owner.email})" if self.owner and self.owner.is_active else ""


class VersionQuerySet(models.QuerySet["DocumentVersion"]):
    def visible_to(self, audience: Audience) -> Self:
        return self.filter(document__in=Document.objects.visible_to(audience))

    def unfinished(self) -> Self:
        return self.filter(state__in=DocumentVersion.UNFINISHED)


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
    title = models.CharField(max_length=300, blank=True, help_text="The title found in the file.")
    text = models.TextField(blank=True)
    blocks = models.JSONField(default=list, help_text="[kind, start, end, level, page] of each block of the text.")
    page_count = models.PositiveIntegerField(null=True)
    empty_pages = ArrayField(models.PositiveIntegerField(), default=list)
    ocr_pages = ArrayField(models.PositiveIntegerField(), default=list, help_text="Pages read by text recognition.")
    table_count = models.PositiveIntegerField(default=0)
    masked_count = models.PositiveIntegerField(
        default=0, help_text="Values masked in the text; then the file is only for those who administer documents."
    )
    language = models.CharField(max_length=20, default="english", help_text="Name of its stemmer in PostgreSQL.")
    questions = ArrayField(models.CharField(max_length=300), default=list, help_text="Questions it can answer.")
    looked_around_at = models.DateTimeField(null=True, help_text="When it was compared with the other documents.")
    released_at = models.DateTimeField(null=True, help_text="When a person let a quarantined version through.")
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, help_text="When a worker last took it up.")
    retry_at = models.DateTimeField(null=True, help_text="Not before this moment is it tried again.")
    attempts = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True)

    position: int | None = None
    """Its place in the queue, where a page has asked for it."""

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
            # the sweeper: versions in work by last sign of life
            models.Index(
                fields=["heartbeat_at"],
                name="document_version_unfinished",
                condition=Q(state__in=["queued", "parsing", "embedding"]),
            ),
            # the worker: the oldest file of each person
            models.Index(
                fields=["uploaded_by", "created_at", "id"], name="document_version_queue", condition=Q(state="queued")
            ),
            # the worker: who was served last
            models.Index(fields=["started_at"], name="document_version_served"),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.document} v{self.number}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    def file_is_open_to(self, user: User) -> bool:
        """Whether somebody who may read the document may have the file, too: not where its text hides something."""
        return not self.masked_count or user.has_perm("knowledge.change_document")

    def page_at(self, position: int) -> int | None:
        """The page on which the character at `position` of the text stands; None in a document without pages."""
        pages = [page for _, start, end, _, page in self.blocks if start <= position < end]
        return pages[0] if pages else None
