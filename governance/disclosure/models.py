"""Break-glass: who read whose conversation, when, and why."""

import uuid
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from governance.access.models import User

MIN_REASON_CHARS = 20
MAX_REASON_CHARS = 500
OPEN_FOR = timedelta(minutes=30)


def in_a_while() -> datetime:
    return timezone.now() + OPEN_FOR


class ReadingQuerySet(models.QuerySet["Reading"]):
    def visible_to(self, user: User) -> Self:
        """Those of the person's own conversations: whoever was read may know."""
        return self.filter(owner=user).select_related("reader")

    def open_for(self, reader: User) -> Self:
        """Those in which the reader may still look."""
        return self.filter(reader=reader, ends_at__gt=timezone.now())

    def of_answer(self, request_id: UUID) -> Self:
        return self.filter(request_ids__contains=[request_id])


class Reading(models.Model):
    """
    One conversation, opened to one reader for a while, for a reason that its owner reads as well.

    Opened are the answers that there were at that moment. The row outlives the conversation: that it was read stays
    true, so there is no key to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    conversation_id = models.UUIDField(
        null=True, editable=False, help_text="Empty: it was deleted, and one answer of it is left on record."
    )
    request_ids = ArrayField(models.UUIDField(), editable=False, help_text="The answers that were opened.")
    reason = models.CharField(max_length=MAX_REASON_CHARS, editable=False)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_at = models.DateTimeField(default=in_a_while, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False, help_text="When the owner first read of it.")

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "break-glass reading"
        default_permissions = ("view",)
        permissions = [("break_glass", "Can read a conversation of somebody else after giving a reason")]
        constraints = [
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length("reason"), MIN_REASON_CHARS), name="reading_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="reading_ends_after_it_began"),
            models.CheckConstraint(condition=~Q(reader=F("owner")), name="reading_of_somebody_else"),
        ]
        indexes = [
            models.Index(fields=["owner", "-opened_at"], name="reading_newest_of_owner"),  # who read my conversations?
            models.Index(fields=["reader", "-ends_at"], name="reading_open_of_reader"),  # may they still look?
        ]
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return f"{self.reader or 'somebody who is gone'} read {self.owner}"

    @property
    def is_open(self) -> bool:
        return self.ends_at > timezone.now()
